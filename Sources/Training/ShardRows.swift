internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

/// The rows of one shard, where a plan and a loss can read them.
///
/// Rows that are visited in order are read where they lie; shuffled ones are gathered into memory of the pass.
struct ShardRows {
    let features: UnsafePointer<Float>
    let targets: TargetView
    let weights: UnsafePointer<Float>?

    /// - Parameter areGathered: Whether an earlier phase has gathered them already.
    init(_ window: TrainingWindow, rows: Range<Int>, memory: StepMemory.Pass, areGathered: Bool) {
        // No copy of the samples by themselves: it would count references to each of their buffers.
        let columns = window.samples.featureCount
        if let order = window.order {
            if !areGathered {
                gatherRows(
                    order, from: rows.lowerBound, rows: rows.count, columns: columns, of: window.samples.features.base,
                    into: memory.features.base)
            }
            features = UnsafePointer(memory.features.base)
        } else {
            features = UnsafePointer(window.samples.features.base + rows.lowerBound * columns)
        }
        let answers = ShardAnswers(
            window.samples, order: window.order, rows: rows, memory: memory.answers, areGathered: areGathered)
        targets = answers.targets
        weights = answers.weights
    }
}
