internal import LinearAlgebra
internal import NeuralNetwork
internal import Synchronization
internal import Tabular

extension Trainer {
    /// A failure in a step or after it, with what is known of the steps before.
    func failure(
        _ place: NumericalFailure.Place, epoch: Int, step: Int, rows: [Int] = [], learningRate: Double
    ) -> NumericalFailure {
        NumericalFailure(
            epoch: epoch, step: step + 1, place: place, rows: rows, learningRate: learningRate,
            recentSteps: recentSteps(before: step),
            weightNorm: norms(parameters.values.base, count: parameters.values.count).square.squareRoot())
    }

    /// Runs this rank's part of the failed step again, slowly, to find what first went wrong, and in which rows. The
    /// parameters are as they were before it.
    func diagnose(
        _ failed: FailedStep, epoch: Int, firstStepOfWindow: Int, window: TrainingWindow, learningRate: Double
    ) -> NumericalFailure {
        let step = failed.step
        let windowStep = step - firstStepOfWindow
        let first = windowStep * shards.batchSize
        let batchRows = min(shards.batchSize, window.count - first)
        let shardCount = shards.count(ofRows: batchRows)
        // Parts of the parameters are already updated then, and running the step again would tell of another one.
        guard !failed.inSum else {
            return failure(
                .gradientSum(path: pathOfOverflow(shards: shardCount)), epoch: epoch, step: step,
                learningRate: learningRate)
        }
        for phase in 0..<plan.phaseCount {
            var found: (place: NumericalFailure.Place, positions: [Int])?
            let own = shares(rows: batchRows).range(of: communicator.rank)
            for shard in own {
                let range = shards.range(of: shard, batchRows: batchRows)
                retrace(
                    phase: phase, of: window, rows: first + range.lowerBound..<first + range.upperBound,
                    batchRows: batchRows, firstRowInBatch: range.lowerBound, step: step, shard: shard,
                    ownShard: shard - own.lowerBound
                ) { place, values in
                    guard found.map({ $0.place == place }) ?? true else { return false }
                    let positions = values.rowsNotFinite.map { range.lowerBound + $0 }
                    guard !positions.isEmpty else { return false }
                    found = (place, (found?.positions ?? []) + positions)
                    return true
                }
            }
            guard let found else { continue }
            let rows = found.positions.map { position in
                window.samples.tableRow(window.order.map { Int($0[first + position]) } ?? first + position)
            }
            return failure(found.place, epoch: epoch, step: step, rows: rows, learningRate: learningRate)
        }
        return failure(
            .gradientSum(path: pathOfOverflow(shards: shardCount)), epoch: epoch, step: step,
            learningRate: learningRate)
    }

    /// The steps before one, as far as they are remembered, the last of them last; none where a rank knows only its share
    /// of the gradients.
    func recentSteps(before step: Int) -> [NumericalFailure.RecentStep] {
        guard communicator.isAlone else { return [] }
        return (max(0, step - (StepMemory.recentSteps - 1))..<step).compactMap { step in
            let loss = memory.recentLosses[step % StepMemory.recentSteps]
            return loss.isNaN
                ? nil
                : NumericalFailure.RecentStep(step: step + 1, loss: loss, gradientNorm: gradientNorm(ofStep: step))
        }
    }

    /// Of all gradients together, in a step that is one of the last.
    private func gradientNorm(ofStep step: Int) -> Double {
        let squares = squaredNorms(ofStep: step)
        var square = 0.0
        for index in chunks.chunks.indices { square += squares[index] }
        return square.squareRoot()
    }

    /// Forgets a failure and what came before it, so that steps can be taken again.
    func forgetFailure() {
        failedStep.store(.max, ordering: .relaxed)
        commonFailedStep.store(.max, ordering: .relaxed)
        sumFailed.store(false, ordering: .relaxed)
        memory.recentLosses.base.update(repeating: .nan, count: StepMemory.recentSteps)
    }

    /// One phase of one shard, tensor by tensor, until `check` has found what it looks for.
    private func retrace(
        phase: Int, of window: TrainingWindow, rows range: Range<Int>, batchRows: Int, firstRowInBatch: Int, step: Int,
        shard: Int, ownShard: Int, _ check: @escaping (NumericalFailure.Place, MatrixView) -> Bool
    ) {
        let rows = range.count
        let lastStage = plan.stageCount - 1
        let pass = memory.pass(ownShard: ownShard, worker: 0)
        let batch = ShardRows(window, rows: range, memory: pass, areGathered: phase > 0)
        let planMemory = planMemory(
            pass, features: batch.features, shard: shard, ownShard: ownShard, batchRows: batchRows)
        let mode = PassMode.training(seed: configuration.seed, step: UInt64(step), firstRow: firstRowInBatch)
        if phase == 0, check(.input, MatrixView(batch.features, rows: rows, columns: graph.inputSize)) { return }
        if phase <= lastStage {
            plan.forward(stage: phase, planMemory, rows: rows, mode: mode)
            for (name, values) in plan.layerOutputs(stage: phase, planMemory, rows: rows)
            where check(.output(layer: name), values) {
                return
            }
        }
        if phase == lastStage {
            configuration.loss.evaluate(
                LossCall(
                    predictions: plan.output(planMemory, rows: rows), weights: batch.weights,
                    gradientScale: 1 / Float(batchRows), losses: pass.losses.base,
                    gradient: plan.outputGradient(planMemory, rows: rows)), targets: batch.targets)
            if check(.loss, MatrixView(pass.losses.base, rows: rows, columns: 1)) { return }
        }
        guard phase >= lastStage else { return }
        var isFound = false
        plan.backward(phase: phase, planMemory, rows: rows, mode: mode) { name, values in
            if !isFound { isFound = check(.gradient(layer: name), values) }
        }
    }

    /// The first parameter whose gradients, each of them finite, have no finite sum over the shards; `nil` where other ranks
    /// have some of them.
    private func pathOfOverflow(shards: Int) -> String? {
        guard communicator.isAlone else { return nil }
        let slices = parameters.layout.slices.filter(\.isTrainable)
        // Where gradients are clipped, or there is one shard, the sum stands in the place of the first shard's.
        if let slice = slices.first(where: { !allFinite(memory.gradients.base + $0.offset, count: $0.count) }) {
            return slice.path
        }
        guard shards > 1 else { return nil }
        let total = SharedBuffer<Float>(count: ReductionChunks.size)
        let scratch = SharedBuffer<Float>(count: ReductionChunks.size * treeDepth(shards))
        let chunk = chunks.chunks.first { chunk in
            sumTree(
                memory.gradients.base + chunk.offset, stride: parameters.layout.bufferCount, replicas: 0..<shards,
                count: chunk.count, scratch: scratch.base, total: total.base)
            return !allFinite(total.base, count: chunk.count)
        }
        return chunk.flatMap { chunk in slices.last { $0.offset <= chunk.offset }?.path }
    }
}

extension MatrixView {
    /// The rows that hold an infinity or a NaN.
    fileprivate var rowsNotFinite: [Int] {
        guard !allFinite(base, count: rows * columns) else { return [] }
        return (0..<rows).filter { !allFinite(base + $0 * columns, count: columns) }
    }
}
