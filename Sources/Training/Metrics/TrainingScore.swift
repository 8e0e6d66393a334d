internal import LinearAlgebra
internal import NeuralNetwork

extension Loss {
    /// What is counted while training, beside the loss.
    enum Score {
        /// The rows that are right.
        case correctRows
        /// The answers that are right, one per row and output.
        case correctAnswers
        /// Σ (y - t)², over rows and outputs.
        case squaredError
    }

    var score: Score {
        switch self {
        case .softmaxCrossEntropy, .crossEntropy: .correctRows
        case .binaryCrossEntropy: .correctAnswers
        case .meanSquaredError, .meanAbsoluteError, .huber, .halfSquaredError, .squaredError: .squaredError
        }
    }

    /// The score of one shard, summed.
    func score(_ outputs: MatrixView, targets: TargetView) -> Double {
        switch (score, targets) {
        case (.correctRows, .labels(let labels)): Double(ScoringKernel.correctRows(outputs, labels: labels))
        case (.correctRows, .values(let values)): Double(ScoringKernel.correctRows(outputs, distributions: values))
        case (.correctAnswers, .values(let values)): Double(ScoringKernel.correctAnswers(outputs, targets: values))
        case (.squaredError, .values(let values)): ScoringKernel.squaredError(outputs, targets: values)
        case (.correctAnswers, .labels), (.squaredError, .labels): 0
        }
    }
}
