internal import LinearAlgebra
internal import NeuralNetwork

/// Everything that a step writes, allocated once.
///
/// Per pass: activations and the rows of the shard at hand. Per worker: scratch for sums. Per shard: gradients and sums
/// of losses. Per run: parameters' moments and totals. See `SharedBuffer` for who writes what when.
final class StepMemory: Sendable {
    /// What a shard needs on its way through the network.
    struct Pass: Sendable {
        let activations: SharedBuffer<Float>
        let features: SharedBuffer<Float>
        let values: SharedBuffer<Float>
        let labels: SharedBuffer<Int32>
        let weights: SharedBuffer<Float>
        let losses: SharedBuffer<Float>

        var answers: AnswerMemory { AnswerMemory(values: values, labels: labels, weights: weights) }
    }

    /// What one worker needs.
    struct Worker: Sendable {
        let scratch: SharedBuffer<Float>
        /// `TimedWork`, in seconds; `nil` where nobody asks.
        let seconds: SharedBuffer<Double>?
    }

    /// The sums kept for each shard, and in the same order for the epoch.
    enum Sum: Int, CaseIterable {
        case loss
        case score
    }

    /// One for each worker; where all shards meet between stages, one for each shard.
    private let passes: [Pass]
    private let isStaged: Bool
    let workers: [Worker]
    /// Shards x `Plan.batchSumCount`.
    let batchSums: SharedBuffer<Double>
    /// Shards x parameters.
    let gradients: SharedBuffer<Float>
    /// Moments x parameters.
    let moments: SharedBuffer<Float>
    /// Shards x `Sum`.
    let shardSums: SharedBuffer<Double>
    /// `Sum`, over the steps of the epoch so far.
    let epochSums: SharedBuffer<Double>
    /// For each chunk of the parameters, its penalty summed over the steps, each times the step's rows.
    let penalties: SharedBuffer<Double>
    /// The last steps, of which norms and losses are kept.
    static let recentSteps = 8
    /// `recentSteps` x chunks, the squared norm of a chunk's gradient; a step has the row of its number modulo
    /// `recentSteps`.
    let squaredNorms: SharedBuffer<Double>
    /// The mean loss of the rows of each of the `recentSteps`; NaN where there was no such step.
    let recentLosses: SharedBuffer<Double>

    init(
        plan: Plan, layout: ParameterLayout, shards: Int, inputSize: Int, outputSize: Int, chunks: Int,
        moments count: [Float], workers: Int, measuresTime: Bool
    ) {
        let rows = plan.capacity
        isStaged = plan.stageCount > 1
        passes = (0..<(isStaged ? shards : workers)).map { _ in
            Pass(
                activations: SharedBuffer(count: plan.memoryCount), features: SharedBuffer(count: rows * inputSize),
                values: SharedBuffer(count: rows * outputSize), labels: SharedBuffer(count: rows),
                weights: SharedBuffer(count: rows), losses: SharedBuffer(count: rows))
        }
        batchSums = SharedBuffer(count: shards * plan.batchSumCount)
        self.workers = (0..<workers).map { _ in
            Worker(
                scratch: SharedBuffer(count: ReductionChunks.size * (treeDepth(shards) + 1)),
                seconds: measuresTime ? SharedBuffer(count: TimedWork.allCases.count) : nil)
        }
        gradients = SharedBuffer(count: shards * layout.bufferCount)
        moments = SharedBuffer(count: count.count * layout.bufferCount)
        for (index, initial) in count.enumerated() where initial != 0 {
            moments.base.advanced(by: index * layout.bufferCount).update(repeating: initial, count: layout.bufferCount)
        }
        shardSums = SharedBuffer(count: shards * Sum.allCases.count)
        epochSums = SharedBuffer(count: Sum.allCases.count)
        penalties = SharedBuffer(count: chunks)
        squaredNorms = SharedBuffer(count: Self.recentSteps * chunks)
        recentLosses = SharedBuffer([Double](repeating: .nan, count: Self.recentSteps))
    }

    /// The memory of a shard that a worker has at hand.
    func pass(shard: Int, worker: Int) -> Pass { passes[isStaged ? shard : worker] }
}
