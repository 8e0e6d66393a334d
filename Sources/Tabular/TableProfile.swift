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

    /// The moments among a column's texts.
    public struct Times: Sendable, Equatable {
        /// Rows whose value is a date or a time.
        public var count: Int
        /// The earliest and the latest, in seconds since 1970.
        public var range: ClosedRange<Double>
        /// Whether any is another time of day than midnight.
        public var hasClock: Bool

        public init(count: Int, range: ClosedRange<Double>, hasClock: Bool) {
            self.count = count
            self.range = range
            self.hasClock = hasClock
        }

        /// Adds a moment.
        mutating func add(_ seconds: Double, count: Int = 1) {
            self.count += count
            range = min(range.lowerBound, seconds)...max(range.upperBound, seconds)
            if seconds.remainder(dividingBy: 86_400) != 0 { hasClock = true }
        }

        /// One moment, in so many rows.
        init(_ seconds: Double, count: Int = 1) {
            self.init(count: count, range: seconds...seconds, hasClock: seconds.remainder(dividingBy: 86_400) != 0)
        }

        /// Adds those of other rows.
        mutating func merge(_ other: Times) {
            count += other.count
            range = min(range.lowerBound, other.range.lowerBound)...max(range.upperBound, other.range.upperBound)
            hasClock = hasClock || other.hasClock
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
    /// The dates and times among the texts; `nil` where there is none, or where the source does not look for any.
    public var times: Times?
    /// The mean and the population variance of the numbers (Welford 1962); 0 where there is none.
    public var mean: Double
    public var variance: Double

    public init(
        name: String, missingCount: Int = 0, numberCount: Int = 0, integerCount: Int = 0, textCount: Int = 0,
        infiniteCount: Int = 0, firstText: Oddity? = nil, levels: [String: Int]? = [:],
        range: ClosedRange<Double>? = nil, times: Times? = nil, mean: Double = 0, variance: Double = 0
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
        self.times = times
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

    /// Whether the column holds dates or times: they are at least 95 % of what is not missing.
    public var isTimes: Bool {
        guard !isNumeric, let times else { return false }
        return Double(times.count) >= Self.numericShare * Double(numberCount + textCount)
    }
}
