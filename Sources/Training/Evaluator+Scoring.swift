internal import LinearAlgebra
public import ModelFile
public import NeuralNetwork
internal import Tabular

extension Evaluator {
    /// The loss and the metrics of rows. Of rows that are read part by part, their outputs and targets are in memory at
    /// once, but not their features.
    ///
    /// - Parameter isCancelled: Asked again and again, by any worker.
    /// - Throws: what reading them throws, and `CancellationError` when `isCancelled` said so.
    public func score(
        _ data: any ScoringData, loss: Loss, scorer: Scorer, isCancelled: @Sendable () -> Bool = { false }
    ) throws -> (loss: Double, metrics: [Metric]) {
        func check() throws {
            if isCancelled() { throw CancellationError() }
        }
        if let selection = data as? SampleSelection {
            let outputs = outputs(selection, isCancelled: isCancelled)
            try check()
            return score(outputs, of: selection, loss: loss, scorer: scorer)
        }
        let outputs = SharedBuffer<Float>(count: data.rowCount * outputCount)
        var answers = CollectedAnswers(rows: data.rowCount, shape: data.targetShape)
        var first = 0
        try data.forEachPart { part in
            precondition(first + part.count <= data.rowCount, "There are more rows than were counted")
            let own = self.outputs(part, at: first, isCancelled: isCancelled)
            try check()
            (outputs.base + first * outputCount).update(from: own.base, count: own.count)
            answers.append(part)
            first += part.count
        }
        precondition(first == data.rowCount, "There are fewer rows than were counted")
        return score(outputs, of: SampleSelection(answers.samples), loss: loss, scorer: scorer)
    }

    private func score(
        _ outputs: SharedBuffer<Float>, of selection: SampleSelection, loss: Loss, scorer: Scorer
    ) -> (loss: Double, metrics: [Metric]) {
        (
            self.loss(loss, outputs: outputs, of: selection), scorer.metrics(outputs: outputs, of: selection)
        )
    }
}

/// The targets and weights of rows that come in parts.
private struct CollectedAnswers {
    private let targets: Samples.Targets
    private var weights: SharedBuffer<Float>?
    private let rows: Int
    private var count = 0

    init(rows: Int, shape: Samples.TargetShape) {
        self.rows = rows
        targets =
            switch shape {
            case .labels(let classes): .labels(SharedBuffer(count: rows), classes: classes)
            case .values(let columns): .values(SharedBuffer(count: rows * columns), columns: columns)
            case .none: .none
            }
    }

    mutating func append(_ part: SampleSelection) {
        for position in 0..<part.count {
            let row = part.row(position)
            switch (part.samples.targets, targets) {
            case (.labels(let source, _), .labels(let target, _)): target.base[count] = source.base[row]
            case (.values(let source, let columns), .values(let target, _)):
                (target.base + count * columns).update(from: source.base + row * columns, count: columns)
            default: break
            }
            if let source = part.samples.weights {
                if weights == nil { weights = SharedBuffer(count: rows) }
                weights?.base[count] = source.base[row]
            }
            count += 1
        }
    }

    var samples: Samples {
        Samples(
            rowCount: rows, featureCount: 0, features: SharedBuffer(count: 0), targets: targets, weights: weights)
    }
}
