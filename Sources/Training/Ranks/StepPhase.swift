internal import LinearAlgebra
internal import NeuralNetwork
internal import Synchronization

/// A phase of a step. Several ranks go through:
///
///     shards -> [exchange of batch sums -> shards] -> subtrees -> exchange of gradients
///            -> reduction, [exchange of norms,] update -> exchange of parameters
///
/// A single rank goes through the shards, the reduction and, where it clips by norm, the update.
enum StepPhase: Sendable, Hashable {
    /// Forward and backward, or the part of them up to where all shards meet.
    case shards(stage: Int)
    /// Each subtree of the sum of gradients that this rank's shards make up.
    case subtrees
    /// The rest of the sum for the parameters that this rank updates, and the update where nothing else is needed.
    case reduction
    /// The update, where it needs the norm of all gradients.
    case update
    case exchange(Exchange)

    /// What the ranks tell each other between two phases.
    enum Exchange: Sendable, Hashable {
        /// What layers that look at the whole batch need of each shard.
        case batchSums
        /// To each rank the sums for the parameters that it updates; losses to all.
        case gradients
        case norms
        /// The updated ones.
        case parameters
    }
}

extension Trainer {
    /// The phases of a step, in order.
    var phases: [StepPhase] {
        let stages = (0..<plan.phaseCount).map { StepPhase.shards(stage: $0) }
        guard !communicator.isAlone else { return stages + [.reduction] + (clipsByNorm ? [.update] : []) }
        return Array(stages.map { [$0] }.joined(separator: [.exchange(.batchSums)]))
            + [.subtrees, .exchange(.gradients), .reduction]
            + (clipsByNorm ? [.exchange(.norms), .update] : []) + [.exchange(.parameters)]
    }

    /// Which rank computes which shards of a batch.
    func shares(rows: Int) -> ShardShares {
        ShardShares(shards: shards.count(ofRows: rows), ranks: communicator.rankCount)
    }

    /// Sums some chunks of the gradient over each subtree that is this rank's own.
    func sumSubtrees(_ range: Range<Int>, rows: Int, worker: Int) {
        let shares = shares(rows: rows)
        let first = shares.range(of: communicator.rank).lowerBound
        let stride = parameters.layout.bufferCount
        for subtree in shares.subtrees(of: communicator.rank) where subtree.count > 1 {
            for index in range {
                let chunk = chunks.chunks[index]
                let gradients = memory.gradients.base + chunk.offset
                // The sum may stand where the first shard's gradient stood.
                sumTree(
                    gradients, stride: stride, replicas: subtree.lowerBound - first..<subtree.upperBound - first,
                    count: chunk.count, scratch: memory.workers[worker].scratch.base,
                    total: gradients + (subtree.lowerBound - first) * stride)
            }
        }
    }

    /// Exchanges, and learns whether the step has failed on another rank.
    func exchange(_ content: StepPhase.Exchange, step: Int, rows: Int) {
        guard let exchanges else { return }
        let hasFailed = exchanges.perform(
            content, shards: shards.count(ofRows: rows), hasFailed: failedStep.load(ordering: .relaxed) <= step)
        guard hasFailed else { return }
        if content != .gradients { sumFailed.store(true, ordering: .relaxed) }
        failedStep.min(step, ordering: .relaxed)
        commonFailedStep.min(step, ordering: .relaxed)
    }

    // MARK: Between steps

    /// Lets every rank know the penalties of all parameters.
    func gatherPenalties() {
        guard !communicator.isAlone, chunks.hasPenalty else { return }
        communicator.exchange(communicator.gathering(memory.penalties) { chunks.shares[$0] })
    }

    /// The floats of the optimizer's moments of all parameters.
    var momentCount: Int { configuration.optimizer.moments.count * parameters.layout.bufferCount }

    /// The moments of all parameters, on the first rank; `nil` on the others, which send it theirs.
    ///
    /// - Parameter spare: A buffer that may be used for it.
    func gatherMoments(into spare: SharedBuffer<Float>?) -> SharedBuffer<Float>? {
        let share = memory.share
        let ownMoments = configuration.optimizer.moments.indices.map { $0 * share.count..<($0 + 1) * share.count }
        guard communicator.rank == 0 else {
            if !share.isEmpty {
                communicator.exchange(ownMoments.map { Transfer(send: memory.moments, $0, to: 0) })
            }
            return nil
        }
        let stride = parameters.layout.bufferCount
        let moments = spare ?? SharedBuffer(count: momentCount)
        var transfers: [Transfer] = []
        for (index, moment) in configuration.optimizer.moments.enumerated() {
            let base = moments.base + index * stride
            // As in one process: between the parameters stands what the optimizer began with.
            base.update(repeating: moment.initialValue, count: stride)
            (base + share.lowerBound).update(
                from: memory.moments.base + ownMoments[index].lowerBound, count: share.count)
            for other in communicator.others {
                let floats = chunks.floats(ofRank: other)
                guard !floats.isEmpty else { continue }
                transfers.append(
                    Transfer(
                        receive: moments, index * stride + floats.lowerBound..<index * stride + floats.upperBound,
                        from: other))
            }
        }
        communicator.exchange(transfers)
        return moments
    }

    /// Takes this rank's share of the moments of all parameters.
    func setMoments(_ moments: SharedBuffer<Float>) {
        let share = memory.share
        for index in configuration.optimizer.moments.indices {
            (memory.moments.base + index * share.count).update(
                from: moments.base + index * parameters.layout.bufferCount + share.lowerBound, count: share.count)
        }
    }
}
