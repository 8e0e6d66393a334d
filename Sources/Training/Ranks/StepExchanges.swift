internal import LinearAlgebra
internal import NeuralNetwork
internal import Synchronization

/// What a rank sends and receives in a step, laid out once: a step allocates nothing.
///
/// The tree over the shards is the same for any number of ranks. A rank sends the sums of the largest subtrees that lie in
/// its shards, to each rank the part that it updates, and completes the tree for its own part.
final class StepExchanges: Sendable {
    /// For batches of one number of shards.
    private struct Layout: Sendable {
        var batchSums: [Transfer] = []
        /// By bucket.
        var gradients: [[Transfer]]
        /// Losses, and whether the step has failed.
        var sums: [Transfer] = []
        /// Where the sum of a subtree stands, by its first shard; the subtrees sent do not overlap.
        var subtrees: [Subtree?]
    }

    private struct Subtree: Sendable {
        var shards: Range<Int>
        var isOwn: Bool
        /// The first of its shards among this rank's; or which of those received it is.
        var index: Int
    }

    private let communicator: any Communicator
    private let memory: StepMemory
    private let stride: Int
    /// By the number of shards: those of a whole batch, and of the last.
    private let layouts: [Int: Layout]
    private let norms: [Transfer]
    private let parameters: [Transfer]
    /// Subtrees of other ranks x this rank's share of the parameters.
    private let received: SharedBuffer<Float>
    /// For sums that have to be kept.
    private let sums: SharedBuffer<Float>
    /// By rank: whether the step has failed there.
    private let failures: SharedBuffer<Double>
    private let failedRank = Atomic<Int>(.max)

    /// - Parameters:
    ///   - plan: How batches are cut.
    ///   - rows: The rows of all data.
    ///   - keepsSums: Whether sums have to outlive their chunk.
    init(
        _ communicator: any Communicator, chunks: ReductionChunks, memory: StepMemory, parameters: Parameters,
        batchSumCount: Int, shards plan: ShardPlan, rows: Int, keepsSums: Bool
    ) {
        self.communicator = communicator
        self.memory = memory
        stride = parameters.layout.bufferCount
        failures = SharedBuffer(count: communicator.rankCount)
        sums = SharedBuffer(count: keepsSums ? memory.shareCount : 0)
        let counts = Set(
            [min(rows, plan.batchSize), rows % plan.batchSize].map { plan.count(ofRows: $0) }.filter { $0 > 0 })
        let rank = communicator.rank
        let others = communicator.others
        let share = chunks.floats(ofRank: rank)
        func receivedCount(_ shares: ShardShares) -> Int { others.reduce(0) { $0 + shares.subtrees(of: $1).count } }
        received = SharedBuffer(
            count: memory.shareCount
                * (counts.map { receivedCount(ShardShares(shards: $0, ranks: communicator.rankCount)) }.max() ?? 0))
        let failing = communicator.gathering(failures) { $0..<$0 + 1 }
        var layouts: [Int: Layout] = [:]
        for count in counts {
            let shares = ShardShares(shards: count, ranks: communicator.rankCount)
            var layout = Layout(
                gradients: chunks.buckets.map { _ in [] }, subtrees: Array(repeating: nil, count: count))
            let own = shares.range(of: rank)
            let ownSubtrees = shares.subtrees(of: rank)
            for subtree in ownSubtrees {
                layout.subtrees[subtree.lowerBound] = Subtree(
                    shards: subtree, isOwn: true, index: subtree.lowerBound - own.lowerBound)
            }
            var next = 0
            for other in others {
                let its = chunks.floats(ofRank: other)
                for subtree in ownSubtrees {
                    let first = (subtree.lowerBound - own.lowerBound) * parameters.layout.bufferCount
                    for (bucket, floats) in its.enumerated() where !floats.isEmpty {
                        layout.gradients[bucket].append(
                            Transfer(
                                send: memory.gradients, first + floats.lowerBound..<first + floats.upperBound,
                                to: other))
                    }
                }
                for subtree in shares.subtrees(of: other) {
                    layout.subtrees[subtree.lowerBound] = Subtree(shards: subtree, isOwn: false, index: next)
                    var first = next * memory.shareCount
                    for (bucket, floats) in share.enumerated() where !floats.isEmpty {
                        layout.gradients[bucket].append(
                            Transfer(receive: received, first..<first + floats.count, from: other))
                        first += floats.count
                    }
                    next += 1
                }
            }
            let perShard = StepMemory.Sum.allCases.count
            func parts(_ width: Int) -> (Int) -> Range<Int> {
                { shares.range(of: $0).lowerBound * width..<shares.range(of: $0).upperBound * width }
            }
            layout.sums = communicator.gathering(memory.shardSums, part: parts(perShard)) + failing
            layout.batchSums = communicator.gathering(memory.batchSums, part: parts(batchSumCount))
            layouts[count] = layout
        }
        self.layouts = layouts
        norms = communicator.gathering(memory.clippingNorms, parts: { chunks.shares[$0] }) + failing
        self.parameters = communicator.gathering(parameters.values, parts: chunks.floats(ofRank:)) + failing
    }

