/// A table that can be read from its first row to its last, any number of times.
///
/// A source knows nothing of features, targets or scaling. It tells what its columns hold (`profile()`), and it
/// delivers the columns asked for in chunks of rows (`read(_:_:)`), so that a table never has to fit in memory.
public protocol TableSource: Sendable {
    /// How messages call the source: the path as the user typed it.
    var name: String { get }

    /// The names of the columns, in the order of the file.
    var columnNames: [String] { get }

    /// What the source itself knows of its columns' roles.
    var knownRoles: KnownRoles { get }

    /// Sentences for the user on how the file was understood.
    var notes: [String] { get }

    /// One pass over every row: what each column holds.
    func profile() throws(TableError) -> TableProfile

    /// The same pass, and a source of the same rows for the next one, which need not parse them again where they fit in
    /// `byteLimit`.
    func profile(keepingUpTo byteLimit: Int) throws(TableError) -> (profile: TableProfile, rows: any TableSource)

    /// Whether it can be asked for dates and times; where not, they are read as texts.
    var deliversTimes: Bool { get }

    /// Whether rows with a value that breaks its column's type are put aside, so that they are no error.
    var putsAsideBadRows: Bool { get }

    /// Delivers the selected columns in row order, chunk by chunk. The chunk is reused between calls of `body`.
    ///
    /// - Throws: `TableError` for a value that is not of the kind asked for, with its line and column, and whatever
    ///   `body` throws.
    func read(_ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void) throws(TableError)
}

/// The columns that a reader wants, by index into `TableSource.columnNames`.
public struct ColumnSelection: Sendable, Equatable {
    /// A column to be delivered as level codes.
    public struct Text: Sendable, Equatable {
        public var column: Int
        /// The known levels, whose positions are the codes. `nil`: every level gets a code as it first appears.
        public var levels: [String]?
        /// Whether codes count within each chunk alone, whose `levels` then need not hold those of others: any number of
        /// different texts goes through in bounded memory. Without meaning where levels are given.
        public var isPerChunk: Bool
        /// Whether any other level breaks the column's type: for a source that puts bad rows aside.
        public var isStrict: Bool

        public init(column: Int, levels: [String]? = nil, isPerChunk: Bool = false, isStrict: Bool = false) {
            self.column = column
            self.levels = levels
            self.isPerChunk = isPerChunk
            self.isStrict = isStrict
        }
    }

    /// Columns to be delivered as numbers; any value that is neither missing nor a finite number is an error.
    public var numeric: [Int]
    /// Columns to be delivered as codes.
    public var text: [Text]
    /// Columns, each once, to be delivered as numbers of double precision, for those who pass tables on.
    public var exact: [Int]
    /// Columns, each once, to be delivered as moments, of a source that delivers times.
    public var times: [Int]

    public init(numeric: [Int] = [], text: [Text] = [], exact: [Int] = [], times: [Int] = []) {
        self.numeric = numeric
        self.text = text
        self.exact = exact
        self.times = times
    }
}

/// A run of consecutive rows.
public struct RowChunk: Sendable {
    /// The code of a missing value in a text column.
    public static let missing: Int32 = -1
    /// The code of a value that is not among the levels given.
    public static let unseen: Int32 = -2

    /// The position of the first row in the table, from 0.
    public var firstRow: Int
    /// The number of rows.
    public var rowCount: Int
    /// `rowCount` x `selection.numeric.count`, row by row; NaN where the value is missing.
    public var numbers: [Float]
    /// `rowCount` x `selection.text.count`, row by row; `missing` and `unseen` are negative.
    public var codes: [Int32]
    /// The levels of each text column: those given, or those met so far.
    public var levels: [[String]]
    /// `rowCount` x `selection.exact.count`, row by row; NaN where the value is missing.
    public var doubles: [Double]
    /// `rowCount` x `selection.times.count`, row by row: seconds since 1970 as `TimeText` reads them; NaN where the value
    /// is missing.
    public var times: [Double]

    public init(
        firstRow: Int, rowCount: Int, numbers: [Float], codes: [Int32], levels: [[String]], doubles: [Double] = [],
        times: [Double] = []
    ) {
        self.firstRow = firstRow
        self.rowCount = rowCount
        self.numbers = numbers
        self.codes = codes
        self.levels = levels
        self.doubles = doubles
        self.times = times
    }
}
