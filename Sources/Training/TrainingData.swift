public import LinearAlgebra
public import Tabular

/// Where training rows come from, epoch by epoch.
///
/// An epoch is a sequence of windows: stretches of rows that are in memory together, each with the order in which its
/// rows are visited. A table in memory is one window; a table on disk is many. The rows of every window but the last are
/// a multiple of the batch size, so that batches never straddle windows.
public protocol TrainingData: Sendable {
    var rowCount: Int { get }
    var featureCount: Int { get }
    /// The form of the targets.
    var targetShape: Samples.TargetShape { get }

    /// Calls `body` with each window of an epoch, in order, from the one that holds the row at `position` of the epoch on,
    /// until it returns `false`. The order is a function of the other arguments alone.
    func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64,
        _ body: (TrainingWindow) throws -> Bool
    ) throws

    /// The same for a rank that visits a part of each batch: rows that it does not visit may be missing from the windows.
    func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64, share: BatchShare,
        _ body: (TrainingWindow) throws -> Bool
    ) throws
}

extension TrainingData {
    public func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64, share: BatchShare,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {
        try forEachWindow(
            epoch: epoch, from: position, batchSize: batchSize, shuffles: shuffles, seed: seed, body)
    }
}

/// The rows of every batch that a rank visits.
public struct BatchShare: Sendable {
    let plan: ShardPlan
    let rank: Int
    let ranks: Int

    /// Their positions in a window of `count` rows.
    func visits(ofWindow count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: plan.batchSize).map { first in
            let rows = min(plan.batchSize, count - first)
            let shards = ShardShares(shards: plan.count(ofRows: rows), ranks: ranks).range(of: rank)
            let end = min(shards.upperBound * plan.rows, rows)
            return first + min(shards.lowerBound * plan.rows, end)..<first + end
        }
    }
}

/// Rows that are in memory together, and the order in which an epoch visits them.
public struct TrainingWindow: Sendable {
    public let samples: Samples
    /// The rows in the order of their visit; `nil`: first to last.
    public let order: SharedBuffer<UInt32>?
    /// The rows to visit.
    public let count: Int
    /// The rows of the epoch in the windows before.
    public let position: Int

    public init(samples: Samples, order: SharedBuffer<UInt32>?, count: Int, position: Int = 0) {
        self.samples = samples
        self.position = position
        self.order = order
        self.count = count
    }
}

extension SampleSelection: TrainingData {
    public var rowCount: Int { count }
    public var featureCount: Int { samples.featureCount }
    public var targetShape: Samples.TargetShape { samples.targetShape }

    public func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {
        guard shuffles || rows != nil else {
            _ = try body(TrainingWindow(samples: samples, order: nil, count: count))
            return
        }
        var order = rows ?? Array(0..<UInt32(samples.rowCount))
        if shuffles {
            var random = CounterRandom(seed: seed, purpose: .shuffling, stream: UInt64(epoch))
            random.shuffle(&order)
        }
        _ = try body(TrainingWindow(samples: samples, order: SharedBuffer(order), count: count))
    }
}
