internal import LinearAlgebra

/// Turns the rows of a source into rows of numbers: one-hot levels expanded, nothing scaled, NaN still missing.
///
/// It is made once for a source, and then knows where each column of the schema stands in what the source delivers. It
/// does not change: several workers may encode different runs of rows, each into rows of its own.
struct RowEncoder: Sendable {
    /// What to ask of the source.
    private(set) var selection = ColumnSelection()
    /// Sentences on how columns were matched.
    private(set) var notes: [String] = []

    private let schema: Schema
    private let file: String
    private let readsTargets: Bool
    /// Whether rows with missing values stay: predictions keep every row, training may drop.
    private let keepsAllRows: Bool
    private var steps: [Step] = []
    /// Target values among the numbers.
    private var values: Range<Int> = 0..<0
    /// The class among the texts.
    private var label: Int?
    /// The weight among the numbers.
    private var weight: Int?
    /// Whether the numbers of a row start with its features, all of them and in order: the row is then copied whole.
    private var isNumbersInOrder = false

    /// How one column of a row becomes inputs.
    private struct Step {
        /// Its position among the numbers or among the texts.
        var source: Int
        /// The first of its inputs, and how many they are.
        var input: Int
        var width: Int
        /// `nil` for a number.
        var levelCount: Int?
    }

