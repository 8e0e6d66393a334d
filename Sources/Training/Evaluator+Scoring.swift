internal import LinearAlgebra
public import ModelFile
public import NeuralNetwork
internal import Tabular

extension Evaluator {
    /// The loss and the metrics of rows. Of rows that are read part by part, their outputs and targets are in memory at
    /// once, but not their features; each rank reads its share of them.
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
        let shares = (0..<communicator.rankCount).map { data.rows(inShare: $0, of: communicator.rankCount) }
        let share = shares[communicator.rank]
        var first = share.lowerBound
        try data.forEachPart(inShare: communicator.rank, of: communicator.rankCount) { part in
            precondition(first + part.count <= share.upperBound, "There are more rows than were counted")
            let own = self.outputs(part, at: first, isShared: false, isCancelled: isCancelled)
            try check()
            (outputs.base + first * outputCount).update(from: own.base, count: own.count)
            answers.put(part, at: first)
            first += part.count
        }
        precondition(first == share.upperBound, "There are fewer rows than were counted")
        if !communicator.isAlone {
            communicator.exchange(
                communicator.gathering(outputs) {
                    shares[$0].lowerBound * outputCount..<shares[$0].upperBound * outputCount
                })
            answers.gather(communicator, shares)
        }
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

    init(rows: Int, shape: Samples.TargetShape) {
        self.rows = rows
        targets =
            switch shape {
            case .labels(let classes): .labels(SharedBuffer(count: rows), classes: classes)
            case .values(let columns): .values(SharedBuffer(count: rows * columns), columns: columns)
            case .none: .none
            }
    }

    mutating func put(_ part: SampleSelection, at first: Int) {
        for position in 0..<part.count {
            let row = part.row(position)
            let place = first + position
            switch (part.samples.targets, targets) {
            case (.labels(let source, _), .labels(let target, _)): target.base[place] = source.base[row]
            case (.values(let source, let columns), .values(let target, _)):
                (target.base + place * columns).update(from: source.base + row * columns, count: columns)
            default: break
            }
            if let source = part.samples.weights {
                if weights == nil { weights = SharedBuffer(count: rows) }
                weights?.base[place] = source.base[row]
            }
        }
    }

    /// Brings together what the ranks have of their shares.
    mutating func gather(_ communicator: any Communicator, _ shares: [Range<Int>]) {
        switch targets {
        case .labels(let labels, _): communicator.exchange(communicator.gathering(labels) { shares[$0] })
        case .values(let values, let columns):
            communicator.exchange(
                communicator.gathering(values) { shares[$0].lowerBound * columns..<shares[$0].upperBound * columns })
        case .none: break
        }
        // A rank without rows does not know whether they have weights.
        guard communicator.union(weights == nil ? 0 : 1) != 0 else { return }
        let all = weights ?? SharedBuffer(count: rows)
        weights = all
        communicator.exchange(communicator.gathering(all) { shares[$0] })
    }

    var samples: Samples {
        Samples(
            rowCount: rows, featureCount: 0, features: SharedBuffer(count: 0), targets: targets, weights: weights)
    }
}
