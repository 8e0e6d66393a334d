internal import LinearAlgebra

/// Turns the rows of a source into rows of numbers: one-hot levels expanded, nothing scaled, NaN still missing.
///
/// It is made once for a source, and then knows where each column of the schema stands in what the source delivers. It
/// does not change: several workers may encode different runs of rows, each into rows of its own.
struct RowEncoder: Sendable {
    let schema: Schema
    let columns: RowColumns
    private let file: String
    private let readsTargets: Bool
    /// Whether rows with missing values stay: predictions keep every row, training may drop.
    private let keepsAllRows: Bool
    /// The smallest and largest training value of each input, where values beyond are to be counted.
    let minima: [Float]
    let maxima: [Float]

    /// - Parameter trained: What the training rows taught, where these are other rows: values beyond theirs are counted.
    /// - Throws: `TableError` when the source lacks a column that the schema needs.
    init(
        _ schema: Schema, of source: any TableSource, readsTargets: Bool, keepsAllRows: Bool,
        trained: FeatureScaling? = nil
    ) throws(TableError) {
        self.schema = schema
        self.readsTargets = readsTargets
        self.keepsAllRows = keepsAllRows
        minima = trained?.minima ?? []
        maxima = trained?.maxima ?? []
        file = source.name
        columns = try RowColumns(schema, in: source, readsTargets: readsTargets)
    }

    /// What to ask of the source.
    var selection: ColumnSelection { columns.selection }
    /// Sentences on how columns were matched.
    var notes: [String] { columns.notes }

    /// The classes by which rows are split; 1 where there are none.
    var splittingClassCount: Int { max(1, schema.target.classCount) }

    /// Room for rows of this encoder.
    func rows(capacity: Int) -> EncodedRows {
        let shape: Samples.TargetShape =
            if !readsTargets {
                .none
            } else if case .classes(_, let names) = schema.target {
                .labels(classes: names.count)
            } else {
                .values(columns: columns.values.count)
            }
        return EncodedRows(
            featureCount: schema.featureCount, targetShape: shape, hasWeights: columns.weight != nil, capacity: capacity
        )
    }

    /// Reads all rows of the source.
    ///
    /// - Parameters:
    ///   - rowCount: How many there are, where it is known: they are then stored once.
    ///   - readers: The ranks that need them. Where rows can be read in any order, each reads some, and all get all.
    func samples(
        of source: any TableSource, rowCount: Int? = nil, among readers: any TableReaders = SoleReader()
    ) throws(TableError) -> (samples: Samples, notes: [String]) {
        let table = readers.rankCount > 1 ? source as? any RandomAccessTable : nil
        var rows = rows(capacity: table?.rowCount ?? rowCount ?? 0)
        if let table {
            try readers.check("\(table.rowCount) rows", of: table.name)
            let portions = TablePortions(rowCount: table.rowCount, columns: schema.featureCount)
            try encode(portions.rows(of: readers), of: table, into: &rows)
            rows.gather(among: readers, tableRowCount: table.rowCount)
        } else {
            try source.read(selection) { (chunk: borrowing RowChunk) throws(TableError) in
                try encode(chunk, into: &rows)
            }
        }
        return (rows.samples(), notes + notes(on: rows.tally))
    }

    /// Some rows of a table, in place of those that are there.
    func encode(
        _ range: Range<Int>, of table: any RandomAccessTable, into rows: inout EncodedRows
    ) throws(TableError) {
        rows.removeAll()
        try table.read(selection, rows: range) { (chunk: borrowing RowChunk) throws(TableError) in
            try encode(chunk, into: &rows)
        }
    }

