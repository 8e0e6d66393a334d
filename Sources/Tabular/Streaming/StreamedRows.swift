public import LinearAlgebra

/// Rows of a table on disk, read when they are needed: those that train, those held out, or all of another table.
public struct StreamedRows: Sendable {
    public let encoding: TableEncoding
    /// The number of rows.
    public let count: Int
    /// How targets and weights are put into the form that training takes.
    public let adapt: @Sendable (Samples) -> Samples

    private let encoder: RowEncoder
    private let table: any RandomAccessTable
    /// The table is cut into blocks of this many rows.
    public let blockRows: Int
    /// The rows, where they are not all that have a target.
    let members: RowSet?
    /// The rows of every block that are among these.
    public let blockCounts: [Int]

    init(
        encoding: TableEncoding, encoder: RowEncoder, table: any RandomAccessTable, blockRows: Int, members: RowSet?,
        blockCounts: [Int],
        adapt: @escaping @Sendable (Samples) -> Samples = { $0 }
    ) {
        self.encoding = encoding
        self.encoder = encoder
        self.table = table
        self.blockRows = blockRows
        self.members = members
        self.blockCounts = blockCounts
        self.adapt = adapt
        count = blockCounts.reduce(0, +)
    }

    /// The same rows, their targets and weights in another form. A form must not change the number of rows.
    public func adapted(_ adapt: @escaping @Sendable (Samples) -> Samples) -> StreamedRows {
        let before = self.adapt
        return StreamedRows(
            encoding: encoding, encoder: encoder, table: table, blockRows: blockRows, members: members,
            blockCounts: blockCounts, adapt: { adapt(before($0)) })
    }

    /// The form of the targets.
    public var targetShape: Samples.TargetShape { adapt(emptySamples).targetShape }

    /// The bytes that a row takes in memory.
    public var rowBytes: Int {
        WindowMemory.rowBytes(features: encoding.schema.featureCount, emptySamples: adapt(emptySamples))
    }

    private var emptySamples: Samples {
        var rows = encoder.rows(capacity: 0)
        return rows.samples()
    }

    // MARK: Reading

    /// The rows of a block that have all that training needs, encoded. They are good until others take the room.
    private func samples(ofBlock index: Int, in room: inout EncodedRows) throws(TableError) -> Samples {
        let first = index * blockRows
        try encoder.encode(first..<min(first + blockRows, table.rowCount), of: table, into: &room)
        let samples = room.samples()
        encoding.scale(samples)
        return adapt(samples)
    }

    /// Appends some of a block's rows, counted among those that are members; where not all rows of the window are needed,
    /// those that are.
    private func read(
        _ piece: EpochOrder.Piece, into memory: WindowMemory, needed: RowSet?, at progress: inout WindowProgress,
        by way: inout EncodedRows
    ) throws(TableError) {
        if let needed, !(progress.seen..<progress.seen + piece.rows.count).contains(where: needed.contains) {
            progress.seen += piece.rows.count
            return
        }
        let samples = try samples(ofBlock: piece.block, in: &way)
        if members == nil, needed == nil {
            let rows = piece.rows.clamped(to: 0..<samples.rowCount)
            memory.copy(samples, rows: rows, to: progress.kept)
            progress.seen += rows.count
            progress.kept += rows.count
            return
        }
        var member = 0
        var run = 0
        // Runs of rows that follow one another are copied as one.
        func flush(_ end: Int) {
            if run > 0 {
                memory.copy(samples, rows: end - run..<end, to: progress.kept)
                progress.kept += run
                run = 0
            }
        }
        for row in 0..<samples.rowCount {
            var isNeeded = false
            if members?.contains(samples.tableRow(row)) ?? true {
                if piece.rows.contains(member) {
                    isNeeded = needed?.contains(progress.seen) ?? true
                    progress.seen += 1
                }
                member += 1
            }
            if isNeeded { run += 1 } else { flush(row) }
        }
        flush(samples.rowCount)
    }

