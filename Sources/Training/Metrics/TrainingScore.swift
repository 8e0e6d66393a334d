internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

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

    /// Why targets of a form cannot be compared with so many outputs; `nil` when they can.
    func problem(with targets: Samples.TargetShape, outputs: Int) -> String? {
        switch (targets, self) {
        case (.none, _):
            return "the rows have no targets"
        case (.labels(let classes), .softmaxCrossEntropy):
            return classes <= outputs ? nil : "the targets have \(classes) classes, and the network \(outputs) outputs"
        case (.labels, _):
            return "this loss takes a value for every output, not class indices"
        case (.values(let columns), _):
            return columns == outputs ? nil : "the targets have \(columns) columns, and the network \(outputs) outputs"
        }
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
