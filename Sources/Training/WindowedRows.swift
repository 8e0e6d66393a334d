internal import LinearAlgebra
public import Tabular

/// Rows that are shuffled within windows, as those of a table on disk must be: in memory and on disk they are visited in
/// the same order, so that the same window gives the same bits.
public struct WindowedRows: TrainingData {
    private enum Rows: Sendable {
        /// With the rows of every block, as positions in the selection.
        case inMemory(SampleSelection, blocks: [Range<Int>])
        case onDisk(StreamedRows)
    }

    private let rows: Rows
    private let blockCounts: [Int]
    /// The most rows that are shuffled together, rounded up to whole batches.
    public let windowRows: Int

    /// - Parameters:
    ///   - tableRowCount: The rows of the table, with those that were left out.
    ///   - blockRows: The table's rows that stay together when the order of blocks is drawn.
    public init(_ selection: SampleSelection, tableRowCount: Int, blockRows: Int, windowRows: Int) {
        precondition(blockRows > 0 && windowRows > 0, "Blocks and windows have at least one row")
        var blocks: [Range<Int>] = []
        var first = 0
        while first < selection.count {
            let block = selection.samples.tableRow(selection.row(first)) / blockRows
            var end = first + 1
            while end < selection.count, selection.samples.tableRow(selection.row(end)) / blockRows == block {
                end += 1
            }
            // Blocks without rows count too: their number is part of the order.
            while blocks.count < block { blocks.append(first..<first) }
            blocks.append(first..<end)
            first = end
        }
        let total = (tableRowCount + blockRows - 1) / blockRows
        while blocks.count < total { blocks.append(first..<first) }
        rows = .inMemory(selection, blocks: blocks)
        blockCounts = blocks.map(\.count)
        self.windowRows = windowRows
    }

    public init(_ streamed: StreamedRows, windowRows: Int) {
        precondition(windowRows > 0, "A window has at least one row")
        rows = .onDisk(streamed)
        blockCounts = streamed.blockCounts
        self.windowRows = windowRows
    }

    public var rowCount: Int { blockCounts.reduce(0, +) }

    public var featureCount: Int {
        switch rows {
        case .inMemory(let selection, _): selection.featureCount
        case .onDisk(let streamed): streamed.encoding.schema.featureCount
        }
    }

    public var targetShape: Samples.TargetShape {
        switch rows {
        case .inMemory(let selection, _): selection.targetShape
        case .onDisk(let streamed): streamed.targetShape
        }
    }

    public func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {
        try forEachWindow(
            epoch: epoch, from: position, batchSize: batchSize, shuffles: shuffles, seed: seed,
            share: BatchShare(plan: ShardPlan(batchSize: batchSize, shards: 1), rank: 0, ranks: 1), body)
    }

    public func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64, share: BatchShare,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {
        let order = EpochOrder(
            blockCounts: blockCounts, windowRows: (windowRows + batchSize - 1) / batchSize * batchSize,
            batchSize: batchSize, shuffles: shuffles, seed: seed, epoch: epoch)
        switch rows {
        case .inMemory(let selection, let blocks):
            var visits: [UInt32] = []
            visits.reserveCapacity(rowCount)
            for index in 0..<order.windowCount {
                var window: [UInt32] = []
                window.reserveCapacity(order.count(ofWindow: index))
                for piece in order.pieces(ofWindow: index) {
                    let first = blocks[piece.block].lowerBound
                    for row in piece.rows { window.append(UInt32(selection.row(first + row))) }
                }
                guard let places = order.order(ofWindow: index) else {
                    visits += window
                    continue
                }
                for place in places { visits.append(window[Int(place)]) }
            }
            _ = try body(
                TrainingWindow(samples: selection.samples, order: SharedBuffer(visits), count: visits.count))
        case .onDisk(let streamed):
            var first = position / order.windowRows
            let visits: @Sendable (Int) -> [Range<Int>] = { share.visits(ofWindow: $0) }
            try streamed.forEachWindow(order, from: first, needs: share.ranks == 1 ? nil : visits) {
                samples, places, count in
                defer { first += 1 }
                return try body(
                    TrainingWindow(samples: samples, order: places, count: count, position: first * order.windowRows))
            }
        }
    }
}
