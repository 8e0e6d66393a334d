/// A table whose rows can be read in any order, a range at a time, at a cost in proportion to the range.
///
/// Several threads may read at once.
public protocol RandomAccessTable: TableSource {
    /// The number of rows.
    var rowCount: Int { get }

    /// What each column holds, found out by all ranks together: each looks through a part of the rows. The same to the bit
    /// for any number of ranks.
    ///
    /// - Throws: As reading does, and where the table is another one than the first rank's.
    func profile(among readers: any TableReaders) throws(TableError) -> TableProfile

    /// How many rows to read at a time, from a multiple of as many on, so that nothing is unpacked twice: as many as the
    /// pieces in which the table is stored have, or a multiple. They take about `bytes` as numbers; more where a piece is
    /// larger.
    func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int

    /// Delivers the selected columns of some rows in their order, in one chunk or several.
    ///
    /// - Throws: As reading all rows does, where one of these is at fault.
    /// - Precondition: The table has `rows`.
    func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError)
}

extension RandomAccessTable {
    public func profile() throws(TableError) -> TableProfile { try profile(among: SoleReader()) }

    public func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        try read(selection, rows: 0..<rowCount, body)
    }
}
