public import LinearAlgebra
public import NeuralNetwork

/// All that a run needs, beside the model file's weights and history, to continue to the same bytes.
///
/// Positions are whole numbers from which the order of the rows and every random draw follow, so that any step is
/// reached at once. There are no times, no workers and no count of interruptions: a run that was interrupted and resumed
/// passes through the same states as one that was not.
public struct TrainingState: Sendable {
    /// How far the run is.
    public struct Position: Sendable, Hashable {
        /// The epoch under way, from 1.
        public var epoch: Int
        /// The steps of that epoch that are done.
        public var stepInEpoch: Int
        /// The steps of the run that are done.
        public var step: Int

        public init(epoch: Int = 1, stepInEpoch: Int = 0, step: Int = 0) {
            self.epoch = epoch
            self.stepInEpoch = stepInEpoch
            self.step = step
        }
    }

    /// What the steps of the epoch under way have added up to.
    public struct Sums: Sendable, Hashable {
        public var loss: Double
        public var score: Double
        /// The penalty of each chunk of the parameters.
        public var penalties: [Double]

        public init(loss: Double = 0, score: Double = 0, penalties: [Double] = []) {
            self.loss = loss
            self.score = score
            self.penalties = penalties
        }
    }

    /// The best epoch so far, by the monitored metric.
    public struct Best: Sendable {
        public var epoch: Int
        public var value: Double
        /// Its weights, where early stopping keeps them.
        public var weights: Parameters?

        public init(epoch: Int, value: Double, weights: Parameters? = nil) {
            self.epoch = epoch
            self.value = value
            self.weights = weights
        }
    }

    public var position: Position
    public var sums: Sums
    /// The weights that training goes on from; those of the model may be the best ones.
    public var weights: Parameters
    /// The names of the optimizer's moments.
    public var momentNames: [String]
    /// Moments x parameters, each in the layout of the weights.
    public var moments: SharedBuffer<Float>
    public var best: Best?
    public var epochsWithoutImprovement: Int
    public var epochsSinceReduction: Int
    /// How often a plateau has lowered the learning rate.
    public var reductions: Int
    public var identity: RunIdentity

    public init(
        position: Position, sums: Sums = Sums(), weights: Parameters, momentNames: [String],
        moments: SharedBuffer<Float>, best: Best? = nil, epochsWithoutImprovement: Int = 0,
        epochsSinceReduction: Int = 0, reductions: Int = 0, identity: RunIdentity
    ) {
        precondition(
            moments.count == momentNames.count * weights.layout.bufferCount,
            "\(momentNames.count) moments of \(weights.layout.bufferCount) do not fit a buffer of \(moments.count)")
        self.position = position
        self.sums = sums
        self.weights = weights
        self.momentNames = momentNames
        self.moments = moments
        self.best = best
        self.epochsWithoutImprovement = epochsWithoutImprovement
        self.epochsSinceReduction = epochsSinceReduction
        self.reductions = reductions
        self.identity = identity
    }
}
