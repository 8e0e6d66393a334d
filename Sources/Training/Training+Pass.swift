internal import ModelFile
internal import Tabular

/// One pass over the data.
extension Training {
    struct Pass {
        var loss: Double
        var score: Double
        var rows: Int
        /// Of the rows that this process trained on, waiting for them included; what `onProgress` did is left out.
        var seconds: Double
        var samplesPerSecond: Double
    }

    /// `nil` when `onProgress` stopped it.
    func trainEpoch(_ epoch: Int) throws -> Pass? {
        let firstStep = (epoch - 1) * stepsPerEpoch
        let batchSize = configuration.batchSize
        let totalRows = configuration.dropsLastBatch ? stepsPerEpoch * batchSize : data.rowCount
        func rows(after steps: Int) -> Int { min(totalRows, steps * batchSize) }
        let rowsBefore = rows(after: step - firstStep)
        if step == firstStep { trainer.resetSums() }
        let clock = ContinuousClock()
        let start = clock.now
        var secondsBetween = 0.0
        var seconds: Double { (clock.now - start).seconds - secondsBetween }
        func rate(_ seconds: Double) -> Double {
            Double(rows(after: step - firstStep) - rowsBefore) / max(seconds, 1e-9)
        }
        var stretchSteps = 1
        var isStopped = false
        func train(_ window: TrainingWindow) throws -> Bool {
            let firstStepOfWindow = firstStep + window.position / batchSize
            let steps = configuration.stepsPerEpoch(rows: window.count)
            while step < firstStepOfWindow + steps {
                let done = step - firstStepOfWindow
                var end = min(steps, done + stretchSteps)
                for multiple in [progressSteps, recovery?.steps] {
                    if let multiple { end = min(end, done + multiple - step % multiple) }
                }
                if proposedState != nil { end = done + 1 }
                let stretch = Trainer.Stretch(
                    steps: done..<end, firstStep: firstStepOfWindow, totalSteps: plannedEpochs * stepsPerEpoch,
                    reductions: reductions, earlierSteps: earlierSteps, rateFactor: rateFactor)
                let startOfStretch = clock.now
                if let failed = trainer.run(stretch, over: window) {
                    guard failed.rank == communicator.rank else { throw FailureOfOtherRank(rank: failed.rank) }
                    throw trainer.diagnose(
                        failed, epoch: epoch, firstStepOfWindow: firstStepOfWindow, window: window,
                        learningRate: learningRate(atStep: failed.step))
                }
                // Stretches end at the same steps on all ranks.
                let elapsed = communicator.largest((clock.now - startOfStretch).seconds)
                step = firstStepOfWindow + end
                // Long enough that waking the workers costs nothing, short enough to answer a person.
                stretchSteps = max(
                    1, min(4 * stretchSteps, Int(Double(stretch.steps.count) * 0.05 / max(elapsed, 1e-6))))
                let rowsDone = rows(after: step - firstStep)
                if recovery != nil {
                    judgeProposedState()
                    if let multiple = recovery?.steps, step % multiple == 0, rowsDone < totalRows { proposeState() }
                }
                if let onProgress, rowsDone < totalRows {
                    trainer.gatherPenalties()
                    let pause = clock.now
                    defer { secondsBetween += (clock.now - pause).seconds }
                    let progress = Progress(
                        epoch: epoch, rows: rowsDone, totalRows: totalRows, loss: trainer.sums.loss / Double(rowsDone),
                        samplesPerSecond: rate(seconds))
                    isStopped = communicator.union(onProgress(progress) ? 0 : 1) != 0
                    if isStopped { return false }
                }
            }
            return true
        }
        if step - firstStep < stepsPerEpoch {
            try data.forEachWindow(
                epoch: epoch, from: (step - firstStep) * batchSize, batchSize: batchSize,
                shuffles: configuration.shuffles, seed: configuration.seed,
                share: BatchShare(plan: shards, rank: communicator.rank, ranks: communicator.rankCount), train)
        }
        if isStopped { return nil }
        trainer.gatherPenalties()
        let sums = trainer.sums
        let elapsed = seconds
        return Pass(
            loss: sums.loss / Double(totalRows), score: sums.score, rows: totalRows, seconds: elapsed,
            samplesPerSecond: rate(elapsed))
    }
}
