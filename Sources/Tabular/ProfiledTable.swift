/// A table of which one pass has told what its columns hold, and the schema that follows: what it takes to decide how to
/// train on it.
public struct ProfiledTable: Sendable {
    public let source: any TableSource
    public let schema: Schema
    /// The rows of the table, those with missing values among them.
    public let rowCount: Int
    /// Sentences on what was decided for the user.
    public private(set) var notes: [String]
    let options: SchemaOptions
    /// The same rows, parsed already where they fit.
    let rows: any TableSource

    /// - Parameters:
    ///   - keptBytes: Rows that take no more memory are parsed once: the values that this pass meets are kept for the next
    ///     one.
    ///   - readers: The ranks that train on the table. Where rows can be read in any order, each looks through a part.
    public init(
        _ source: any TableSource, options: SchemaOptions, keptBytes: Int = 1 << 30,
        among readers: any TableReaders = SoleReader()
    ) throws(TableError) {
        let profile: TableProfile
        let rows: any TableSource
        if let table = source as? any RandomAccessTable {
            (profile, rows) = (try table.profile(among: readers), table)
        } else {
            (profile, rows) = try source.profile(keepingUpTo: keptBytes)
        }
        let (schema, notes) = try Schema.resolve(profile, of: source, options: options)
        self.source = source
        self.schema = schema
        self.rows = rows
        self.notes = source.notes + notes
        self.options = options
        rowCount = profile.rowCount
    }

    /// The same with other sentences for the user.
    public func with(notes: [String]) -> ProfiledTable {
        var copy = self
        copy.notes = notes
        return copy
    }

    /// The bytes that a row takes in memory once it is encoded: features, targets, weight and its place in the order.
    public var rowBytes: Int {
        let targets = schema.target.classCount > 0 ? 1 : schema.target.columns.count
        return 4 * (schema.featureCount + targets + (schema.weight == nil ? 0 : 1)) + 16
    }

    /// The bytes that all rows take in memory while they are read.
    public var memoryBytes: Int {
        let kept = rows is any RandomAccessTable ? 0 : 4 * source.columnNames.count
        return rowCount * (rowBytes + kept) + rowCount * rowBytes / 16
    }

    /// The bytes that are taken while the encoding is fitted to rows that stay on disk, and no longer.
    public var fittingBytes: Int {
        // Several ranks tell each other besides which rows train.
        EncodingFitter(
            schema: schema, options: options, featuresAreBytes: false,
            portions: TablePortions(rowCount: rowCount, columns: schema.featureCount), seed: 0
        ).bytes + rowCount / 8
    }

    /// The bytes that are kept of all rows while they stay on disk: which train, and which are held out.
    public var keptBytes: Int { rowCount / 4 }

    /// The rows that stay together when a table is shuffled within windows: those of 1/256 of a window, between 16 KiB and
    /// 1 MiB, or as many as are stored together. Fewer would be read too slowly; more would leave too few to choose from.
    ///
    /// - Parameter windowRows: The rows that are shuffled together.
    public func blockRows(windowRows: Int) throws(TableError) -> Int {
        let share = (windowRows / 256).multipliedReportingOverflow(by: rowBytes)
        let bytes = share.overflow ? 1 << 20 : max(16 << 10, min(1 << 20, share.partialValue))
        let together: Int
        if let table = source as? any RandomAccessTable {
            let encoder = try RowEncoder(schema, of: table, readsTargets: true, keepsAllRows: false)
            together = try table.preferredBlockRows(encoder.selection, bytes: 1)
        } else {
            // As it would be stored if it did not fit in memory.
            together = TableCache.chunkRows(columns: source.columnNames.count)
        }
        return max(1, bytes / rowBytes / together) * together
    }
}