    /// Encodes a run of rows, or some of them, behind those that are there. The chunk may hold more columns of texts than
    /// were asked for here, behind the others.
    ///
    /// - Throws: `TableError` for a value that the schema does not allow, by its row in the table.
    func encode(
        _ chunk: borrowing RowChunk, rows some: Range<Int>? = nil, into rows: inout EncodedRows
    ) throws(TableError) {
        let some = some ?? 0..<chunk.rowCount
        rows.reserve(some.count)
        let length = isCopied ? Self.copiedRows : some.count
        for first in stride(from: some.lowerBound, to: some.upperBound, by: max(1, length)) {
            let run = first..<min(first + length, some.upperBound)
            if isCopied, copy(run, of: chunk, into: &rows) { continue }
            for row in run { try encode(row, of: chunk, into: &rows) }
        }
    }

    /// Whether a row in which nothing is missing is a copy of what the source delivers.
    private var isCopied: Bool {
        columns.isNumbersInOrder && schema.featureCount > 0 && columns.weight == nil && minima.isEmpty
    }

    /// The rows that are copied together: few enough that one with a missing value makes few be encoded by themselves.
    private static let copiedRows = 64

    /// Copies rows, if nothing is missing in any of them and all their classes are known.
    private func copy(_ run: Range<Int>, of chunk: borrowing RowChunk, into rows: inout EncodedRows) -> Bool {
        let width = selection.numeric.count
        let features = rows.featureCount
        let slot = rows.rowCount
        let isCopied = chunk.numbers.withUnsafeBufferPointer { numbers in
            guard let base = numbers.baseAddress else { return false }
            let source = base + run.lowerBound * width
            guard allFinite(source, count: run.count * width) else { return false }
            if let label = columns.label {
                for (index, row) in run.enumerated() {
                    let code = chunk.codes[row * chunk.levels.count + label]
                    guard code >= 0 && code < columns.classCount else { return false }
                    rows.labels.base[slot + index] = code
                }
            }
            let target = rows.features.base + slot * features
            if width == features {
                target.update(from: source, count: run.count * width)
                return true
            }
            for index in 0..<run.count {
                let row = source + index * width
                (target + index * features).update(from: row, count: features)
                (rows.values.base + (slot + index) * columns.values.count).update(
                    from: row + columns.values.lowerBound, count: columns.values.count)
            }
            return true
        }
        if isCopied {
            rows.append(tableRows: chunk.firstRow + run.lowerBound..<chunk.firstRow + run.upperBound)
        }
        return isCopied
    }

    private func encode(_ row: Int, of chunk: borrowing RowChunk, into rows: inout EncodedRows) throws(TableError) {
        let numbers = row * selection.numeric.count
        let codes = row * chunk.levels.count
        let tableRow = chunk.firstRow + row
        guard try hasTarget(chunk, numbers, codes, tableRow) else {
            rows.tally.withoutTarget += 1
            return
        }
        let hasMissing = try encodeFeatures(chunk, row, tableRow, into: &rows)
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
        if !minima.isEmpty { countOutside(rows.features.base + slot * rows.featureCount, &rows.tally) }
        if let weight = columns.weight {
            let value = chunk.numbers[numbers + weight]
            guard value >= 0 else {
                throw TableError(
                    .badData, file: file, column: schema.weight,
                    "row \(tableRow) (from 0) has \(value.isNaN ? "no weight" : "the weight \(value)"); a weight is 0 or more"
                )
            }
            rows.weights?.base[slot] = value
        }
        if let label = columns.label {
            let code = chunk.codes[codes + label]
            rows.labels.base[slot] = code < columns.classCount ? code : code - columns.classCount
            if code >= columns.classCount { rows.tally.withFullStop += 1 }
        }
        for (index, value) in columns.values.enumerated() {
            rows.values.base[slot * columns.values.count + index] = chunk.numbers[numbers + value]
        }
        rows.append(tableRow: tableRow)
    }

    /// Whether the row has a target, where there should be one.
    private func hasTarget(
        _ chunk: borrowing RowChunk, _ numbers: Int, _ codes: Int, _ tableRow: Int
    ) throws(TableError) -> Bool {
        if let label = columns.label {
            let code = chunk.codes[codes + label]
            guard code != RowChunk.unseen else {
                throw TableError(
                    .badData, file: file, column: schema.target.columns[0],
                    "row \(tableRow) (from 0) has a class that the model does not know")
            }
            if code == RowChunk.missing { return false }
        }
        return columns.values.allSatisfy { !chunk.numbers[numbers + $0].isNaN }
    }

