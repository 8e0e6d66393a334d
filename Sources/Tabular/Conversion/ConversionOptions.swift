/// How a table is converted.
public struct ConversionOptions: Sendable, Hashable {
    /// The gzip level of an HDF5 file, 1 to 9; `nil`: not compressed.
    public var deflate: Int?
    /// The rows of a chunk of an HDF5 file; `nil`: about 2 MiB of them.
    public var chunkRows: Int?
    /// Columns to be taken as texts though they look like numbers.
    public var categorical: ColumnPattern?
    /// The threads that pack and write; what is written does not depend on them.
    public var workers: Int

    public init(
        deflate: Int? = nil, chunkRows: Int? = nil, categorical: ColumnPattern? = nil, workers: Int = 1
    ) {
        self.deflate = deflate
        self.chunkRows = chunkRows
        self.categorical = categorical
        self.workers = workers
    }
}

/// How far a conversion is.
public struct ConversionProgress: Sendable {
    public var rows: Int
    public var totalRows: Int
    public var columnCount: Int
}
