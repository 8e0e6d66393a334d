internal import LinearAlgebra
public import ModelFile
internal import NeuralNetwork

extension Training {
    /// Where the run stands: a copy, to be taken before the first epoch, between epochs, or in `onProgress`.
    ///
    /// - Precondition: there is one rank; several have `gatherState(reusing:)`.
    public var state: TrainingState { state(reusing: nil) }

    /// The same in the memory of a state that nobody needs any more: fresh memory for large networks takes the system longer
    /// to give than to fill.
    public func state(reusing spare: TrainingState?) -> TrainingState {
        precondition(communicator.isAlone, "The state of a run is spread over its ranks")
        return state(moments: nil, reusing: spare)
    }

    /// Where the run stands, on the first rank, and `nil` on the others; common to all.
    public func gatherState(reusing spare: TrainingState?) -> TrainingState? {
        guard !communicator.isAlone else { return state(reusing: spare) }
        trainer.gatherPenalties()
        return trainer.gatherMoments(into: spare?.moments).map { state(moments: $0, reusing: spare) }
    }

    /// - Parameter moments: Those of all ranks, where there are several.
    private func state(moments: SharedBuffer<Float>?, reusing spare: TrainingState?) -> TrainingState {
        // All workers stand still meanwhile, so all of them copy.
        func copy(_ buffer: SharedBuffer<Float>, _ spare: SharedBuffer<Float>?) -> SharedBuffer<Float> {
            let copy = spare.flatMap { $0.count == buffer.count ? $0 : nil } ?? SharedBuffer(count: buffer.count)
            let part = 1 << 18
            PhasedLoop(repeating: [], repetitions: 0, last: [(buffer.count + part - 1) / part]).run(
                workers: buffer.count > part ? trainer.workers : 1
            ) { _, _, item, _ in
                let start = item * part
                (copy.base + start).update(from: buffer.base + start, count: min(part, buffer.count - start))
            }
            return copy
        }
        var optimizer = configuration.optimizer
        optimizer.learningRate = learningRate(atStep: max(0, step - 1))
        return TrainingState(
            step: step, parameters: copy(parameters.values, spare?.parameters),
            moments: moments ?? copy(trainer.memory.moments, spare?.moments), optimizer: optimizer,
            earlierSteps: earlierSteps, epochSums: trainer.epochSums, history: history,
            // The best weights are a copy already, which is replaced, never changed.
            best: best.map {
                TrainingState.Best(epoch: bestEpoch ?? 0, value: $0.value, parameters: $0.parameters?.values)
            },
            epochsWithoutImprovement: epochsWithoutImprovement, epochsSinceReduction: epochsSinceReduction,
            reductions: reductions, rollbacks: rollbacks, firstLoss: firstLoss)
    }

    /// The model as a state of this run has it, with the best weights so far where early stopping keeps them. It shares the
    /// memory of the state.
    public func model(of state: TrainingState) -> Model {
        Model(
            graph: graph,
            parameters: Parameters(layout: parameters.layout, values: state.best?.parameters ?? state.parameters),
            outputActivation: configuration.loss.outputActivation, encoding: encoding, history: state.history)
    }

    /// About the bytes of a checkpoint: weights, the best ones, moments, all of that once more
    /// where the run may go back, and what describes them.
    public var checkpointSize: Int {
        let state = 2 * parameters.values.count + trainer.momentCount
        return 4 * (parameters.values.count + (recovery == nil ? 1 : 2) * state) + (64 << 10)
    }

    /// What the run would go back to, where that is not where it stands: to be kept with `state`.
    public var rollbackPoint: TrainingState? { goodState?.step == step ? nil : goodState }

    /// Goes on from a state of a run with the same network, data and configuration; to be called before the first epoch.
    ///
    /// - Parameter rollbackPoint: What that run would have gone back to, if not to `state`.
    /// - Throws: `TrainingError` when the state is not one of such a run.
    public func resume(from state: TrainingState, rollbackPoint: TrainingState? = nil) throws(TrainingError) {
        precondition(step == 0 && history.isEmpty, "A run that has begun cannot be continued from a state")
        guard fits(state), rollbackPoint.map({ fits($0) && $0.step < state.step }) ?? true else {
            throw TrainingError("the state to go on from is one of another network or other data")
        }
        restore(state)
        rollbacks = state.rollbacks
        if recovery != nil {
            goodState = rollbackPoint ?? state
            firstLoss = state.firstLoss
            if standsAtProposal { proposeState() }
        }
        isFinished = hasRunOutOfPatience
    }

    private func fits(_ state: TrainingState) -> Bool {
        let done = state.history.count * stepsPerEpoch
        return state.parameters.count == parameters.values.count
            && state.moments.count == trainer.momentCount
            && state.best?.parameters.map({ $0.count == parameters.values.count }) ?? true
            && state.epochSums.count == trainer.epochSums.count && state.history.count <= plannedEpochs
            && state.step >= done && state.step - done <= stepsPerEpoch
    }

    func restore(_ state: TrainingState) {
        step = state.step
        earlierSteps = state.earlierSteps
        parameters.values.copy(from: state.parameters)
        trainer.setMoments(state.moments)
        trainer.setEpochSums(state.epochSums)
        history = state.history
        best = state.best.map { best in
            (
                best.value,
                best.parameters.map { values in
                    let copy = parameters.copy()
                    copy.values.copy(from: values)
                    return copy
                }
            )
        }
        bestEpoch = state.best?.epoch
        epochsWithoutImprovement = state.epochsWithoutImprovement
        epochsSinceReduction = state.epochsSinceReduction
        reductions = state.reductions
    }

    /// Takes over the moments and the number of steps of an optimizer that has worked on the weights this run starts from;
    /// to be called before the first epoch. Rates and other settings stay those of this run.
    ///
    /// - Throws: `TrainingError` when it is another kind of optimizer, or one of another network.
    public func takeOver(_ state: OptimizerState) throws(TrainingError) {
        precondition(step == 0 && history.isEmpty, "A run that has begun keeps its own moments")
        let given = state.optimizer.moments.map(\.name)
        let count = parameters.layout.bufferCount
        let own = configuration.optimizer
        guard state.optimizer.rule.name == own.rule.name,
            own.moments.allSatisfy({ given.contains($0.name) })
        else {
            throw TrainingError("the moments are those of \(state.optimizer.summary), and this run uses \(own.summary)")
        }
        guard state.moments.count == given.count * count else {
            throw TrainingError("the moments are those of another network")
        }
        earlierSteps = state.step
        let moments = SharedBuffer<Float>(count: own.moments.count * count)
        for (index, moment) in own.moments.enumerated() {
            guard let source = given.firstIndex(of: moment.name) else { continue }
            (moments.base + index * count).update(from: state.moments.base + source * count, count: count)
        }
        trainer.setMoments(moments)
    }
}
