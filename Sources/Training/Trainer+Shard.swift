internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

/// The first phases of a step: from the rows of a shard to its gradients.
extension Trainer {
    /// Forward, loss and backward of one shard, or the part that belongs to this phase. Returns whether its losses and
    /// gradients are finite.
    func computeShard(
        phase: Int, of window: TrainingWindow, rows: Range<Int>, batchRows: Int, firstRowInBatch: Int, step: Int,
        shard: Int, ownShard: Int, worker index: Int
    ) -> Bool {
        let lastStage = plan.stageCount - 1
        let pass = memory.pass(ownShard: ownShard, worker: index)
        let batch = timed(.reading, index) {
            ShardRows(window, rows: rows, memory: pass, areGathered: phase > 0)
        }
        // A bounded activation would hide an infinite feature, and its kernel's gradient would not.
        guard phase > 0 || allFinite(batch.features, count: rows.count * graph.inputSize) else { return false }
        let planMemory = planMemory(
            pass, features: batch.features, shard: shard, ownShard: ownShard, batchRows: batchRows,
            productSeconds: memory.workers[index].seconds.map { $0.base + TimedWork.products.rawValue })
        let mode = PassMode.training(seed: configuration.seed, step: UInt64(step), firstRow: firstRowInBatch)
        if phase <= lastStage { plan.forward(stage: phase, planMemory, rows: rows.count, mode: mode) }
        if phase == lastStage {
            let output = plan.output(planMemory, rows: rows.count)
            configuration.loss.evaluate(
                LossCall(
                    predictions: output, weights: batch.weights, gradientScale: 1 / Float(batchRows),
                    losses: pass.losses.base, gradient: plan.outputGradient(planMemory, rows: rows.count)),
                targets: batch.targets)
            let sums = memory.shardSums.base + shard * StepMemory.Sum.allCases.count
            var loss = 0.0
            for row in 0..<rows.count { loss += Double(pass.losses.base[row]) }
            // A sum of finite floats cannot leave the range of a double.
            guard loss.isFinite else { return false }
            sums[StepMemory.Sum.loss.rawValue] = loss
            sums[StepMemory.Sum.score.rawValue] = configuration.loss.score(output, targets: batch.targets)
        }
        guard phase >= lastStage else { return true }
        plan.backward(phase: phase, planMemory, rows: rows.count, mode: mode)
        guard phase == plan.phaseCount - 1 else { return true }
        // A bias' gradient is the sum of its layer's over the rows, so one finite vector vouches for the whole matrix;
        // where there is no bias, the kernel's gradient is looked at itself.
        let gradients = memory.gradients.base + ownShard * parameters.layout.bufferCount
        return vouching.allSatisfy { allFinite(gradients + $0.offset, count: $0.count) }
    }

    /// What the plan reads and writes for one shard, counted among those of the batch and among this rank's.
    func planMemory(
        _ pass: StepMemory.Pass, features: UnsafePointer<Float>, shard: Int, ownShard: Int, batchRows: Int,
        productSeconds: UnsafeMutablePointer<Double>? = nil
    ) -> PlanMemory {
        PlanMemory(
            activations: pass.activations.base, input: features, parameters: parameters.values.base,
            parameterGradients: memory.gradients.base + ownShard * parameters.layout.bufferCount,
            productSeconds: productSeconds, batch: batchMemory(shard: shard, rows: batchRows))
    }

    /// What the shards of a batch sum up together.
    func batchMemory(shard: Int, rows: Int) -> BatchMemory {
        BatchMemory(
            sums: memory.batchSums.base, stride: plan.batchSumCount, shard: shard,
            shards: shards.count(ofRows: rows), rows: rows)
    }
}
