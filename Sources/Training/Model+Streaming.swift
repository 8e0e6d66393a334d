internal import LinearAlgebra
public import ModelFile
public import NeuralNetwork
internal import Synchronization
public import Tabular

/// Some consecutive rows of a table, predicted.
public struct PredictedPart: Sendable {
    /// The position of the first in the table.
    public let firstRow: Int
    public let predictions: Predictions
    /// The texts of the columns that are passed on, a list for each, empty where a value is missing.
    public let kept: [[String]]
}

extension Model {
    /// The rows of a part: enough to keep all workers busy, and about 4 MiB of features. A multiple of the evaluator's
    /// blocks, so that a row stands in the same place of one whatever the size of the table.
    private var partRows: Int {
        let rows = (4 << 20) / (4 * max(1, graph.inputSize))
        return min(max(rows, 16 * Evaluator.blockRows), 128 * Evaluator.blockRows) / Evaluator.blockRows
            * Evaluator.blockRows
    }

    /// Predicts the rows of a table of any size, part by part in their order. While `body` has one part, the next are read
    /// and computed; a few parts are in memory at once.
    ///
    /// - Parameter columns: Columns whose texts come with the predictions.
    /// - Returns: sentences on what was odd about the rows.
    /// - Throws: `TableError` when the table does not fit the model, and what `body` throws.
    public func predict(
        _ source: any TableSource, keeping columns: [Int] = [], workers: Int = Processors.usable,
        _ body: (PredictedPart) throws -> Void
    ) throws -> [String] {
        let evaluator = Evaluator(graph, parameters: parameters, workers: workers)
        return try forEachPart(of: source, targets: false, keeping: columns) { part in
            PredictedPart(
                firstRow: part.firstRow,
                predictions: predictions(
                    evaluator.outputs(SampleSelection(part.samples)), rowCount: part.samples.rowCount),
                kept: part.kept)
        } body: {
            try body($0)
        }
    }

    /// How good the outputs are for the rows of a table of any size that have a target; a few parts of them are in memory at
    /// once.
    ///
    /// - Returns: the score, with the confusion matrix, and sentences on what was odd about the rows.
    /// - Throws: `TableError` when the table does not fit the model, and `TrainingError` when the loss does not.
    public func score(
        _ source: any TableSource, loss: Loss, workers: Int = Processors.usable
    ) throws -> (score: Score, notes: [String]) {
        let task = try encoding.map { encoding throws(TrainingError) in try TrainingTask(encoding, loss: loss) }
        let evaluator = Evaluator(graph, parameters: parameters, workers: workers)
        var tally = evaluator.tally(scorer, loss: loss, countsConfusion: true)
        let notes = try forEachPart(of: source, targets: true) { part in
            task?.adapt(part.samples) ?? adaptedByPosition(part.samples)
        } body: { samples in
            let places = tally.rowCount..<tally.rowCount + samples.rowCount
            tally.expect(rows: places.upperBound)
            evaluator.take(SampleSelection(samples), at: places.lowerBound, places: places, into: tally)
        }
        tally.gather(evaluator.communicator)
        return (tally.score(penalty: evaluator.penalty), notes)
    }

    /// Targets of a model without a schema, as its loss takes them.
    private func adaptedByPosition(_ samples: Samples) -> Samples {
        guard case .labels(let labels, _) = samples.targets, outputActivation == .sigmoid else { return samples }
        return samples.with(targets: .values(SharedBuffer(labels.elements.map { Float($0) }), columns: 1))
    }

    /// Reads on one thread, computes on another, and hands out the results on this one.
    private func forEachPart<Result: Sendable>(
        of source: any TableSource, targets: Bool, keeping columns: [Int] = [],
        compute: @escaping @Sendable (EncodedPart) -> Result, body: (Result) throws -> Void
    ) throws -> [String] {
        let encoding = try usedEncoding(of: source, targets: targets)
        let notes = Mutex<[String]>([])
        let partRows = partRows
        let parts = Handover<EncodedPart>(capacity: 1) { put throws(TableError) in
            let said = try encoding.forEachPart(of: source, targets: targets, partRows: partRows, keeping: columns) {
                put($0)
            }
            notes.withLock { $0 = said }
        }
        let results = Handover<Result>(capacity: 1) { put throws(TableError) in
            while let part = try parts.next() { guard put(compute(part)) else { return } }
        }
        defer {
            // The reader first: whoever computes may be waiting for it.
            parts.cancel()
            results.cancel()
        }
        while let result = try results.next() { try body(result) }
        return notes.withLock { $0 }
    }
}
