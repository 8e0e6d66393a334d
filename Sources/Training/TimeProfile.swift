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
    /// What exchanges with other ranks hold up, waiting for them included.
    public var communication = 0.0
    /// Waiting for other workers.
    public var waiting = 0.0

    public init() {}

    /// The sum of several ranks' profiles.
    func summed(over communicator: any Communicator) -> TimeProfile {
        let parts = [reading, products, elementwise, reduction, communication, waiting]
        let sums = communicator.gather(parts).reduce([Double](repeating: 0, count: parts.count)) { zip($0, $1).map(+) }
        var all = TimeProfile()
        (all.reading, all.products, all.elementwise) = (sums[0], sums[1], sums[2])
        (all.reduction, all.communication, all.waiting) = (sums[3], sums[4], sums[5])
        return all
    }

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