    /// Calls `body` with the windows of an epoch from `start` on, each read while the one before is at work, until it
    /// returns `false`.
    ///
    /// - Parameters:
    ///   - windowRows: The rows of a window, a multiple of the batch size; two windows are in memory at once.
    ///   - needs: Which of a window's rows are needed, as positions in the order in which they are visited, given how many
    ///     there are; `nil`: all. Others are not kept, and blocks without any that is needed are not read.
    public func forEachWindow(
        _ order: EpochOrder, from start: Int = 0, needs: (@Sendable (_ count: Int) -> [Range<Int>])? = nil,
        _ body: (_ samples: Samples, _ order: SharedBuffer<UInt32>?, _ count: Int) throws -> Bool
    ) throws {
        let shape = adapt(emptySamples)
        let features = encoding.schema.featureCount
        func keptCount(of count: Int) -> Int { needs.map { $0(count).reduce(0) { $0 + $1.count } } ?? count }
        let capacity = max(
            keptCount(of: min(order.windowRows, order.rowCount)),
            keptCount(of: order.count(ofWindow: order.windowCount - 1)))
        let lent = order.windowCount - start > 1 ? 2 : 1
        let memory = (0..<lent).map { _ in WindowMemory(rows: capacity, features: features, like: shape) }
        let reader = ReadAhead<LoadedWindow>(capacity: lent) { number throws(TableError) in
            let index = start + number
            guard index < order.windowCount else { return nil }
            let count = order.count(ofWindow: index)
            let target = memory[number % lent]
            let visits = WindowVisits(
                order.order(ofWindow: index), count: count, needed: needs.map { $0(count) })
            var progress = WindowProgress()
            var way = encoder.rows(capacity: blockRows)
            for piece in order.pieces(ofWindow: index) {
                try read(piece, into: target, needed: visits.needed, at: &progress, by: &way)
            }
            guard progress.seen == count, progress.kept == visits.neededCount else {
                throw TableError(.badData, file: table.name, "the file has changed while it was being read")
            }
            return LoadedWindow(
                samples: target.samples(), order: visits.order.map { SharedBuffer($0) }, count: count)
        }
        defer { reader.cancel() }
        while let window = try reader.next() {
            guard try body(window.samples, window.order, window.count) else { return }
        }
    }

    /// Calls `body` with rows in the order of the table, some thousands at a time, each part read while the one before is at
    /// work.
    ///
    /// - Parameters:
    ///   - share: Which share of the parts is meant.
    ///   - shares: Into how many shares they are cut, each of parts that follow one another.
    public func forEachPart(inShare share: Int = 0, of shares: Int = 1, _ body: (Samples) throws -> Void) throws {
        let shape = adapt(emptySamples)
        let features = encoding.schema.featureCount
        let parts = parts(inShare: share, of: shares)
        let reader = ReadAhead<Samples>(capacity: 2) { number throws(TableError) in
            guard number < parts.count else { return nil }
            let blocks = parts[parts.startIndex + number]
            let rows = blocks.reduce(0) { $0 + blockCounts[$1] }
            let memory = WindowMemory(rows: rows, features: features, like: shape)
            var progress = WindowProgress()
            var way = encoder.rows(capacity: blockRows)
            for block in blocks where blockCounts[block] > 0 {
                try read(
                    .init(block: block, rows: 0..<blockCounts[block]), into: memory, needed: nil, at: &progress,
                    by: &way)
            }
            guard progress.kept == rows else {
                throw TableError(.badData, file: table.name, "the file has changed while it was being read")
            }
            return memory.samples()
        }
        defer { reader.cancel() }
        while let samples = try reader.next() { try body(samples) }
    }

    /// The rows in one of several shares of the parts.
    public func rows(inShare share: Int, of shares: Int) -> Range<Int> {
        func rows(_ blocks: Range<Int>) -> Int { blockCounts[blocks].reduce(0, +) }
        let own = parts(inShare: share, of: shares)
        guard let first = own.first, let last = own.last else { return 0..<0 }
        let before = rows(0..<first.lowerBound)
        return before..<before + rows(first.lowerBound..<last.upperBound)
    }

    private func parts(inShare share: Int, of shares: Int) -> ArraySlice<Range<Int>> {
        let parts = parts
        return parts[share * parts.count / shares..<(share + 1) * parts.count / shares]
    }

    /// The rows of a part, but for those of its last block: enough to keep many workers busy, in few MiB.
    private static func partRows(rowBytes: Int) -> Int { max(4096, min(16_384, (4 << 20) / max(1, rowBytes))) }

    /// The bytes of the parts of so many rows that are in memory at once, but for those of a block each.
    public static func partBytes(rows: Int, rowBytes: Int) -> Int {
        min(rows, 2 * partRows(rowBytes: rowBytes)) * rowBytes
    }

    /// Blocks taken together until they hold enough rows.
    private var parts: [Range<Int>] {
        let enough = Self.partRows(rowBytes: rowBytes)
        var parts: [Range<Int>] = []
        var first = 0
        var rows = 0
        for block in blockCounts.indices {
            rows += blockCounts[block]
            if rows >= enough || block == blockCounts.count - 1 {
                parts.append(first..<block + 1)
                first = block + 1
                rows = 0
            }
        }
        return parts
    }
}

/// A window in memory.
private struct LoadedWindow: Sendable {
    var samples: Samples
    var order: SharedBuffer<UInt32>?
    var count: Int
}

/// How far the reading of a window is.
private struct WindowProgress {
    /// The rows of the window that were met.
    var seen = 0
    /// Those that were needed.
    var kept = 0
}
