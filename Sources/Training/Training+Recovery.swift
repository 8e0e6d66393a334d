internal import LinearAlgebra
internal import ModelFile
internal import NeuralNetwork

/// Going back from numbers that are not finite.
extension Training {
    /// What the rollbacks so far multiply the learning rate by.
    var rateFactor: Double {
        guard let recovery else { return 1 }
        return rollbacks.reduce(1) { factor, _ in factor * recovery.rateFactor }
    }

    /// Whether all weights are finite numbers, so that the state is worth keeping.
    public var hasFiniteWeights: Bool { allFinite(parameters.values.base, count: parameters.values.count) }

    /// Makes the state as it stands the one to go back to, provided that the next step goes well.
    func proposeState() {
        let moments = trainer.memory.moments
        guard recovery != nil, hasFiniteWeights, allFinite(moments.base, count: moments.count) else { return }
        proposedState = state
    }

    /// Looks at a step that was taken from the state that was proposed. Weights can be finite and so far astray that the
    /// next step fails at any rate.
    ///
    /// Nothing of this needs to be kept with the state of the run: between the proposal and the step, that is the state
    /// proposed.
    func judgeProposedState() {
        let loss = trainer.memory.recentLosses[(step - 1) % StepMemory.recentSteps]
        let first = firstLoss ?? loss
        firstLoss = first
        if let proposedState, loss <= 2 * first { goodState = proposedState }
        proposedState = nil
    }

    /// Whether a state would have been proposed where the run stands.
    var standsAtProposal: Bool {
        let inEpoch = step - history.count * stepsPerEpoch
        return inEpoch == 0 || inEpoch < stepsPerEpoch && recovery?.steps.map { step % $0 == 0 } ?? false
    }

    /// Puts the run back to its last good state, with a lower learning rate.
    ///
    /// - Returns: whether it did; it does not where smaller steps cannot help, or it has done so often enough.
    func goBack(after failure: NumericalFailure) -> Bool {
        guard let recovery, let goodState, !failure.isCausedByData, rollbacks.count < recovery.limit else {
            return false
        }
        trainer.forgetFailure()
        proposedState = nil
        restore(goodState)
        rollbacks.append(
            Rollback(
                epoch: failure.epoch, step: failure.step, tensor: failure.tensor, returnedTo: step, learningRate: 0))
        rollbacks[rollbacks.count - 1].learningRate = learningRate(atStep: step)
        return true
    }
}
