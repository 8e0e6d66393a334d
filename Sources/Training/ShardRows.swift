internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

/// The rows of one shard, where a plan and a loss can read them.
///
/// Rows that are visited in order are read where they lie; shuffled ones are gathered into the worker's own memory.
struct ShardRows {
    let features: UnsafePointer<Float>
    let targets: TargetView
    let weights: UnsafePointer<Float>?

    init(_ window: TrainingWindow, rows: Range<Int>, worker: StepMemory.Worker) {
        let samples = window.samples
        let columns = samples.featureCount
        guard let order = window.order else {
            features = UnsafePointer(samples.features.base + rows.lowerBound * columns)
            weights = samples.weights.map { UnsafePointer($0.base + rows.lowerBound) }
            switch samples.targets {
            case .labels(let labels, _): targets = .labels(labels.base + rows.lowerBound)
            case .values(let values, let columns): targets = .values(values.base + rows.lowerBound * columns)
            case .none: preconditionFailure("Rows without targets cannot train")
            }
            return
        }
        let indices = UnsafePointer(order.base + rows.lowerBound)
        gatherRows(
            indices, from: samples.features.base,
            into: MutableMatrixView(worker.features.base, rows: rows.count, columns: columns))
        features = UnsafePointer(worker.features.base)
        if let source = samples.weights {
            for row in 0..<rows.count { worker.weights.base[row] = source.base[Int(indices[row])] }
            weights = UnsafePointer(worker.weights.base)
        } else {
            weights = nil
        }
        switch samples.targets {
        case .labels(let labels, _):
            for row in 0..<rows.count { worker.labels.base[row] = labels.base[Int(indices[row])] }
            targets = .labels(worker.labels.base)
        case .values(let values, let columns):
            gatherRows(
                indices, from: values.base,
                into: MutableMatrixView(worker.values.base, rows: rows.count, columns: columns))
            targets = .values(worker.values.base)
        case .none:
            preconditionFailure("Rows without targets cannot train")
        }
    }
}
