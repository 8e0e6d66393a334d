internal import HDF5

/// Writes a table as CSV, with a header.
///
/// Values come back as they are: numbers as the shortest decimals that read as the same numbers, those of which the texts
/// are known and texts as they stood. A missing value is an empty field, or `NA` where nothing else would be in its line.
struct CSVTableWriter: TableWriter {
    fileprivate enum Field: Sendable {
        case float(Int)
        case double(Int)
        case integer(ColumnValues)
        /// By code; codes are positions among the levels that were given.
        case level(text: Int, fields: [[UInt8]])
        case text(Int)
    }

    private(set) var selection = ColumnSelection()
    private let target: StagedFile
    private let plan: ConversionPlan
    private var fields: [Field] = []
    private let missing: [UInt8]
    private let workers: Int
    /// Fewer rows are not worth another thread.
    private static let fewestRows = 256

    init(_ target: StagedFile, _ plan: ConversionPlan, _ options: ConversionOptions) throws(TableError) {
        self.target = target
        self.plan = plan
        workers = max(1, options.workers)
        missing = plan.columns.count == 1 ? Array("NA".utf8) : []
        for index in plan.columns.indices { fields.append(field(index)) }
        var header = CSVFields()
        for column in plan.columns { header.append(column.name) }
        header.endRecord()
        try target.write(header.bytes)
    }

    private mutating func field(_ index: Int) -> Field {
        let column = plan.columns[index]
        if let levels = column.levelsToWrite {
            selection.text.append(.init(column: index, levels: levels))
            return .level(text: selection.text.count - 1, fields: levels.map(CSVFields.quoted))
        }
        switch column.form {
        case .single(.float):
            selection.numeric.append(index)
            return .float(selection.numeric.count - 1)
        case .exact(.double):
            selection.exact.append(index)
            return .double(selection.exact.count - 1)
        case .single, .exact:
            return .integer(ColumnValues(.number(index), plan, &selection))
        case .long, .levels, .texts:
            selection.text.append(.init(column: index, isPerChunk: true))
            return .text(selection.text.count - 1)
        }
    }

    mutating func append(_ chunk: borrowing RowChunk) throws(TableError) {
        let rowCount = chunk.rowCount
        let share = max(Self.fewestRows, (rowCount + workers - 1) / workers)
        let parts = stride(from: 0, to: rowCount, by: share).map { $0..<min($0 + share, rowCount) }
        let chunk = copy chunk
        let lines = Lines(fields: fields, missing: missing, selection: selection)
        let written = parts.concurrentMap { rows in lines.text(of: chunk, rows) }
        for lines in written {
            guard let lines else { throw plan.changedFile }
            try target.write(lines)
        }
    }

    mutating func finish() {}
}

/// How rows become lines.
private struct Lines: Sendable {
    let fields: [CSVTableWriter.Field]
    let missing: [UInt8]
    let selection: ColumnSelection

    /// The lines of some rows; `nil` where one holds what the profile has ruled out.
    func text(of chunk: borrowing RowChunk, _ rows: Range<Int>) -> [UInt8]? {
        var lines = CSVFields()
        let width = (selection.numeric.count, selection.exact.count, selection.text.count)
        for row in rows {
            for field in fields {
                switch field {
                case .float(let index):
                    let number = chunk.numbers[row * width.0 + index]
                    if number.isNaN { lines.append(written: missing) } else { lines.append(number) }
                case .double(let index):
                    let number = chunk.doubles[row * width.1 + index]
                    if number.isNaN { lines.append(written: missing) } else { lines.append(number) }
                case .integer(let values):
                    let isWritten = values.forEachNumber(of: chunk, row..<row + 1) { number in
                        guard !number.isNaN else {
                            lines.append(written: missing)
                            return true
                        }
                        guard let whole = Int(exactly: number) else { return false }
                        lines.append(whole)
                        return true
                    }
                    guard isWritten else { return nil }
                case .level(let text, let fields):
                    let code = chunk.codes[row * width.2 + text]
                    guard code != RowChunk.unseen else { return nil }
                    lines.append(written: code < 0 ? missing : fields[Int(code)])
                case .text(let text):
                    let code = chunk.codes[row * width.2 + text]
                    if code < 0 { lines.append(written: missing) } else { lines.append(chunk.levels[text][Int(code)]) }
                }
            }
            lines.endRecord()
        }
        return lines.bytes
    }
}

extension ConversionPlan.Column {
    /// The texts of which every value is written as it stood: those of a column of texts; those of numbers where the texts
    /// are known and mean the same in the dialect that is written.
    fileprivate var levelsToWrite: [String]? {
        if case .levels(let levels) = form { return levels }
        guard let texts else { return nil }
        let values = NumberText()
        let isPlain = texts.allSatisfy { text in
            var text = text
            return text.withUTF8 { values.double(NumberText.trimmed($0)) != nil }
        }
        return isPlain ? texts : nil
    }
}
