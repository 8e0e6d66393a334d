public import LinearAlgebra
public import ModelFile
internal import NeuralNetwork

/// Where a run stands between two steps: all that decides how it goes on, and nothing that does not.
///
/// A run that is continued from a state takes the same steps, to the bit, as one that was never interrupted, on any number
/// of workers: positions are integers, and every random number is a function of seed and position.
public struct TrainingState: Sendable {
    /// The best weights so far, by the monitored metric.
    public struct Best: Sendable {
        public var epoch: Int
        public var value: Double
        /// `nil` where early stopping does not keep them.
        public var parameters: SharedBuffer<Float>?

        public init(epoch: Int, value: Double, parameters: SharedBuffer<Float>?) {
            self.epoch = epoch
            self.value = value
            self.parameters = parameters
        }
    }

    /// The steps taken. Those beyond the epochs in `history` are steps of an epoch that is not over.
    public var step: Int
    /// As in `Parameters.values`.
    public var parameters: SharedBuffer<Float>
    /// The optimizer's, one after the other, each in the layout of the parameters.
    public var moments: SharedBuffer<Float>
    /// Sums over the rows of the epoch so far: loss, score, then the penalty of each part of the parameters.
    public var epochSums: [Double]
    public var history: [EpochRecord]
    public var best: Best?
    public var epochsWithoutImprovement: Int
    public var epochsSinceReduction: Int
    /// How often a plateau has lowered the learning rate.
    public var reductions: Int

    public init(
        step: Int, parameters: SharedBuffer<Float>, moments: SharedBuffer<Float>, epochSums: [Double],
        history: [EpochRecord], best: Best?, epochsWithoutImprovement: Int, epochsSinceReduction: Int, reductions: Int
    ) {
        self.step = step
        self.parameters = parameters
        self.moments = moments
        self.epochSums = epochSums
        self.history = history
        self.best = best
        self.epochsWithoutImprovement = epochsWithoutImprovement
        self.epochsSinceReduction = epochsSinceReduction
        self.reductions = reductions
    }
}

extension Training {
    /// Where the run stands: a copy, to be taken before the first epoch, between epochs, or in `onProgress`.
    public var state: TrainingState {
        TrainingState(
            step: step, parameters: parameters.values.copy(), moments: trainer.memory.moments.copy(),
            epochSums: trainer.epochSums, history: history,
            best: best.map {
                TrainingState.Best(epoch: bestEpoch ?? 0, value: $0.value, parameters: $0.parameters?.values.copy())
            }, epochsWithoutImprovement: epochsWithoutImprovement, epochsSinceReduction: epochsSinceReduction,
            reductions: reductions)
    }

    /// Goes on from a state of a run with the same network, data and configuration; to be called before the first epoch.
    ///
    /// - Throws: `TrainingError` when the state is not one of such a run.
    public func resume(from state: TrainingState) throws(TrainingError) {
        precondition(step == 0 && history.isEmpty, "A run that has begun cannot be continued from a state")
        let done = state.history.count * stepsPerEpoch
        guard state.parameters.count == parameters.values.count,
            state.moments.count == trainer.memory.moments.count,
            state.best?.parameters.map({ $0.count == parameters.values.count }) ?? true,
            state.epochSums.count == trainer.epochSums.count, state.history.count <= plannedEpochs,
            state.step >= done, state.step - done <= stepsPerEpoch
        else {
            throw TrainingError("the state to go on from is one of another network or other data")
        }
        step = state.step
        parameters.values.copy(from: state.parameters)
        trainer.memory.moments.copy(from: state.moments)
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
        isFinished = hasRunOutOfPatience
    }
}
