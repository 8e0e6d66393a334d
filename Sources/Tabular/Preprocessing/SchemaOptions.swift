/// What the user said about the columns of a table.
public struct SchemaOptions: Sendable, Hashable {
    /// What is to be predicted.
    public enum Task: String, Sendable, Hashable, Codable, CaseIterable {
        /// By the target: text, boolean or an integer of at most 20 values is classification, any other regression.
        case auto
        case regression
        case classification
        /// Several yes-or-no questions at once.
        case multilabel
    }

    /// What becomes of a level that training never met.
    public enum Unseen: String, Sendable, Hashable, Codable, CaseIterable {
        /// It is taken for one of the rare levels; where no level was rare, all inputs of the column are 0.
        case other
        /// All inputs of the column are 0.
        case zero
        /// It is an error.
        case error
    }

    /// How numbers are scaled, by statistics of the training rows.
    public enum Scale: String, Sendable, Hashable, Codable, CaseIterable {
        /// `bytes` for a matrix of unsigned bytes, whose columns share one unit; `standard` for any other table.
        case auto
        case none
        /// (x - mean) / standard deviation.
        case standard
        /// (x - minimum) / (maximum - minimum).
        case minmax
        /// (x - median) / (75th - 25th percentile), or by the standard deviation where these are equal.
        case robust
        /// The normal score of a value's rank; see `NormalScores`.
        case quantile
        /// x / 255, for pixels: scaling each by itself would blow up those that are nearly always 0.
        case bytes
    }

    public var targets: [ColumnPattern]
    public var features: ColumnPattern?
    public var ignored: ColumnPattern?
    public var weight: String?
    public var categorical: ColumnPattern?
    /// Columns of dates and times, also where they are written as numbers; columns of texts are known by themselves.
    public var dates: ColumnPattern?
    public var task: Task
    public var missing: Missing
    /// Whether a number column with missing values has one more input, 1 where the value is missing.
    public var missingIndicator: Bool
    /// Levels with fewer rows in the table share one input; 1: each has its own.
    public var rare: Int
    public var unseen: Unseen
    public var scale: Scale
    public var targetScale: TargetScale

    /// How the target of a regression is scaled.
    public enum TargetScale: String, Sendable, Hashable, Codable, CaseIterable {
        case none
        case standard
    }

    public init(
        targets: [ColumnPattern] = [], features: ColumnPattern? = nil, ignored: ColumnPattern? = nil,
        weight: String? = nil, categorical: ColumnPattern? = nil, dates: ColumnPattern? = nil, task: Task = .auto,
        missing: Missing = .mean,
        missingIndicator: Bool = false, rare: Int = 1, unseen: Unseen = .other, scale: Scale = .auto,
        targetScale: TargetScale = .standard
    ) {
        self.targets = targets
        self.features = features
        self.ignored = ignored
        self.weight = weight
        self.categorical = categorical
        self.dates = dates
        self.task = task
        self.missing = missing
        self.missingIndicator = missingIndicator
        self.rare = rare
        self.unseen = unseen
        self.scale = scale
        self.targetScale = targetScale
    }
}
