internal import LinearAlgebra
internal import NeuralNetwork
internal import Synchronization

/// A phase of a step. Several ranks go through:
///
///     shards -> [exchange of batch sums -> shards] -> subtrees -> exchange of gradients
///            -> reduction, [exchange of norms,] update -> exchange of parameters
///
/// Where there are several buckets of gradients, each begins to be exchanged while the shards go on with the next:
///
///     shards down to the last bucket -> its subtrees -> shards down to the one before -> its subtrees -> …
///
/// A single rank goes through the shards, the reduction and, where it clips by norm, the update.
enum StepPhase: Sendable, Hashable {
    /// Forward and backward, or the part of them up to where all shards meet.
    case shards(part: Int)
    /// Each subtree of the sum of a bucket's gradients that this rank's shards make up.
    case subtrees(bucket: Int)
    /// The rest of the sum for the parameters that this rank updates, and the update where nothing else is needed.
    case reduction
    /// The update, where it needs the norm of all gradients.
    case update
    case exchange(Exchange)

    /// What the ranks tell each other between two phases.
    enum Exchange: Sendable, Hashable {
        /// What layers that look at the whole batch need of each shard.
        case batchSums
        /// To each rank the sums for the parameters that it updates: begun, and with the first bucket, which is the last to
        /// be complete, ended for all of them; losses to all.
        case gradients(bucket: Int)
        case norms
        /// The updated ones.
        case parameters
    }
}

extension Trainer {
    /// The phases of a step, in order.
    var phases: [StepPhase] {
        let parts = (0..<plan.phaseCount).map { [StepPhase.shards(part: $0)] }
        let update: [StepPhase] = clipsByNorm ? [.update] : []
        guard !communicator.isAlone else { return Array(parts.joined()) + [.reduction] + update }
        func exchange(_ bucket: Int) -> [StepPhase] {
            [.subtrees(bucket: bucket), .exchange(.gradients(bucket: bucket))]
        }
        let shards: [StepPhase] =
            chunks.buckets.count > 1
            ? zip(parts, chunks.buckets.indices.reversed()).flatMap { $0 + exchange($1) }
            : Array(parts.joined(separator: [.exchange(.batchSums)])) + exchange(0)
        return shards + [.reduction] + (clipsByNorm ? [.exchange(.norms)] : []) + update + [.exchange(.parameters)]
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
        // With the gradients come the failures of shards.
        if content == .norms || content == .parameters { sumFailed.store(true, ordering: .relaxed) }
        failedStep.min(step, ordering: .relaxed)
        commonFailedStep.min(step, ordering: .relaxed)
    }

    // MARK: Between steps

    /// Lets every rank know the penalties of all parameters.
    func gatherPenalties() {
        guard !communicator.isAlone, chunks.hasPenalty else { return }
        communicator.exchange(communicator.gathering(memory.penalties, parts: { chunks.shares[$0] }))
    }

    /// The floats of the optimizer's moments of all parameters.
    var momentCount: Int { configuration.optimizer.moments.count * parameters.layout.bufferCount }

    /// The moments of all parameters, on the first rank; `nil` on the others, which send it theirs.
    ///
    /// - Parameter spare: A buffer that may be used for it.
    func gatherMoments(into spare: SharedBuffer<Float>?) -> SharedBuffer<Float>? {
        guard communicator.rank == 0 else {
            communicator.exchange(
                configuration.optimizer.moments.indices.flatMap { index in
                    ownParts(ofMoment: index).map { Transfer(send: memory.moments, $0.own, to: 0) }
                })
            return nil
        }
        let stride = parameters.layout.bufferCount
        let moments = spare ?? SharedBuffer(count: momentCount)
        var transfers: [Transfer] = []
        for (index, moment) in configuration.optimizer.moments.enumerated() {
            let base = moments.base + index * stride
            // As in one process: between the parameters stands what the optimizer began with.
            base.update(repeating: moment.initialValue, count: stride)
            for part in ownParts(ofMoment: index) {
                (base + part.floats.lowerBound).update(
                    from: memory.moments.base + part.own.lowerBound, count: part.own.count)
            }
            for other in communicator.others {
                for floats in chunks.floats(ofRank: other) where !floats.isEmpty {
                    transfers.append(
                        Transfer(
                            receive: moments, index * stride + floats.lowerBound..<index * stride + floats.upperBound,
                            from: other))
                }
            }
        }
        communicator.exchange(transfers)
        return moments
    }

    /// Takes this rank's share of the moments of all parameters.
    func setMoments(_ moments: SharedBuffer<Float>) {
        for index in configuration.optimizer.moments.indices {
            let base = moments.base + index * parameters.layout.bufferCount
            for part in ownParts(ofMoment: index) {
                (memory.moments.base + part.own.lowerBound).update(
                    from: base + part.floats.lowerBound, count: part.own.count)
            }
        }
    }

    /// The parts of this rank's share: where they stand among all floats, and where in its own memory of a moment.
    private func ownParts(ofMoment index: Int) -> [(floats: Range<Int>, own: Range<Int>)] {
        var position = index * memory.shareCount
        return chunks.floats(ofRank: communicator.rank).compactMap { floats in
            defer { position += floats.count }
            return floats.isEmpty ? nil : (floats, position..<position + floats.count)
        }
    }
}
