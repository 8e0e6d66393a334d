/// What is worth knowing of a table before training on it: what its columns hold, and what is suspicious about them.
public struct TableAudit: Sendable {
    /// A column that may give the answer away.
    public struct Leak: Sendable, Hashable {
        /// How it does.
        public enum Kind: Sendable, Hashable {
            /// Its values are those of the target.
            case equal
            /// Each of its values goes with one of the target's, and the other way round.
            case renamed
            /// Its correlation with the target (Pearson's r).
            case correlated(Double)
        }

        public let column: String
        public let kind: Kind
    }

    public let profile: TableProfile
    /// The position of the column to be predicted; `nil` where none was named and none seems to be it.
    public let target: Int?
    /// Whether the target was not named.
    public let targetIsGuessed: Bool
    /// How often each class occurs, the commonest first; empty where the target is not a class.
    public let classes: [(label: String, count: Int)]
    /// The columns with one value alone, or none.
    public let constant: [String]
    /// Columns that hold the same in every row, each list in the order of the table.
    public let duplicates: [[String]]
    public let leaks: [Leak]
    /// The bytes that the rows take in memory while a network is trained on them; `nil` without a target.
    public let memoryBytes: Int?

    /// Correlations beyond this are suspicious.
    static let correlationLimit = 0.999

    /// Reads a table twice: for what its columns hold, and for how they go together.
    ///
    /// - Parameter target: The column to be predicted; guessed where `nil`.
    /// - Throws: `TableError` when the table cannot be read or has no such column.
    public init(of source: any TableSource, target: ColumnPattern? = nil) throws(TableError) {
        let profile = try source.profile()
        let named = try target.map { pattern throws(TableError) in
            try pattern.columns(of: source.columnNames, in: source.name, flag: "--target")
        }
        let position = named?.first ?? Self.guessedTarget(in: source)
        self.profile = profile
        self.target = position
        targetIsGuessed = named == nil
        constant = profile.columns.filter(\.isConstant).map(\.name)
        let relations = try ColumnRelations(profile, of: source, target: position)
        duplicates = relations.duplicates.map { $0.map { profile.columns[$0].name } }
        leaks = relations.leaks

        // A schema tells what the target is and what the rows take; a table that makes none has no such answers.
        let options = SchemaOptions(targets: position.map { [ColumnPattern(name: profile.columns[$0].name)] } ?? [])
        guard position != nil, let schema = try? Schema.resolve(profile, of: source, options: options).schema else {
            memoryBytes = nil
            classes = []
            return
        }
        memoryBytes = profile.rowCount * 4 * (schema.featureCount + schema.target.columns.count)
        if case .classes(let column, _) = schema.target {
            let levels = profile.columns.first { $0.name == column }?.levels ?? [:]
            classes = levels.map { ($0.key, $0.value) }.sorted { ($1.count, $0.label) < ($0.count, $1.label) }
        } else {
            classes = []
        }
    }

    private static let usualTargets = ["target", "label", "labels", "class", "y", "outcome", "response"]

    /// What the source says, or the column of a usual name.
    private static func guessedTarget(in source: any TableSource) -> Int? {
        if let known = source.knownRoles.targets.first { return known }
        return usualTargets.lazy.compactMap { name in
            source.columnNames.firstIndex { $0.lowercased() == name }
        }.first
    }
}

extension ColumnProfile {
    /// Whether the column has one value alone, or none; a missing one counts as a value.
    var isConstant: Bool {
        if numberCount + textCount == 0 { return true }
        guard missingCount == 0 else { return false }
        if let levels { return levels.count == 1 }
        return textCount == 0 && range.map { $0.lowerBound == $0.upperBound } ?? false
    }
}
