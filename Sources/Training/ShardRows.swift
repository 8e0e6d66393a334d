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
        if let order = window.order {
            gatherRows(
                order, from: rows.lowerBound, rows: rows.count, columns: columns, of: samples.features.base,
                into: worker.features.base)
            features = UnsafePointer(worker.features.base)
        } else {
            features = UnsafePointer(samples.features.base + rows.lowerBound * columns)
        }
        let answers = ShardAnswers(samples, order: window.order, rows: rows, memory: worker.answers)
        targets = answers.targets
        weights = answers.weights
    }
}
