public import LinearAlgebra
public import ModelFile
public import NeuralNetwork
public import Tabular

/// Turns a network's outputs into predictions and scores, in the units of the data.
public struct Scorer: Sendable {
    /// What the outputs mean.
    public enum Meaning: Sendable, Hashable {
        /// One output per class.
        case classes(Int)
        /// One output: the second of two classes against the first.
        case secondClass
        /// One output per yes-or-no question.
        case labels(Int)
        /// Values; output k stands for `y deviation[k] + mean[k]`.
        case values(means: [Double], deviations: [Double])
    }

    public let meaning: Meaning
    public let outputActivation: OutputActivation

    public init(_ meaning: Meaning, outputActivation: OutputActivation) {
        self.meaning = meaning
        self.outputActivation = outputActivation
    }

    /// How the score of the training pass is called.
    var trainingScoreName: String {
        switch meaning {
        case .classes, .secondClass, .labels: "accuracy"
        case .values: "mse"
        }
    }

    /// The names of what `metrics` may compute.
    var metricNames: [String] {
        switch meaning {
        case .classes(let classes):
            ["accuracy"] + (classes > 5 ? ["top_5_accuracy"] : []) + ["auc", "precision", "recall", "f1"]
        case .secondClass, .labels: ["accuracy", "auc", "precision", "recall", "f1"]
        case .values: ["mse", "mae", "rmse", "r2"]
        }
    }

    /// The score of a training pass, from its sum over the rows; `nil` where it has no meaning in the data's units.
    func trainingScore(sum: Double, rows: Int) -> Metric? {
        let count = Double(max(1, rows))
        switch meaning {
        case .classes:
            return outputActivation == .softmax ? Metric("accuracy", sum / count) : nil
        case .secondClass:
            return outputActivation == .sigmoid ? Metric("accuracy", sum / count) : nil
        case .labels(let labels):
            return outputActivation == .sigmoid ? Metric("accuracy", sum / count / Double(labels)) : nil
        case .values(_, let deviations):
            guard let deviation = deviations.first, deviations.allSatisfy({ $0 == deviation }) else { return nil }
            return Metric("mse", sum / count / Double(deviations.count) * deviation * deviation)
        }
    }

    /// Predictions in place of outputs: probabilities where the last activation is softmax or sigmoid.
    public func activated(_ outputs: SharedBuffer<Float>, columns: Int) -> [Float] {
        guard outputs.count > 0 else { return [] }
        let view = MatrixView(outputs.base, rows: outputs.count / columns, columns: columns)
        let memory = SharedBuffer<Float>(count: outputs.count)
        return withExtendedLifetime((outputs, memory)) { activated(view, in: memory).matrix.elements }
    }

    /// The same, where they lie or in `memory`.
    func activated(_ outputs: MatrixView, in memory: SharedBuffer<Float>) -> MatrixView {
        precondition(outputs.count <= memory.count, "There is no room for \(outputs.count) predictions")
        let predictions = MutableMatrixView(memory.base, rows: outputs.rows, columns: outputs.columns)
        switch outputActivation {
        case .linear: return outputs
        case .softmax: softmax(outputs, into: predictions)
        case .sigmoid:
            // As one row: loops go over the columns.
            ElementwiseFunction.sigmoid.apply(
                to: MatrixView(outputs.base, rows: 1, columns: outputs.count),
                into: MutableMatrixView(memory.base, rows: 1, columns: outputs.count))
        }
        return predictions.readOnly
    }

    /// Scores that rank classes: rows x classes.
    public func classScores(_ outputs: SharedBuffer<Float>) -> [Float] {
        switch meaning {
        case .secondClass:
            let second = activated(outputs, columns: 1)
            return second.flatMap { outputActivation == .sigmoid ? [1 - $0, $0] : [0.5, $0] }
        case .classes(let classes):
            return activated(outputs, columns: classes)
        case .labels(let count):
            return activated(outputs, columns: count)
        case .values:
            return []
        }
    }

    /// Values in the data's units: rows x outputs.
    public func values(_ outputs: SharedBuffer<Float>) -> [Double] {
        guard case .values(let means, let deviations) = meaning else { return [] }
        let activated = activated(outputs, columns: means.count)
        return activated.enumerated().map { index, value in
            Double(value) * deviations[index % means.count] + means[index % means.count]
        }
    }

    /// The metrics of the selected rows, given their outputs.
    public func metrics(outputs: SharedBuffer<Float>, of selection: SampleSelection) -> [Metric] {
        score(outputs, of: selection, countsConfusion: false).metrics
    }

    /// The confusion matrix of a classifier; `nil` for other tasks.
    public func confusion(outputs: SharedBuffer<Float>, of selection: SampleSelection) -> [[Int]]? {
        score(outputs, of: selection, countsConfusion: true).confusion
    }

    private func score(
        _ outputs: SharedBuffer<Float>, of selection: SampleSelection, countsConfusion: Bool
    ) -> Score {
        precondition(
            outputs.count == selection.count * meaning.outputCount,
            "There are \(meaning.outputCount) outputs for every row")
        var tally = ScoreTally(self, loss: nil, countsConfusion: countsConfusion)
        tally.expect(rows: selection.count)
        for first in stride(from: 0, to: selection.count, by: ScoreTally.blockRows) {
            let rows = first..<min(first + ScoreTally.blockRows, selection.count)
            tally.take(
                outputs.base + first * meaning.outputCount, of: selection, rows: rows, at: first, roundRow: 0, worker: 0
            )
            for column in 0..<tally.sharedColumns { tally.raise(column: column, rows: 0..<rows.count) }
        }
        return tally.score()
    }
}
