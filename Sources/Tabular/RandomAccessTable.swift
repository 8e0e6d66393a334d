/// A table of which any run of rows can be read without reading those before it.
public protocol RandomAccessTable: TableSource {
    /// The number of rows.
    var rowCount: Int { get }

    /// The rows that are best read together: a multiple of the rows that are stored together, near 1 MiB of them.
    var preferredBlockRows: Int { get }

    /// Delivers the selected columns of some rows, in their order, chunk by chunk; `RowChunk.firstRow` is the position in
    /// the table. May be called from any thread.
    ///
    /// - Precondition: the rows are within `0..<rowCount`.
    /// - Throws: what `read(_:_:)` throws.
    func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError)
}