    /// The first rank on which a step has failed; `nil` while none has.
    var firstFailedRank: Int? {
        let rank = failedRank.load(ordering: .relaxed)
        return rank == .max ? nil : rank
    }

    /// Exchanges.
    ///
    /// - Parameter hasFailed: Whether the step has failed on this rank.
    /// - Returns: whether it has failed on any.
    func perform(_ content: StepPhase.Exchange, shards: Int, hasFailed: Bool) -> Bool {
        failures.base[communicator.rank] = hasFailed ? 1 : 0
        switch content {
        case .batchSums:
            communicator.exchange(layout(shards).batchSums)
            return false
        case .gradients(let bucket):
            communicator.begin(layout(shards).gradients[bucket])
            guard bucket == 0 else { return false }
            communicator.exchange(layout(shards).sums)
        case .norms: communicator.exchange(norms)
        case .parameters: communicator.exchange(parameters)
        }
        guard let first = (0..<communicator.rankCount).first(where: { failures.base[$0] != 0 }) else { return false }
        failedRank.store(first, ordering: .relaxed)
        return true
    }

    /// The sum of a chunk's gradient over all shards of the batch, whose subtrees have been exchanged.
    ///
    /// - Parameters:
    ///   - scratch: See `sumTree`.
    ///   - total: Where it may stand; `nil` to keep it, for `keptSum`.
    func sum(
        _ chunk: ReductionChunks.Chunk, shards: Int, scratch: UnsafeMutablePointer<Float>,
        total: UnsafeMutablePointer<Float>?
    ) -> UnsafeMutablePointer<Float> {
        let layout = layout(shards)
        return completeSumTree(
            0..<shards, count: chunk.count, scratch: scratch, total: total ?? place(of: chunk)
        ) { range in
            guard let subtree = layout.subtrees[range.lowerBound], subtree.shards == range else { return nil }
            return sum(of: subtree, chunk)
        }
    }

    /// A sum that was kept.
    func keptSum(_ chunk: ReductionChunks.Chunk, shards: Int) -> UnsafeMutablePointer<Float> {
        // One rank may have had all of the batch's shards.
        guard let subtree = layout(shards).subtrees[0], subtree.shards == 0..<shards else { return place(of: chunk) }
        return sum(of: subtree, chunk)
    }

    private func layout(_ shards: Int) -> Layout {
        guard let layout = layouts[shards] else { preconditionFailure("No batch has \(shards) shards") }
        return layout
    }

    private func place(of chunk: ReductionChunks.Chunk) -> UnsafeMutablePointer<Float> {
        sums.base + chunk.ownOffset
    }

    private func sum(of subtree: Subtree, _ chunk: ReductionChunks.Chunk) -> UnsafeMutablePointer<Float> {
        subtree.isOwn
            ? memory.gradients.base + subtree.index * stride + chunk.offset
            : received.base + subtree.index * memory.shareCount + chunk.ownOffset
    }
}
