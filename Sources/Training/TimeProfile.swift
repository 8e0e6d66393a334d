/// Where the workers' time went while they took training steps: seconds, summed over the workers.
public struct TimeProfile: Sendable, Hashable {
    /// Gathering rows, features and targets.
    public var reading = 0.0
    /// Matrix products.
    public var products = 0.0
    /// Everything else that a shard computes: activations, the loss, sums over columns, checks.
    public var elementwise = 0.0
    /// Summing the shards' gradients and updating the parameters.
    public var reduction = 0.0
    /// Exchanging with other ranks, waiting for them included.
    public var communication = 0.0
    /// Waiting for other workers.
    public var waiting = 0.0

    public init() {}

    /// All of it: workers times the time that passed.
    public var total: Double { reading + products + elementwise + reduction + communication + waiting }
}

/// What a worker keeps count of.
enum TimedWork: Int, CaseIterable {
    case reading
    case products
    /// A shard as a whole, products and reading included.
    case shard
    case reduction
    case communication
}
