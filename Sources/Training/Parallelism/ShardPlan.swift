/// How a batch is cut into shards.
///
/// A shard is what one worker computes at a time, and the unit of the sum of gradients. Its size follows from the batch
/// and the model alone, never from the workers: that is why any number of workers computes the same bits.
public struct ShardPlan: Sendable, Hashable {
    /// The rows of a full batch.
    public let batchSize: Int
    /// The rows of every shard but the last.
    public let rows: Int

    /// A plan with at most a given number of shards: fewer where the rows do not divide into so many.
    ///
    /// - Precondition: both are positive.
    public init(batchSize: Int, shards: Int) {
        precondition(batchSize > 0 && shards > 0, "A batch of \(batchSize) rows cannot be cut into \(shards) shards")
        self.batchSize = batchSize
        rows = (batchSize + shards - 1) / shards
    }

    /// The plan for a model, by its cost.
    ///
    /// A shard has at least 64 rows, below which products lose speed; at least 256 where the parameters exceed a
    /// worker's cache, because writing and summing a shard's gradient costs about as much as 27 rows of it; and work for
    /// at least 10 MFLOP, or waking a worker costs more than it brings. (Measured on two cores of an AVX-512 server.)
    public init(batchSize: Int, parameters: Int, operationsPerRow: Int) {
        let smallest = parameters > 262_144 ? 256 : 64
        let byRows = batchSize / smallest
        let byWork = Int(Double(batchSize) * Double(operationsPerRow) / 10e6)
        self.init(batchSize: batchSize, shards: min(max(1, min(byRows, byWork)), 64, batchSize))
    }

    /// The shards of a full batch.
    public var count: Int { count(ofRows: batchSize) }

    /// The shards of a batch of so many rows.
    public func count(ofRows rows: Int) -> Int { (rows + self.rows - 1) / self.rows }

    /// The rows of one shard of a batch of `batchRows` rows.
    public func range(of shard: Int, batchRows: Int) -> Range<Int> {
        shard * rows..<min((shard + 1) * rows, batchRows)
    }
}
