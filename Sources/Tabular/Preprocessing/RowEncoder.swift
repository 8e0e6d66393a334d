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
    private var classCount: Int32 = 0
    /// The weight among the numbers.
    private var weight: Int?
    /// The smallest and largest training value of each input, where values beyond are to be counted.
    private let readsTimeTexts: Bool
    private let minima: [Float]
    private let maxima: [Float]
    /// Whether the numbers of a row start with its features, all of them and in order: the row is then copied whole.
    private var isNumbersInOrder = false

    private enum Form {
        case number
        /// The levels that have inputs of their own.
        case levels(Int)
        /// Among the times, or among the texts where the source knows no times.
        case time(TimeParts)
    }

    /// How one column of a row becomes inputs.
    private struct Step {
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

    /// - Parameter trained: What the training rows taught, where these are other rows: values beyond theirs are counted.
    /// - Throws: `TableError` when the source lacks a column that the schema needs.
    init(
        _ schema: Schema, of source: any TableSource, readsTargets: Bool, keepsAllRows: Bool,
        trained: FeatureScaling? = nil
    ) throws(TableError) {
        readsTimeTexts = !source.deliversTimes
        minima = trained?.minima ?? []
        maxima = trained?.maxima ?? []
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

    // MARK: Rows

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
                .values(columns: values.count)
            }
        return EncodedRows(
            featureCount: schema.featureCount, targetShape: shape, hasWeights: weight != nil, capacity: capacity)
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
    private var isCopied: Bool { isNumbersInOrder && schema.featureCount > 0 && weight == nil && minima.isEmpty }

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
            if let label {
                for (index, row) in run.enumerated() {
                    let code = chunk.codes[row * chunk.levels.count + label]
                    guard code >= 0 && code < classCount else { return false }
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
                (rows.values.base + (slot + index) * values.count).update(
                    from: row + values.lowerBound, count: values.count)
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
        if let label {
            let code = chunk.codes[codes + label]
            rows.labels.base[slot] = code < classCount ? code : code - classCount
            if code >= classCount { rows.tally.withFullStop += 1 }
        }
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
        _ chunk: borrowing RowChunk, _ row: Int, _ tableRow: Int, into rows: inout EncodedRows
    ) throws(TableError) -> Bool {
        let numbers = row * selection.numeric.count
        let codes = row * chunk.levels.count
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
        for index in steps.indices {
            let step = steps[index]
            switch step.form {
            case .number:
                let value = chunk.numbers[numbers + step.source]
                if value.isNaN { hasMissing = true }
                inputs[step.input] = value
                if let indicator = step.missingInput { inputs[indicator] = value.isNaN ? 1 : 0 }
            case .time(let parts):
                let seconds =
                    readsTimeTexts
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
        of chunk: borrowing RowChunk, code position: Int, _ step: Step, _ feature: Int, _ tableRow: Int
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

    /// Sentences on what was counted.
    func notes(on tally: EncodedRows.Tally) -> [String] {
        func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
        var notes: [String] = []
        if tally.withoutTarget > 0 { notes.append("\(rows(tally.withoutTarget)) without a target left out") }
        if tally.withFullStop > 0 {
            notes.append(
                "\(rows(tally.withFullStop)) with a full stop behind the class; it is not taken for a part of it")
        }
        if tally.withMissing > 0 {
            notes.append("\(rows(tally.withMissing)) with missing values left out (--missing drop)")
        }
        if tally.filled > 0 {
            notes.append(
                "missing values in \(rows(tally.filled)) filled in: numbers by \(schema.missing.filling), text as a "
                    + "level of its own")
        }
        for (index, count) in tally.unseen.sorted(by: { $0.key < $1.key }) {
            let feature = schema.features[index]
            let fate =
                schema.unseen == .other && !feature.rare.isEmpty
                ? "taken for one of the rare levels" : "all its inputs are 0"
            notes.append(
                "column '\(feature.column)': \(rows(count)) with a level that training never met; \(fate)")
        }
        notes += outsideNotes(tally.outside)
        return notes
    }

    private func outsideNotes(_ counts: [Int]) -> [String] {
        let shown = 5
        var notes: [String] = []
        var columns = 0
        for (step, feature) in zip(steps, schema.features) where !counts.isEmpty {
            var (lower, upper) = (minima[step.input].inWords, maxima[step.input].inWords)
            switch feature.kind {
            case .number: break
            case .time(hasDate: true, _):
                (lower, upper) = (
                    TimeParts.text(ofDay: Double(minima[step.input])), TimeParts.text(ofDay: Double(maxima[step.input]))
                )
            case .levels, .time: continue
            }
            let count = counts[step.input]
            guard count > 0 else { continue }
            columns += 1
            if columns <= shown {
                notes.append(
                    "column '\(feature.column)': \(count == 1 ? "1 row" : "\(count) rows") outside the range of "
                        + "training, \(lower) to \(upper)")
            }
        }
        if columns > shown { notes.append("\(columns - shown) more columns with rows outside the range of training") }
        return notes
    }
}

extension Float {
    /// Whole numbers without a point.
    fileprivate var inWords: String { self == rounded() && magnitude < 0x1p24 ? "\(Int(self))" : "\(self)" }
}