    /// Writes the inputs of a row; whether any of its features is missing.
    private func encodeFeatures(
        _ chunk: borrowing RowChunk, _ row: Int, _ tableRow: Int, into rows: inout EncodedRows
    ) throws(TableError) -> Bool {
        let numbers = row * selection.numeric.count
        let codes = row * chunk.levels.count
        let inputs = rows.features.base + rows.rowCount * rows.featureCount
        var hasMissing = false
        if columns.isNumbersInOrder {
            let count = rows.featureCount
            chunk.numbers.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress, count > 0 else { return }
                inputs.update(from: base + numbers, count: count)
                for input in 0..<count where inputs[input].isNaN { hasMissing = true }
            }
            return hasMissing
        }
        for index in columns.steps.indices {
            let step = columns.steps[index]
            switch step.form {
            case .number:
                let value = chunk.numbers[numbers + step.source]
                if value.isNaN { hasMissing = true }
                inputs[step.input] = value
                if let indicator = step.missingInput { inputs[indicator] = value.isNaN ? 1 : 0 }
            case .time(let parts):
                let seconds =
                    columns.readsTimeTexts
                    ? try self.seconds(of: chunk, code: codes + step.source, step, index, tableRow)
                    : chunk.times[row * selection.times.count + step.source]
                if seconds.isNaN { hasMissing = true }
                parts.write(seconds, to: inputs + step.input)
                if let indicator = step.missingInput { inputs[indicator] = seconds.isNaN ? 1 : 0 }
            case .levels(let count):
                let code = chunk.codes[codes + step.source]
                (inputs + step.input).update(repeating: 0, count: step.width)
                if code >= 0 && Int(code) < count {
                    inputs[step.input + Int(code)] = 1
                } else if code == RowChunk.missing {
                    hasMissing = true
                    if let input = step.missingInput { inputs[input] = 1 }
                } else if code >= 0 {
                    if let input = step.rareInput { inputs[input] = 1 }
                } else {
                    rows.tally.unseen[index, default: 0] += 1
                    if schema.unseen == .error { throw unseenLevel(of: index, tableRow) }
                    if schema.unseen == .other, let input = step.rareInput { inputs[input] = 1 }
                }
            }
        }
        return hasMissing
    }

    private func unseenLevel(of feature: Int, _ tableRow: Int) -> TableError {
        TableError(
            .badData, file: file, column: schema.features[feature].column,
            "row \(tableRow) (from 0) has a level that training never met, and the model was trained with --unseen error"
        )
    }

    /// The moment of a text, from a source that knows no times.
    private func seconds(
        of chunk: borrowing RowChunk, code position: Int, _ step: RowColumns.Step, _ feature: Int, _ tableRow: Int
    ) throws(TableError) -> Double {
        let code = chunk.codes[position]
        guard code >= 0 else { return .nan }
        let text = chunk.levels[step.source][Int(code)]
        guard let seconds = TimeText.seconds(text.trimmingBlanks, isDeclared: true) else {
            throw TableError(
                .badData, file: file, column: schema.features[feature].column,
                "row \(tableRow) (from 0): expected a date or a time, found '\(text.shortened)'; write it as 2024-05-31 or "
                    + "2024-05-31T17:30:00, or leave the column out with --ignore")
        }
        return seconds
    }

    private func countOutside(_ inputs: UnsafePointer<Float>, _ tally: inout EncodedRows.Tally) {
        if tally.outside.isEmpty { tally.outside = Array(repeating: 0, count: minima.count) }
        for input in minima.indices {
            let value = inputs[input]
            tally.outside[input] += value < minima[input] || value > maxima[input] ? 1 : 0
        }
    }
}
