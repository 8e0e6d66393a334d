public import LinearAlgebra
public import ModelFile
internal import NeuralNetwork
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

    /// The network's outputs for the rows of a table that have a target, and these targets; the features are in memory
    /// part by part.
    ///
    /// - Returns: samples without features; their outputs; and sentences on what was odd about the rows.
    /// - Throws: `TableError` when the table does not fit the model.
    public func answers(
        of source: any TableSource, workers: Int = Processors.usable
    ) throws -> (samples: Samples, outputs: SharedBuffer<Float>, notes: [String]) {
        let evaluator = Evaluator(graph, parameters: parameters, workers: workers)
        var outputs: [Float] = []
        var labels: [Int32] = []
        var values: [Float] = []
        var weights: [Float]?
        var shape = Samples.TargetShape.none
        var count = 0
        let notes = try forEachPart(of: source, targets: true) { part in
            (part.samples, evaluator.outputs(SampleSelection(part.samples)))
        } body: { (samples: Samples, own: SharedBuffer<Float>) in
            outputs += own.elements
            shape = samples.targetShape
            switch samples.targets {
            case .labels(let part, _): labels += part.elements
            case .values(let part, _): values += part.elements
            case .none: break
            }
            if let part = samples.weights { weights = (weights ?? []) + part.elements }
            count += samples.rowCount
        }
        let targets: Samples.Targets =
            switch shape {
            case .labels(let classes): .labels(SharedBuffer(labels), classes: classes)
            case .values(let columns): .values(SharedBuffer(values), columns: columns)
            case .none: .none
            }
        let samples = Samples(
            rowCount: count, featureCount: 0, features: SharedBuffer(count: 0), targets: targets,
            weights: weights.map { SharedBuffer($0) })
        return (samples, SharedBuffer(outputs), notes)
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