    /// - Throws: `TableError` when the source lacks a column that the schema needs.
    init(
        _ schema: Schema, of source: any TableSource, readsTargets: Bool, keepsAllRows: Bool
    ) throws(TableError) {
        self.schema = schema
        self.readsTargets = readsTargets
        self.keepsAllRows = keepsAllRows
        file = source.name
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
        var input = 0
        for (feature, column) in zip(schema.features, columns.compactMap { $0 }) {
            switch feature.kind {
            case .number:
                steps.append(
                    Step(source: selection.numeric.count, input: input, width: feature.width, levelCount: nil))
                selection.numeric.append(column)
            case .levels(let levels, _):
                steps.append(
                    Step(source: selection.text.count, input: input, width: feature.width, levelCount: levels.count))
                selection.text.append(.init(column: column, levels: levels))
            }
            input += feature.width
        }
        isNumbersInOrder = selection.text.isEmpty
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
            selection.text.append(.init(column: targetColumns[0], levels: labels))
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

    // MARK: Rows

    /// Room for rows of this encoder.
    func rows(capacity: Int) -> EncodedRows {
        let shape: Samples.TargetShape =
            if !readsTargets {
                .none
            } else if case .classes(_, let names) = schema.target {
                .labels(classes: names.count)
            } else {
                .values(columns: values.count)
            }
        return EncodedRows(
            featureCount: schema.featureCount, targetShape: shape, hasWeights: weight != nil, capacity: capacity)
    }

    /// Reads all rows of the source.
    ///
    /// - Parameter rowCount: How many there are, where it is known: they are then stored once.
    func samples(
        of source: any TableSource, rowCount: Int? = nil
    ) throws(TableError) -> (samples: Samples, notes: [String]) {
        var rows = rows(capacity: rowCount ?? 0)
        try source.read(selection) { (chunk: borrowing RowChunk) throws(TableError) in
            try encode(chunk, into: &rows)
        }
        return (rows.samples(), notes + notes(on: rows.tally))
    }

    /// Encodes a run of rows behind those that are there.
    ///
    /// - Throws: `TableError` for a value that the schema does not allow, by its row in the table.
    func encode(_ chunk: borrowing RowChunk, into rows: inout EncodedRows) throws(TableError) {
        rows.reserve(chunk.rowCount)
        for row in 0..<chunk.rowCount { try encode(row, of: chunk, into: &rows) }
    }

    private func encode(_ row: Int, of chunk: borrowing RowChunk, into rows: inout EncodedRows) throws(TableError) {
        let numbers = row * selection.numeric.count
        let codes = row * selection.text.count
        let tableRow = chunk.firstRow + row
        guard try hasTarget(chunk, numbers, codes, tableRow) else {
            rows.tally.withoutTarget += 1
            return
        }
        let hasMissing = encodeFeatures(chunk, numbers, codes, into: &rows)
        if hasMissing {
            if schema.missing == .error {
                throw TableError(
                    .badData, file: file,
                    "row \(tableRow) (from 0) has a missing value, and the model was trained with --missing error")
            }
            if schema.missing == .drop && !keepsAllRows {
                rows.tally.withMissing += 1
                return
            }
            rows.tally.filled += 1
        }
        let slot = rows.rowCount
        if let weight {
            let value = chunk.numbers[numbers + weight]
            guard value >= 0 else {
                throw TableError(
                    .badData, file: file, column: schema.weight,
                    "row \(tableRow) (from 0) has \(value.isNaN ? "no weight" : "the weight \(value)"); a weight is 0 or more"
                )
            }
            rows.weights?.base[slot] = value
        }
        if let label { rows.labels.base[slot] = chunk.codes[codes + label] }
        for (index, value) in values.enumerated() {
            rows.values.base[slot * values.count + index] = chunk.numbers[numbers + value]
        }
        rows.append(tableRow: tableRow)
    }

    /// Whether the row has a target, where there should be one.
    private func hasTarget(
        _ chunk: borrowing RowChunk, _ numbers: Int, _ codes: Int, _ tableRow: Int
    ) throws(TableError) -> Bool {
        if let label {
            let code = chunk.codes[codes + label]
            guard code != RowChunk.unseen else {
                throw TableError(
                    .badData, file: file, column: schema.target.columns[0],
                    "row \(tableRow) (from 0) has a class that the model does not know")
            }
            if code == RowChunk.missing { return false }
        }
        return values.allSatisfy { !chunk.numbers[numbers + $0].isNaN }
    }

    /// Writes the inputs of a row; whether any of its features is missing.
    private func encodeFeatures(
        _ chunk: borrowing RowChunk, _ numbers: Int, _ codes: Int, into rows: inout EncodedRows
    ) -> Bool {
        let inputs = rows.features.base + rows.rowCount * rows.featureCount
        var hasMissing = false
        if isNumbersInOrder {
            let count = rows.featureCount
            chunk.numbers.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress, count > 0 else { return }
                inputs.update(from: base + numbers, count: count)
                for input in 0..<count where inputs[input].isNaN { hasMissing = true }
            }
            return hasMissing
        }
        for (index, step) in steps.enumerated() {
            guard let levelCount = step.levelCount else {
                let value = chunk.numbers[numbers + step.source]
                if value.isNaN { hasMissing = true }
                inputs[step.input] = value
                continue
            }
            let code = chunk.codes[codes + step.source]
            (inputs + step.input).update(repeating: 0, count: step.width)
            if code >= 0 {
                inputs[step.input + Int(code)] = 1
            } else if code == RowChunk.missing {
                hasMissing = true
                if step.width > levelCount { inputs[step.input + levelCount] = 1 }
            } else {
                rows.tally.unseen[index, default: 0] += 1
            }
        }
        return hasMissing
    }

    /// Sentences on what was counted.
    func notes(on tally: EncodedRows.Tally) -> [String] {
        func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
        var notes: [String] = []
        if tally.withoutTarget > 0 { notes.append("\(rows(tally.withoutTarget)) without a target left out") }
        if tally.withMissing > 0 {
            notes.append("\(rows(tally.withMissing)) with missing values left out (--missing drop)")
        }
        if tally.filled > 0 {
            let by = schema.missing == .median ? "median" : "mean"
            notes.append(
                "missing values in \(rows(tally.filled)) filled in: numbers by the \(by), text as a level of its own")
        }
        for (feature, count) in tally.unseen.sorted(by: { $0.key < $1.key }) {
            notes.append(
                "column '\(schema.features[feature].column)': \(rows(count)) with a level that training never met; "
                    + "all its inputs are 0")
        }
        return notes
    }
}
