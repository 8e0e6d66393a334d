internal import LinearAlgebra

/// Reads the columns of a schema into rows of numbers, one-hot levels expanded, nothing scaled: NaN is still missing.
struct SampleLoader {
    private let schema: Schema
    private let readsTargets: Bool
    /// Whether rows with missing values stay: predictions keep every row, training may drop.
    private let keepsAllRows: Bool
    /// Sentences on what was odd about the rows.
    private(set) var notes: [String] = []

    private var features: [Float] = []
    private var labels: [Int32] = []
    private var values: [Float] = []
    private var weights: [Float] = []
    private var keptRows: [Int] = []
    private var withoutTarget = 0
    private var withMissing = 0
    private var filled = 0
    private var unseen: [Int: Int] = [:]

    init(_ schema: Schema, readsTargets: Bool, keepsAllRows: Bool) {
        self.schema = schema
        self.readsTargets = readsTargets
        self.keepsAllRows = keepsAllRows
    }

    /// Where a schema's columns stand in what the source delivers.
    private struct Reading {
        var selection = ColumnSelection()
        /// For each feature: its position among the numbers or among the texts.
        var features: [Int] = []
        /// Target values among the numbers.
        var values: Range<Int> = 0..<0
        /// The class among the texts.
        var label: Int?
        var weight: Int?

        /// Whether the numbers of a row start with its features, all of them and in order: the row is then copied whole.
        var isNumbersInOrder = false
    }

    mutating func load(_ source: any TableSource) throws(TableError) -> Samples {
        let reading = try reading(of: source)
        var rowCount = 0
        try source.read(reading.selection) { (chunk: borrowing RowChunk) throws(TableError) in
            rowCount = chunk.firstRow + chunk.rowCount
            for row in 0..<chunk.rowCount {
                try append(row, of: chunk, reading, file: source.name)
            }
        }
        report(rowCount)
        let count = keptRows.count
        let targets: Samples.Targets =
            if !readsTargets {
                .none
            } else if case .classes(_, let names) = schema.target {
                .labels(SharedBuffer(labels), classes: names.count)
            } else {
                .values(SharedBuffer(values), columns: reading.values.count)
            }
        let buffer = SharedBuffer(features)
        features = []
        return Samples(
            rowCount: count, featureCount: schema.featureCount, features: buffer, targets: targets,
            weights: reading.weight == nil ? nil : SharedBuffer(weights),
            tableRows: count == rowCount ? nil : keptRows)
    }

    private mutating func reading(of source: any TableSource) throws(TableError) -> Reading {
        let positions = Dictionary(
            source.columnNames.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        var reading = Reading()
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
        for (feature, column) in zip(schema.features, columns.compactMap { $0 }) {
            switch feature.kind {
            case .number:
                reading.features.append(reading.selection.numeric.count)
                reading.selection.numeric.append(column)
            case .levels(let levels, _):
                reading.features.append(reading.selection.text.count)
                reading.selection.text.append(.init(column: column, levels: levels))
            }
        }
        reading.isNumbersInOrder = reading.selection.text.isEmpty
        guard readsTargets else { return reading }
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
            reading.label = reading.selection.text.count
            reading.selection.text.append(.init(column: targetColumns[0], levels: labels))
        case .labels, .values:
            let first = reading.selection.numeric.count
            reading.selection.numeric += targetColumns
            reading.values = first..<first + targetColumns.count
        }
        if let name = schema.weight {
            if let column = positions[name] {
                reading.weight = reading.selection.numeric.count
                reading.selection.numeric.append(column)
            } else {
                notes.append("there is no weight column '\(name)': all rows count alike")
            }
        }
        return reading
    }

    private mutating func append(
        _ row: Int, of chunk: borrowing RowChunk, _ reading: Reading, file: String
    ) throws(TableError) {
        let numbers = row * reading.selection.numeric.count
        let codes = row * reading.selection.text.count
        let tableRow = chunk.firstRow + row
        if readsTargets {
            if let label = reading.label {
                let code = chunk.codes[codes + label]
                guard code != RowChunk.unseen else {
                    throw TableError(
                        .badData, file: file, column: schema.target.columns[0],
                        "row \(tableRow) (from 0) has a class that the model does not know")
                }
                if code == RowChunk.missing {
                    withoutTarget += 1
                    return
                }
            }
            for value in reading.values where chunk.numbers[numbers + value].isNaN {
                withoutTarget += 1
                return
            }
        }
        let start = features.count
        var hasMissing = false
        if reading.isNumbersInOrder {
            let row = chunk.numbers[numbers..<numbers + schema.features.count]
            features.append(contentsOf: row)
            hasMissing = row.contains { $0.isNaN }
        }
        for (index, feature) in schema.features.enumerated() where !reading.isNumbersInOrder {
            switch feature.kind {
            case .number:
                let value = chunk.numbers[numbers + reading.features[index]]
                if value.isNaN { hasMissing = true }
                features.append(value)
            case .levels(let levels, let missingIsLevel):
                let code = chunk.codes[codes + reading.features[index]]
                if code == RowChunk.unseen { unseen[index, default: 0] += 1 }
                if code == RowChunk.missing { hasMissing = true }
                let first = features.count
                features.append(contentsOf: repeatElement(0, count: feature.width))
                if code >= 0 {
                    features[first + Int(code)] = 1
                } else if code == RowChunk.missing && missingIsLevel {
                    features[first + levels.count] = 1
                }
            }
        }
        if hasMissing {
            if schema.missing == .error {
                throw TableError(
                    .badData, file: file,
                    "row \(tableRow) (from 0) has a missing value, and the model was trained with --missing error")
            }
            if schema.missing == .drop && !keepsAllRows {
                withMissing += 1
                features.removeLast(features.count - start)
                return
            }
            filled += 1
        }
        if let weight = reading.weight {
            let value = chunk.numbers[numbers + weight]
            guard value >= 0 else {
                throw TableError(
                    .badData, file: file, column: schema.weight,
                    "row \(tableRow) (from 0) has \(value.isNaN ? "no weight" : "the weight \(value)"); a weight is 0 or more"
                )
            }
            weights.append(value)
        }
        if readsTargets {
            if let label = reading.label { labels.append(chunk.codes[codes + label]) }
            for value in reading.values { values.append(chunk.numbers[numbers + value]) }
        }
        keptRows.append(tableRow)
    }

    private mutating func report(_ rowCount: Int) {
        func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
        if withoutTarget > 0 { notes.append("\(rows(withoutTarget)) without a target left out") }
        if withMissing > 0 { notes.append("\(rows(withMissing)) with missing values left out (--missing drop)") }
        if filled > 0 {
            let by = schema.missing == .median ? "median" : "mean"
            notes.append(
                "missing values in \(rows(filled)) filled in: numbers by the \(by), text as a level of its own")
        }
        for (feature, count) in unseen.sorted(by: { $0.key < $1.key }) {
            notes.append(
                "column '\(schema.features[feature].column)': \(rows(count)) with a level that training never met; "
                    + "all its inputs are 0")
        }
    }
}
