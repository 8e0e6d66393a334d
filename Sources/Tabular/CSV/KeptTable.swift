/// The rows of a table as a first pass parsed them: a number where a value is one, else the code of its text.
struct KeptRows: Sendable {
    /// The rows of one text of the file.
    struct Block: Sendable {
        let rowCount: Int
        /// Rows x columns; NaN where a value is missing or no number.
        let numbers: [Float]
        /// For each column its codes; empty where all values are numbers or missing, so that the numbers tell.
        let codes: [[Int32]]
    }

    private(set) var blocks: [Block] = []
    private let columnCount: Int
    private var bytesLeft: Int

    init(columnCount: Int, byteLimit: Int) {
        self.columnCount = columnCount
        bytesLeft = byteLimit
    }

    /// Keeps the rows of a text; `false` when they no longer fit.
    mutating func append(_ text: ParsedText) -> Bool {
        let codes = text.texts.map(\.codes)
        bytesLeft -= 4 * (text.numbers.count + codes.reduce(0) { $0 + $1.count })
        guard bytesLeft >= 0 else { return false }
        if text.rowCount > 0 {
            blocks.append(Block(rowCount: text.rowCount, numbers: text.numbers, codes: codes))
        }
        return true
    }
}

/// A table that was read once, and whose rows are still in memory.
///
/// What they do not tell is read from the file again: the texts of a column that has too many, or, in a column of
/// numbers, of those that are written in several ways; and the place of a value that is no number.
struct KeptTable: TableSource {
    private let source: CSVSource
    private let rows: KeptRows
    private let columns: [ColumnAccumulator]

    init(source: CSVSource, rows: KeptRows, columns: [ColumnAccumulator]) {
        self.source = source
        self.rows = rows
        self.columns = columns
    }

    var name: String { source.name }
    var columnNames: [String] { source.columnNames }

    var deliversTimes: Bool { true }
    var putsAsideBadRows: Bool { source.putsAsideBadRows }

    func profile() throws(TableError) -> TableProfile { try source.profile() }

    func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        // What is kept of numbers is single precision.
        guard selection.exact.isEmpty else { return try source.read(selection, body) }
        var texts: [KeptLevels] = []
        for text in selection.text {
            guard let levels = columns[text.column].levels,
                let kept = KeptLevels(levels, values: source.values, wanted: text.levels)
            else { return try source.read(selection, body) }
            // Only the file has the row to put aside.
            if text.isStrict, putsAsideBadRows, kept.codes.contains(RowChunk.unseen) {
                return try source.read(selection, body)
            }
            texts.append(kept)
        }
        var moments: [[Double]] = []
        for column in selection.times {
            guard let seconds = seconds(ofLevelsIn: column) else { return try source.read(selection, body) }
            moments.append(seconds)
        }
        guard !selection.numeric.contains(where: { columns[$0].hasTexts }) else {
            return try source.read(selection, body)
        }
        let runs = Self.runs(of: selection.numeric)
        let width = columnNames.count
        var firstRow = 0
        for block in rows.blocks {
            let codes = zip(selection.text, texts).map { text, levels in
                block.codes[text.column].isEmpty
                    ? (0..<block.rowCount).map { levels.code(of: block.numbers[$0 * width + text.column]) }
                    : block.codes[text.column].map { $0 < 0 ? $0 : levels.codes[Int($0)] }
            }
            let times = (0..<block.rowCount * moments.count).map { index -> Double in
                let codes = block.codes[selection.times[index % moments.count]]
                let code = codes.isEmpty ? RowChunk.missing : codes[index / moments.count]
                return code < 0 ? .nan : moments[index % moments.count][Int(code)]
            }
            try body(
                RowChunk(
                    firstRow: firstRow, rowCount: block.rowCount,
                    numbers: Self.gather(runs, selection.numeric.count, of: block, width: width),
                    codes: CSVSource.rowByRow(codes, rowCount: block.rowCount), levels: texts.map(\.levels),
                    times: times))
            firstRow += block.rowCount
        }
    }

    /// The moments that a column's texts stand for; `nil` where only the file tells, or knows the place of one that is none.
    private func seconds(ofLevelsIn column: Int) -> [Double]? {
        guard !columns[column].hasNumbers, let levels = columns[column].levels else { return nil }
        let seconds = (0..<levels.count).compactMap { code in
            levels.withText(of: code) { TimeText.seconds(NumberText.trimmed($0), isDeclared: true) }
        }
        return seconds.count == levels.count ? seconds : nil
    }

    /// Cuts indices into runs of successive ones.
    private static func runs(of columns: [Int]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for column in columns {
            if let last = runs.last, last.upperBound == column {
                runs[runs.count - 1] = last.lowerBound..<column + 1
            } else {
                runs.append(column..<column + 1)
            }
        }
        return runs
    }

    private static func gather(_ runs: [Range<Int>], _ count: Int, of block: KeptRows.Block, width: Int) -> [Float] {
        if runs == [0..<width] { return block.numbers }
        return Array(unsafeUninitializedCapacity: block.rowCount * count) { target, initialized in
            initialized = block.rowCount * count
            guard var next = target.baseAddress else { return }
            block.numbers.withUnsafeBufferPointer { numbers in
                guard let base = numbers.baseAddress else { return }
                for row in 0..<block.rowCount {
                    for run in runs {
                        next.update(from: base + row * width + run.lowerBound, count: run.count)
                        next += run.count
                    }
                }
            }
        }
    }
}

/// The codes of a column's levels as a reader wants them.
private struct KeptLevels {
    let levels: [String]
    /// By the code in the column.
    let codes: [Int32]
    private var codesOfNumbers: [UInt32: Int32] = [:]

    /// `nil` when a number is written in several ways, so that it does not tell its text.
    init?(_ table: LevelTable, values: NumberText, wanted: [String]?) {
        let given = wanted.map(GivenLevels.init)
        levels = wanted ?? (0..<table.count).map { table.level($0) }
        codes = (0..<table.count).map { code in
            table.withText(of: code) { given?.code(of: $0) ?? Int32(code) }
        }
        for code in 0..<table.count {
            guard let number = table.withText(of: code, { values.float(NumberText.trimmed($0)) }) else { continue }
            guard codesOfNumbers.updateValue(codes[code], forKey: number.bitPattern) == nil else { return nil }
        }
    }

    func code(of number: Float) -> Int32 {
        number.isNaN ? RowChunk.missing : codesOfNumbers[number.bitPattern] ?? RowChunk.unseen
    }
}
