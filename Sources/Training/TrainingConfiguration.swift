public import NeuralNetwork

/// How a network is trained: a value that is recorded with the model.
public struct TrainingConfiguration: Sendable, Hashable, Codable {
    public var loss: Loss
    public var optimizer: Optimizer
    public var schedule: Schedule
    /// Steps over which the learning rate climbs to its value. 0: none.
    public var warmupSteps: Int
    /// Rows per step. 128 keeps products fast and steps frequent.
    public var batchSize: Int
    /// Shards per batch; `nil`: by the cost rule of `ShardPlan`.
    public var shards: Int?
    /// Whether every epoch visits the rows in an order of its own.
    public var shuffles: Bool
    /// Whether a last, smaller batch is left out. It counts by its rows otherwise.
    public var dropsLastBatch: Bool
    /// The key of every random number.
    public var seed: UInt64

    public init(
        loss: Loss, optimizer: Optimizer = .adam(), schedule: Schedule = .constant, warmupSteps: Int = 0,
        batchSize: Int = 128, shards: Int? = nil, shuffles: Bool = true, dropsLastBatch: Bool = false, seed: UInt64 = 0
    ) {
        self.loss = loss
        self.optimizer = optimizer
        self.schedule = schedule
        self.warmupSteps = warmupSteps
        self.batchSize = batchSize
        self.shards = shards
        self.shuffles = shuffles
        self.dropsLastBatch = dropsLastBatch
        self.seed = seed
    }

    /// The steps of an epoch over `rows` rows.
    public func stepsPerEpoch(rows: Int) -> Int {
        dropsLastBatch ? rows / batchSize : (rows + batchSize - 1) / batchSize
    }

    /// How batches are cut for a network.
    public func shardPlan(for graph: Graph) -> ShardPlan {
        if let shards { return ShardPlan(batchSize: batchSize, shards: shards) }
        return ShardPlan(
            batchSize: batchSize, parameters: ParameterLayout(graph).parameterCount,
            operationsPerRow: graph.trainingOperationsPerRow)
    }
}
