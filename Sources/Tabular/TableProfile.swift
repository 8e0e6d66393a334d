/// What one pass over a table learned of its columns.
public struct TableProfile: Sendable, Equatable {
    public var rowCount: Int
    public var columns: [ColumnProfile]

    public init(rowCount: Int, columns: [ColumnProfile]) {
        self.rowCount = rowCount
        self.columns = columns
    }
}

/// What one pass learned of a column.
public struct ColumnProfile: Sendable, Equatable {
    /// A value that is not a number, and where it stands.
    public struct Oddity: Sendable, Equatable {
        public var line: Int
        public var text: String
        /// The file, where the table has several.
        public var file: String?

        public init(line: Int, text: String, file: String? = nil) {
            self.line = line
            self.text = text
            self.file = file
        }
    }

    /// A column keeps this many distinct values; one with more is not enumerated (`levels` is `nil`).
    public static let levelLimit = 65_536
    /// The share of the non-missing values that must be numbers for the column to be numeric.
    public static let numericShare = 0.95

    public var name: String
    /// Rows whose value is missing: empty, `NA`, `NaN`, `null` or `?`.
    public var missingCount: Int
    /// Rows whose value is a finite number.
    public var numberCount: Int
    /// Rows whose value is a number without a fraction, as written: no `.`, no exponent.
    public var integerCount: Int
    /// Rows whose value is neither missing nor a finite number.
    public var textCount: Int
    /// Of `textCount`, the rows that hold an infinity or a number too large for `Float`.
    public var infiniteCount: Int
    /// The first value that is neither missing nor a finite number.
    public var firstText: Oddity?
    /// The distinct non-missing values as written (blanks trimmed) and how often each occurs; `nil` when there are
    /// more than `levelLimit`.
    public var levels: [String: Int]?
    /// The smallest and largest number; `nil` where there is none.
    public var range: ClosedRange<Double>?
    /// The mean and the population variance of the numbers (Welford 1962); 0 where there is none.
    public var mean: Double
    public var variance: Double

    public init(
        name: String, missingCount: Int = 0, numberCount: Int = 0, integerCount: Int = 0, textCount: Int = 0,
        infiniteCount: Int = 0, firstText: Oddity? = nil, levels: [String: Int]? = [:],
        range: ClosedRange<Double>? = nil, mean: Double = 0,
        variance: Double = 0
    ) {
        self.name = name
        self.missingCount = missingCount
        self.numberCount = numberCount
        self.integerCount = integerCount
        self.textCount = textCount
        self.infiniteCount = infiniteCount
        self.firstText = firstText
        self.levels = levels
        self.range = range
        self.mean = mean
        self.variance = variance
    }

    /// Whether the column is numeric: it holds numbers, and they are at least 95 % of what is not missing.
    ///
    /// An infinity counts as a number here, so that it is found to be a bad one and not taken for a category.
    public var isNumeric: Bool {
        numberCount > 0
            && Double(numberCount + infiniteCount) >= Self.numericShare * Double(numberCount + textCount)
    }
}
