public import Tabular

/// A table that can be entered at any row, over one that cannot: it reads everything each time.
public struct SeekableTable: RandomAccessTable {
    private let base: any TableSource
    public let rowCount: Int
    private let blockRows: Int

    public init(_ base: any TableSource, blockRows: Int) throws(TableError) {
        self.base = base
        rowCount = try base.profile().rowCount
        self.blockRows = blockRows
    }

    public var name: String { base.name }
    public var columnNames: [String] { base.columnNames }
    public var knownRoles: KnownRoles { base.knownRoles }
    public var notes: [String] { base.notes }

    public func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int { blockRows }

    public func profile(among readers: any TableReaders) throws(TableError) -> TableProfile { try base.profile() }

    public func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        try base.read(selection, body)
    }

    public func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "There are no rows \(rows)")
        let numbers = selection.numeric.count
        let codes = selection.text.count
        try base.read(selection) { (chunk: borrowing RowChunk) throws(TableError) in
            let wanted = rows.clamped(to: chunk.firstRow..<chunk.firstRow + chunk.rowCount)
            guard !wanted.isEmpty else { return }
            let own = wanted.lowerBound - chunk.firstRow..<wanted.upperBound - chunk.firstRow
            try body(
                RowChunk(
                    firstRow: wanted.lowerBound, rowCount: wanted.count,
                    numbers: Array(chunk.numbers[own.lowerBound * numbers..<own.upperBound * numbers]),
                    codes: Array(chunk.codes[own.lowerBound * codes..<own.upperBound * codes]),
                    levels: chunk.levels))
        }
    }
}
