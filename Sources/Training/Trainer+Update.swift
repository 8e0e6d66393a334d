internal import LinearAlgebra
internal import NeuralNetwork

/// The last phases of a step: from the gradients of all shards to the parameters.
extension Trainer {
    /// What one worker does for all of the batch.
    func finishBatch(step: Int, shards: Int, rows: Int) {
        addShardSums(shards)
        let sums = StepMemory.Sum.allCases.count
        var loss = 0.0
        for shard in 0..<shards { loss += memory.shardSums.base[shard * sums + StepMemory.Sum.loss.rawValue] }
        memory.recentLosses.base[step % StepMemory.recentSteps] = loss / Double(rows)
        plan.updateMovingStatistics(parameters.values.base, batch: batchMemory(shard: 0, rows: rows))
    }

    private func addShardSums(_ shards: Int) {
        let sums = StepMemory.Sum.allCases.count
        for shard in 0..<shards {
            for sum in 0..<sums { memory.epochSums.base[sum] += memory.shardSums.base[shard * sums + sum] }
        }
    }

    /// Sums the gradients of some chunks over the shards, adds the penalty's and, where a step is given, updates the
    /// parameters. Returns whether all sums are finite; a chunk whose sum is not is not updated.
    func sumGradients(
        _ range: Range<Int>, step: Int, rows: Int, worker: Int, update: UpdateStep?
    ) -> Bool {
        let squaredNorms = squaredNorms(ofStep: step)
        var finite = true
        for index in range {
            let chunk = chunks.chunks[index]
            let sum = gradientSum(chunk, rows: rows, worker: worker, isKept: update == nil)
            let slice = UpdateSlice(
                count: chunk.count, parameters: parameters.values.base + chunk.offset, gradient: sum)
            if chunk.regularizer != .none { addPenalty(chunk, index: index, slice, rows: rows) }
            guard let square = squareSumIfFinite(sum, count: chunk.count) else {
                finite = false
                continue
            }
            squaredNorms[index] = square
            if let update {
                apply(update, to: slice, chunk)
            } else {
                // This one decides the weights: in double, in a fixed order.
                memory.clippingNorms.base[index] = norms(sum, count: chunk.count).square
            }
        }
        return finite
    }

    /// The sum of a chunk's gradient over all shards.
    ///
    /// - Parameter isKept: Whether it must outlive the next one: it then stands where the first shard's gradient, or what
    ///   another rank sent, stood: nobody else reads this chunk.
    private func gradientSum(
        _ chunk: ReductionChunks.Chunk, rows: Int, worker: Int, isKept: Bool
    ) -> UnsafeMutablePointer<Float> {
        let scratch = memory.workers[worker].scratch.base
        let count = shards.count(ofRows: rows)
        if let exchanges {
            return exchanges.sum(
                chunk, shards: count, scratch: scratch + ReductionChunks.size, total: isKept ? nil : scratch)
        }
        let gradients = memory.gradients.base + chunk.offset
        guard count > 1 else { return gradients }
        let sum = isKept ? gradients : scratch
        sumTree(
            gradients, stride: parameters.layout.bufferCount, replicas: 0..<count, count: chunk.count,
            scratch: scratch + ReductionChunks.size, total: sum)
        return sum
    }

    /// Of the gradients of each chunk, in a step that is one of the last.
    func squaredNorms(ofStep step: Int) -> UnsafeMutablePointer<Double> {
        memory.squaredNorms.base + step % StepMemory.recentSteps * chunks.chunks.count
    }

    private func addPenalty(_ chunk: ReductionChunks.Chunk, index: Int, _ slice: UpdateSlice, rows: Int) {
        let regularizer = chunk.regularizer
        slice.regularize(l1: regularizer.l1, l2: regularizer.l2)
        let norm = norms(slice.parameters, count: chunk.count)
        let penalty = Double(regularizer.l1) * norm.absolute + Double(regularizer.l2) * norm.square
        memory.penalties.base[index] += penalty * Double(rows)
    }

    private func apply(_ step: UpdateStep, to slice: UpdateSlice, _ chunk: ReductionChunks.Chunk) {
        let moments = memory.moments.base + chunk.ownOffset
        let stride = memory.shareCount
        configuration.optimizer.update(slice, moments: { moments + $0 * stride }, step: step)
    }

    // MARK: Where gradients are clipped by their norm

    func updateFromSummedGradients(_ range: Range<Int>, rows: Int, _ update: UpdateStep) {
        var update = update
        if case .norm(let limit) = configuration.optimizer.clipping {
            var square = 0.0
            for index in chunks.chunks.indices { square += memory.clippingNorms.base[index] }
            let norm = square.squareRoot()
            update.gradientFactor = norm > limit ? Float(limit / norm) : 1
        }
        for index in range {
            let chunk = chunks.chunks[index]
            let slice = UpdateSlice(
                count: chunk.count, parameters: parameters.values.base + chunk.offset,
                gradient: exchanges?.keptSum(chunk, shards: shards.count(ofRows: rows))
                    ?? memory.gradients.base + chunk.offset)
            apply(update, to: slice, chunk)
        }
    }
}
