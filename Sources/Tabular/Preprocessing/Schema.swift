/// The contract between a table and a model: which columns are features, of what kind, and what is predicted.
public struct Schema: Sendable, Hashable, Codable {
    /// A column that the network sees.
    public struct Feature: Sendable, Hashable, Codable {
        /// What the column holds.
        public enum Kind: Sendable, Hashable, Codable {
            /// One input, or two with an indicator of missing values.
            case number
            /// An input per level, 1 at the row's own; one for all rare levels where there are any; one more for a
            /// missing value where training met any. Yes and no are two levels too: a value that is neither, or missing,
            /// then needs no number.
            case levels([String], hasMissing: Bool)
            /// A date, a time of day or both: several numbers, and an indicator of missing values where there is one. See
            /// `inputNames`.
            case time(hasDate: Bool, hasClock: Bool)
        }

        public var column: String
        public var kind: Kind
        /// Levels too rare for an input each: they share one, behind those of the other levels.
        public var rare: [String]
        /// Whether a number has a second input, 1 where it is missing.
        public var hasIndicator: Bool

        public init(column: String, kind: Kind, rare: [String] = [], hasIndicator: Bool = false) {
            self.column = column
            self.kind = kind
            self.rare = rare
            self.hasIndicator = hasIndicator
        }

        /// What older files lack has the value that it had then.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            column = try container.decode(String.self, forKey: .column)
            kind = try container.decode(Kind.self, forKey: .kind)
            rare = try container.decodeIfPresent([String].self, forKey: .rare) ?? []
            hasIndicator = try container.decodeIfPresent(Bool.self, forKey: .hasIndicator) ?? false
        }

        /// The inputs that the column becomes.
        public var width: Int {
            switch kind {
            case .number, .time: numberCount + (hasIndicator ? 1 : 0)
            case .levels(let levels, let hasMissing):
                levels.count + (rare.isEmpty ? 0 : 1) + (hasMissing ? 1 : 0)
            }
        }

        /// Its inputs that are numbers; they come first.
        var numberCount: Int {
            switch kind {
            case .number: 1
            case .levels: 0
            case .time(let hasDate, let hasClock): TimeParts(hasDate: hasDate, hasClock: hasClock).count
            }
        }

        /// The names of its inputs: the column's own for a number, `column=level` for a level, `column=?` where the value
        /// is missing, `column=(rare)` for the levels that share an input; `column(day)`, `column(year sin)` and so on for
        /// the parts of a date.
        public var inputNames: [String] {
            switch kind {
            case .number: [column] + (hasIndicator ? ["\(column)=?"] : [])
            case .time(let hasDate, let hasClock):
                TimeParts(hasDate: hasDate, hasClock: hasClock).names(of: column)
                    + (hasIndicator ? ["\(column)=?"] : [])
            case .levels(let levels, let hasMissing):
                levels.map { "\(column)=\($0)" } + (rare.isEmpty ? [] : ["\(column)=(rare)"])
                    + (hasMissing ? ["\(column)=?"] : [])
            }
        }
    }

    /// What is predicted.
    public enum Target: Sendable, Hashable, Codable {
        /// One of several classes, called as in the data.
        case classes(column: String, labels: [String])
        /// Yes or no for each of several columns of 0 and 1.
        case labels(columns: [String])
        /// A number for each of one or more columns.
        case values(columns: [String])

        /// The columns.
        public var columns: [String] {
            switch self {
            case .classes(let column, _): [column]
            case .labels(let columns), .values(let columns): columns
            }
        }

        /// The classes; 0 where the target is not a class.
        public var classCount: Int {
            if case .classes(_, let labels) = self { labels.count } else { 0 }
        }
    }

    public var features: [Feature]
    public var target: Target
    public var weight: String?
    public var missing: SchemaOptions.Missing
    /// What becomes of a level that training never met.
    public var unseen: SchemaOptions.Unseen
    /// Whether the features are the columns of one matrix, so that a matrix of another name fits too.
    public var isMatrix: Bool
    /// The columns that training left out; `nil` where it is not known.
    public var unused: [String]?

    public init(
        features: [Feature], target: Target, weight: String? = nil, missing: SchemaOptions.Missing = .mean,
        unseen: SchemaOptions.Unseen = .other, isMatrix: Bool = false, unused: [String]? = nil
    ) {
        self.features = features
        self.target = target
        self.weight = weight
        self.missing = missing
        self.unseen = unseen
        self.isMatrix = isMatrix
        self.unused = unused
    }

    /// What older files lack has the value that it had then.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        features = try container.decode([Feature].self, forKey: .features)
        target = try container.decode(Target.self, forKey: .target)
        weight = try container.decodeIfPresent(String.self, forKey: .weight)
        missing = try container.decode(SchemaOptions.Missing.self, forKey: .missing)
        unseen = try container.decodeIfPresent(SchemaOptions.Unseen.self, forKey: .unseen) ?? .zero
        isMatrix = try container.decode(Bool.self, forKey: .isMatrix)
        unused = try container.decodeIfPresent([String].self, forKey: .unused)
    }

    /// The inputs of the network.
    public var featureCount: Int { features.reduce(0) { $0 + $1.width } }

    /// The names of the network's inputs.
    public var inputNames: [String] { features.flatMap(\.inputNames) }
}
