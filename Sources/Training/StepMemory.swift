internal import LinearAlgebra
internal import NeuralNetwork

/// Everything that a step writes, allocated once.
///
/// Per pass: activations and the rows of the shard at hand. Per worker: scratch for sums. Per shard: gradients and sums
/// of losses. Per run: parameters' moments and totals. See `SharedBuffer` for who writes what when.
///
/// A rank has gradients of its own shards and moments of its own parameters alone; the sums of all shards are small and
/// everybody has them.
final class StepMemory: Sendable {
    /// What a shard needs on its way through the network.
    ///
    /// An object, because every step hands it on: copying it as a value would count references to each buffer.
    final class Pass: Sendable {
        let activations: SharedBuffer<Float>
        let features: SharedBuffer<Float>
        let answers: AnswerMemory
        let losses: SharedBuffer<Float>

        init(rows: Int, inputSize: Int, outputSize: Int, activations count: Int) {
            activations = SharedBuffer(count: count)
            features = SharedBuffer(count: rows * inputSize)
            answers = AnswerMemory(rows: rows, columns: outputSize)
            losses = SharedBuffer(count: rows)
        }
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

    /// One for each worker; where all shards meet on their way, one for each of this rank's shards.
    private let passes: [Pass]
    private let isStaged: Bool
    let workers: [Worker]
    /// Shards x `Plan.batchSumCount`.
    let batchSums: SharedBuffer<Double>
    /// This rank's shards x parameters.
    let gradients: SharedBuffer<Float>
    /// The floats of the parameters that this rank updates: its share.
    let shareCount: Int
    /// Moments x this rank's share of the parameters.
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
    /// For each chunk, the squared norm of its gradient in this step, where gradients are clipped by their norm.
    let clippingNorms: SharedBuffer<Double>
    /// The mean loss of the rows of each of the `recentSteps`; NaN where there was no such step.
    let recentLosses: SharedBuffer<Double>

    /// - Parameters:
    ///   - shards: Those of a batch.
    ///   - ownShards: The most that this rank computes.
    init(
        plan: Plan, layout: ParameterLayout, shards: Int, ownShards: Int, shareCount: Int, inputSize: Int,
        outputSize: Int, chunks: Int, moments count: [Float], workers: Int, measuresTime: Bool
    ) {
        isStaged = plan.phaseCount > 1
        passes = (0..<(isStaged ? ownShards : workers)).map { _ in
            Pass(rows: plan.capacity, inputSize: inputSize, outputSize: outputSize, activations: plan.memoryCount)
        }
        batchSums = SharedBuffer(count: shards * plan.batchSumCount)
        self.workers = (0..<workers).map { _ in
            Worker(
                scratch: SharedBuffer(count: ReductionChunks.size * (treeDepth(shards) + 1)),
                seconds: measuresTime ? SharedBuffer(count: TimedWork.allCases.count) : nil)
        }
        gradients = SharedBuffer(count: ownShards * layout.bufferCount)
        self.shareCount = shareCount
        moments = SharedBuffer(count: count.count * shareCount)
        for (index, initial) in count.enumerated() where initial != 0 {
            moments.base.advanced(by: index * shareCount).update(repeating: initial, count: shareCount)
        }
        shardSums = SharedBuffer(count: shards * Sum.allCases.count)
        epochSums = SharedBuffer(count: Sum.allCases.count)
        penalties = SharedBuffer(count: chunks)
        squaredNorms = SharedBuffer(count: Self.recentSteps * chunks)
        clippingNorms = SharedBuffer(count: chunks)
        recentLosses = SharedBuffer([Double](repeating: .nan, count: Self.recentSteps))
    }

    /// The memory of a shard that a worker has at hand; shards are counted from the first of this rank.
    func pass(ownShard: Int, worker: Int) -> Pass { passes[isStaged ? ownShard : worker] }
}
