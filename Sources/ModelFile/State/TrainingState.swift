public import LinearAlgebra
public import NeuralNetwork

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
    /// Whose moments these are, with the learning rate of the last step; `nil` in files that do not say.
    public var optimizer: Optimizer?
    /// The steps that the optimizer had taken before this run.
    public var earlierSteps: Int
    /// Sums over the rows of the epoch so far: loss, score, then the penalty of each part of the parameters.
    public var epochSums: [Double]
    public var history: [EpochRecord]
    public var best: Best?
    public var epochsWithoutImprovement: Int
    public var epochsSinceReduction: Int
    /// How often a plateau has lowered the learning rate.
    public var reductions: Int
    /// The first first. Each has lowered the learning rate.
    public var rollbacks: [Rollback]
    /// The loss of the first step, which tells a good state from one that has gone astray; `nil` where nobody needs it.
    public var firstLoss: Double?

    public init(
        step: Int, parameters: SharedBuffer<Float>, moments: SharedBuffer<Float>, optimizer: Optimizer? = nil,
        earlierSteps: Int = 0, epochSums: [Double], history: [EpochRecord], best: Best?, epochsWithoutImprovement: Int,
        epochsSinceReduction: Int, reductions: Int, rollbacks: [Rollback] = [], firstLoss: Double? = nil
    ) {
        self.step = step
        self.parameters = parameters
        self.moments = moments
        self.optimizer = optimizer
        self.earlierSteps = earlierSteps
        self.epochSums = epochSums
        self.history = history
        self.best = best
        self.epochsWithoutImprovement = epochsWithoutImprovement
        self.epochsSinceReduction = epochsSinceReduction
        self.reductions = reductions
        self.rollbacks = rollbacks
        self.firstLoss = firstLoss
    }
}
