/// Several tables of which each can be read in any order, as one that can.
public struct ConcatenatedTable: RandomAccessTable {
    let source: ConcatenatedSource
    /// The parts, and the position of the first row of each.
    private let parts: [(part: ConcatenatedSource.Part, table: any RandomAccessTable, firstRow: Int)]

    public let rowCount: Int

    /// - Returns: `nil` where one of the parts is read from its first row to its last.
    public init?(_ source: ConcatenatedSource) {
        var parts: [(part: ConcatenatedSource.Part, table: any RandomAccessTable, firstRow: Int)] = []
        var firstRow = 0
        for part in source.parts {
            guard let table = part.source as? any RandomAccessTable else { return nil }
            parts.append((part, table, firstRow))
            firstRow += table.rowCount
        }
        self.source = source
        self.parts = parts
        rowCount = firstRow
    }

    public var name: String { source.name }
    public var columnNames: [String] { source.columnNames }
    public var knownRoles: KnownRoles { source.knownRoles }
    public var notes: [String] { source.notes }

    public func profile(among readers: any TableReaders) throws(TableError) -> TableProfile {
        var profiles: [TableProfile] = []
        for (_, table, _) in parts { profiles.append(try table.profile(among: readers)) }
        return source.joined(profiles)
    }

    /// Parts begin where they do, so a block that reaches over the end of one is cut there.
    public func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int {
        var rows = 1
        for (part, table, _) in parts {
            rows = max(rows, try table.preferredBlockRows(part.own(selection), bytes: bytes))
        }
        return rows
    }

    public func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "\(name) has \(rowCount) rows, not \(rows)")
        var levels = JoinedLevels.of(selection)
        for (part, table, firstRow) in parts {
            let own = rows.clamped(to: firstRow..<firstRow + table.rowCount)
            guard !own.isEmpty else { continue }
            levels.startPart()
            try table.read(
                part.own(selection), rows: own.lowerBound - firstRow..<own.upperBound - firstRow
            ) { (chunk) throws(TableError) in try body(levels.joined(chunk, after: firstRow)) }
        }
    }
}
