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
        let copy = SharedBuffer(outputs.elements)
        guard copy.count > 0 else { return [] }
        let view = MutableMatrixView(copy.base, rows: copy.count / columns, columns: columns)
        switch outputActivation {
        case .linear: break
        case .softmax: softmax(view.readOnly, into: view)
        case .sigmoid: ElementwiseFunction.sigmoid.apply(to: view.readOnly, into: view)
        }
        return copy.elements
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
        switch meaning {
        case .classes(let classes):
            return classMetrics(classScores(outputs), selection, classes: classes)
        case .secondClass:
            return classMetrics(classScores(outputs), selection, classes: 2)
        case .labels(let count):
            return labelMetrics(classScores(outputs), selection, count: count)
        case .values(let means, let deviations):
            guard case .values(let targets, let columns) = selection.samples.targets else { return [] }
            let inUnits = (0..<selection.count).flatMap { position in
                (0..<columns).map { column in
                    Double(targets.base[selection.row(position) * columns + column]) * deviations[column]
                        + means[column]
                }
            }
            let metrics = RegressionMetrics(predictions: values(outputs), targets: inUnits, outputs: columns)
            return [Metric("mse", metrics.mse), Metric("mae", metrics.mae), Metric("rmse", metrics.rmse)]
                + (metrics.r2.map { [Metric("r2", $0)] } ?? [])
        }
    }

    /// The confusion matrix of a classifier; `nil` for other tasks.
    public func confusion(outputs: SharedBuffer<Float>, of selection: SampleSelection) -> [[Int]]? {
        switch meaning {
        case .classes(let classes):
            ClassificationMetrics(
                scores: classScores(outputs), labels: labels(selection), classes: classes
            ).confusion
        case .secondClass:
            ClassificationMetrics(scores: classScores(outputs), labels: labels(selection), classes: 2).confusion
        case .labels, .values: nil
        }
    }

    private func labels(_ selection: SampleSelection) -> [Int] {
        switch selection.samples.targets {
        case .labels(let labels, _):
            (0..<selection.count).map { Int(labels.base[selection.row($0)]) }
        case .values(let values, let columns):
            (0..<selection.count).map { position in
                let first = selection.row(position) * columns
                if columns == 1 { return values.base[first] > 0.5 ? 1 : 0 }
                return (0..<columns).map { values.base[first + $0] }.largestIndex
            }
        case .none: []
        }
    }

    private func classMetrics(_ scores: [Float], _ selection: SampleSelection, classes: Int) -> [Metric] {
        let metrics = ClassificationMetrics(scores: scores, labels: labels(selection), classes: classes)
        return [Metric("accuracy", metrics.accuracy)]
            + (metrics.topFiveAccuracy.map { [Metric("top_5_accuracy", $0)] } ?? [])
            + (metrics.auc.map { [Metric("auc", $0)] } ?? [])
            + [
                Metric("precision", metrics.precision), Metric("recall", metrics.recall), Metric("f1", metrics.f1),
            ]
    }

    private func labelMetrics(_ scores: [Float], _ selection: SampleSelection, count: Int) -> [Metric] {
        guard case .values(let targets, _) = selection.samples.targets else { return [] }
        var each: [ClassificationMetrics] = []
        for column in 0..<count {
            let positive = (0..<selection.count).map { targets.base[selection.row($0) * count + column] > 0.5 ? 1 : 0 }
            let own = (0..<selection.count).flatMap { row in
                [1 - scores[row * count + column], scores[row * count + column]]
            }
            each.append(ClassificationMetrics(scores: own, labels: positive, classes: 2))
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
        let areas = each.compactMap(\.auc)
        return [Metric("accuracy", mean(each.map(\.accuracy)))] + (areas.isEmpty ? [] : [Metric("auc", mean(areas))])
            + [
                Metric("precision", mean(each.map(\.precision))), Metric("recall", mean(each.map(\.recall))),
                Metric("f1", mean(each.map(\.f1))),
            ]
    }
}
