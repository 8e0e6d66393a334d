/// The contract between a table and a model: which columns are features, of what kind, and what is predicted.
public struct Schema: Sendable, Hashable, Codable {
    /// A column that the network sees.
    public struct Feature: Sendable, Hashable, Codable {
        /// What the column holds.
        public enum Kind: Sendable, Hashable, Codable {
            /// One input.
            case number
            /// An input per level, 1 at the row's own; one more for a missing value where training met any.
            case levels([String], hasMissing: Bool)
        }

        public var column: String
        public var kind: Kind

        public init(column: String, kind: Kind) {
            self.column = column
            self.kind = kind
        }

        /// The inputs that the column becomes.
        public var width: Int {
            switch kind {
            case .number: 1
            case .levels(let levels, let hasMissing): levels.count + (hasMissing ? 1 : 0)
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
    /// Whether the features are the columns of one matrix, so that a matrix of another name fits too.
    public var isMatrix: Bool

    public init(
        features: [Feature], target: Target, weight: String? = nil, missing: SchemaOptions.Missing = .mean,
        isMatrix: Bool = false
    ) {
        self.features = features
        self.target = target
        self.weight = weight
        self.missing = missing
        self.isMatrix = isMatrix
    }

    /// The inputs of the network.
    public var featureCount: Int { features.reduce(0) { $0 + $1.width } }

    /// The names of the network's inputs: a column's own, or `column=level`.
    public var inputNames: [String] {
        features.flatMap { feature in
            switch feature.kind {
            case .number: [feature.column]
            case .levels(let levels, let hasMissing):
                levels.map { "\(feature.column)=\($0)" } + (hasMissing ? ["\(feature.column)=?"] : [])
            }
        }
    }
}
