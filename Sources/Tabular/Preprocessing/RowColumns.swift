/// Where the columns of a schema stand in what a source delivers, and what to ask of it.
struct RowColumns: Sendable {
    /// What to ask of the source.
    private(set) var selection = ColumnSelection()
    /// Sentences on how columns were matched.
    private(set) var notes: [String] = []
    private(set) var steps: [Step] = []
    /// Target values among the numbers.
    private(set) var values: Range<Int> = 0..<0
    /// The class among the texts.
    private(set) var label: Int?
    private(set) var classCount: Int32 = 0
    /// The weight among the numbers.
    private(set) var weight: Int?
    /// Whether the source knows no times, so that they are read as texts.
    let readsTimeTexts: Bool
    /// Whether the numbers of a row start with its features, all of them and in order: the row is then copied whole.
    private(set) var isNumbersInOrder = false

    private let schema: Schema

    enum Form {
        case number
        /// The levels that have inputs of their own.
        case levels(Int)
        /// Among the times, or among the texts where the source knows no times.
        case time(TimeParts)
    }

    /// How one column of a row becomes inputs.
    struct Step {
        /// Its position among the numbers or among the texts.
        var source: Int
        /// The first of its inputs, and how many they are.
        var input: Int
        var width: Int
        var form: Form
        /// The input of the rare levels, and of a missing value.
        var rareInput: Int?
        var missingInput: Int?
    }

    /// - Throws: `TableError` when the source lacks a column that the schema needs.
    init(_ schema: Schema, in source: any TableSource, readsTargets: Bool) throws(TableError) {
        self.schema = schema
        readsTimeTexts = !source.deliversTimes
        let positions = Dictionary(
            source.columnNames.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        try findFeatures(in: source, positions)
        if readsTargets { try findTargets(in: source, positions) }
    }

    private mutating func findFeatures(
        in source: any TableSource, _ positions: [String: Int]
    ) throws(TableError) {
        var columns = schema.features.map { positions[$0.column] }
        if columns.contains(nil), schema.isMatrix, let matrix = source.knownRoles.features,
            matrix.count == schema.features.count
        {
            notes.append("the features are matched by position: this matrix has another name than the one trained on")
            columns = matrix.map { $0 }
        }
        let missing = zip(schema.features, columns).filter { $0.1 == nil }.map(\.0.column)
        guard missing.isEmpty else {
            let names = missing.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
            throw TableError(
                .badData, file: source.name,
                "the model needs the column\(missing.count == 1 ? "" : "s") \(names)"
                    + "\(missing.count > 8 ? " and \(missing.count - 8) more" : ""), which the table lacks; "
                    + ColumnPattern.listing(source.columnNames, near: missing[0]))
        }
        let found = columns.compactMap { $0 }
        noteOtherColumns(in: source, found)
        var input = 0
        for (feature, column) in zip(schema.features, found) {
            var step = Step(source: 0, input: input, width: feature.width, form: .number)
            switch feature.kind {
            case .number:
                step.source = selection.numeric.count
                step.missingInput = feature.hasIndicator ? input + 1 : nil
                selection.numeric.append(column)
            case .time(let hasDate, let hasClock):
                step.form = .time(TimeParts(hasDate: hasDate, hasClock: hasClock))
                step.missingInput = feature.hasIndicator ? input + feature.width - 1 : nil
                if readsTimeTexts {
                    step.source = selection.text.count
                    selection.text.append(.init(column: column, isPerChunk: true))
                } else {
                    step.source = selection.times.count
                    selection.times.append(column)
                }
            case .levels(let levels, let hasMissing):
                step.source = selection.text.count
                step.form = .levels(levels.count)
                step.rareInput = feature.rare.isEmpty ? nil : input + levels.count
                step.missingInput = hasMissing ? input + feature.width - 1 : nil
                selection.text.append(.init(column: column, levels: levels + feature.rare))
            }
            steps.append(step)
            input += feature.width
        }
        isNumbersInOrder = schema.features.allSatisfy { $0.kind == .number && !$0.hasIndicator }
    }

    /// What is worth knowing where a table is not made like the one trained on.
    private mutating func noteOtherColumns(in source: any TableSource, _ features: [Int]) {
        guard let unused = schema.unused else { return }
        let known = source.knownRoles
        let others = Set(features + known.targets + (known.weight.map { [$0] } ?? []))
        let names = Set(schema.target.columns + unused + (schema.weight.map { [$0] } ?? []))
        let extra = source.columnNames.enumerated().filter {
            !others.contains($0.offset) && !names.contains($0.element)
        }
        if !extra.isEmpty {
            let shown = extra.prefix(5).map { "'\($0.element)'" }.joined(separator: ", ")
            let rest = extra.count > 5 ? " and \(extra.count - 5) more" : ""
            notes.append(
                "\(extra.count == 1 ? "a column" : "\(extra.count) columns") that training did not have "
                    + "\(extra.count == 1 ? "is" : "are") not used: \(shown)\(rest)")
        }
        if zip(features, features.dropFirst()).contains(where: { $0 > $1 }) {
            notes.append("the columns stand in another order than in training; they are matched by name")
        }
    }

    private mutating func findTargets(
        in source: any TableSource, _ positions: [String: Int]
    ) throws(TableError) {
        var targetColumns: [Int] = []
        for name in schema.target.columns {
            guard let column = positions[name] else {
                throw TableError(
                    .badData, file: source.name,
                    "the target column '\(name)' is missing; " + ColumnPattern.listing(source.columnNames, near: name))
            }
            targetColumns.append(column)
        }
        switch schema.target {
        case .classes(_, let labels):
            label = selection.text.count
            classCount = Int32(labels.count)
            selection.text.append(
                .init(column: targetColumns[0], levels: labels + Self.withFullStops(labels), isStrict: true))
        case .labels, .values:
            let first = selection.numeric.count
            selection.numeric += targetColumns
            values = first..<first + targetColumns.count
        }
        if let name = schema.weight {
            if let column = positions[name] {
                weight = selection.numeric.count
                selection.numeric.append(column)
            } else {
                notes.append("there is no weight column '\(name)': all rows count alike")
            }
        }
    }

    /// The classes as a sentence ends with them: in some well-known data the rows to test on are written so. None where
    /// that could mean something else.
    private static func withFullStops(_ labels: [String]) -> [String] {
        let ended = labels.map { $0 + "." }
        guard Set(ended).isDisjoint(with: labels), labels.allSatisfy({ Double($0) == nil }) else { return [] }
        return ended
    }
}
