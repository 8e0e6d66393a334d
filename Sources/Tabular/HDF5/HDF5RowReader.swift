internal import HDF5
import Synchronization

/// Reads a selection of columns, any rows of them at a time, from any thread.
final class HDF5RowReader: Sendable {
    /// What one range of rows leaves to the next.
    private struct Memory: Sendable {
        var window = HDF5Reading.Window()
        var chunk: RowChunk
        var levels: [HDF5Levels]

        init(_ selection: ColumnSelection) {
            levels = selection.text.map { HDF5Levels(given: $0.levels) }
            chunk = RowChunk(firstRow: 0, rowCount: 0, numbers: [], codes: [], levels: levels.map(\.levels))
        }

        /// Forgets the levels that other rows had.
        mutating func start() {
            for index in levels.indices where levels[index].isOpen {
                levels[index] = HDF5Levels(given: nil)
                chunk.levels[index] = []
            }
        }
    }

    let selection: ColumnSelection

    private let table: HDF5Table
    private let reading: HDF5Reading
    /// The columns that are delivered as codes.
    private let columns: [HDF5Reading.Column]
    /// Where each of them stands among those read as texts, or else as words.
    private let places: [(isText: Bool, index: Int)]
    /// The words behind which those of numbers at double precision stand.
    private let exactWords: Int
    private let spare = Mutex<[Memory]>([])

    init(_ selection: ColumnSelection, from table: HDF5Table) throws(TableError) {
        for column in selection.numeric + selection.text.map(\.column) + selection.exact {
            precondition(table.columnNames.indices.contains(column), "there is no column \(column) in \(table.name)")
        }
        for column in selection.numeric + selection.exact where !table.block(of: column).isNumeric {
            throw table.textFound(in: column)
        }
        var words: [HDF5Reading.Column] = []
        var texts: [HDF5Reading.Column] = []
        var places: [(isText: Bool, index: Int)] = []
        columns = selection.text.map { table.place(ofTexts: $0.column) }
        for column in columns {
            if table.blocks[column.block].content == .string {
                places.append((true, texts.count))
                texts.append(column)
            } else {
                places.append((false, words.count))
                words.append(column)
            }
        }
        exactWords = words.count
        words += selection.exact.map { table.place(of: $0) }
        self.table = table
        self.selection = selection
        self.places = places
        reading = try HDF5Reading(table, runs: table.runs(selection.numeric), words: words, texts: texts)
    }

    /// The rows to read at a time where they are read in no order.
    func blockRows(bytes: Int) -> Int { reading.blockRows(bytes: bytes) }

    /// Delivers rows in their order, a window at a time.
    func read(
        _ rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        var memory = spare.withLock { $0.popLast() } ?? Memory(selection)
        memory.start()
        var windows = HDF5Prefetch(reading, rows: rows, workers: table.workers.count)
        defer { windows.finish() }
        // The numbers change hands, so that they are never copied.
        while try windows.next(&memory.window) {
            swap(&memory.window.numbers, &memory.chunk.numbers)
            defer { swap(&memory.window.numbers, &memory.chunk.numbers) }
            code(&memory)
            try body(memory.chunk)
        }
        // Who reads a few rows comes again; who reads many does not.
        if reading.window(of: rows) == rows { spare.withLock { [memory] in $0.append(memory) } }
    }

    private func code(_ memory: inout Memory) {
        let window = memory.window
        memory.chunk.firstRow = window.rows.lowerBound
        memory.chunk.rowCount = window.rows.count
        memory.chunk.codes.resize(to: window.rows.count * columns.count, filler: 0)
        for (index, place) in places.enumerated() {
            if selection.text[index].isPerChunk, memory.levels[index].isOpen {
                memory.levels[index] = HDF5Levels(given: nil)
                memory.chunk.levels[index] = []
            }
            if place.isText {
                window.code(
                    text: place.index, as: index, of: columns.count, &memory.levels[index], &memory.chunk.codes)
            } else {
                window.code(
                    word: place.index, table.blocks[columns[index].block], as: index, of: columns.count,
                    &memory.levels[index], &memory.chunk.codes)
            }
            if memory.chunk.levels[index].count != memory.levels[index].levels.count {
                memory.chunk.levels[index] = memory.levels[index].levels
            }
        }
        if !selection.exact.isEmpty { memory.chunk.doubles = doubles(window) }
    }

    /// The numbers at double precision, row by row.
    private func doubles(_ window: HDF5Reading.Window) -> [Double] {
        let rows = window.rows.count
        let width = selection.exact.count
        var doubles = [Double](repeating: .nan, count: rows * width)
        for (index, column) in selection.exact.enumerated() {
            let block = table.block(of: column)
            for row in 0..<rows {
                let number = block.part.number(window.words[(exactWords + index) * rows + row])
                if !block.isMissing(number) { doubles[row * width + index] = number.double }
            }
        }
        return doubles
    }
}

/// The readers of a table's latest selections: to look at a dataset takes longer than to read a few rows.
final class HDF5RowReaders: Sendable {
    /// Rows to train on, to validate with and to predict are different selections at most.
    private static let limit = 4

    private let readers = Mutex<[HDF5RowReader]>([])

    func reader(of selection: ColumnSelection, from table: HDF5Table) throws(TableError) -> HDF5RowReader {
        if let known = readers.withLock({ $0.first { $0.selection == selection } }) { return known }
        let reader = try HDF5RowReader(selection, from: table)
        readers.withLock { readers in
            if readers.count == Self.limit { readers.removeFirst() }
            readers.append(reader)
        }
        return reader
    }
}

// MARK: - Levels

extension HDF5Reading.Window {
    /// Codes the texts of a column, as column `index` of `count` in the rows of `codes`.
    fileprivate func code(
        text column: Int, as index: Int, of count: Int, _ levels: inout HDF5Levels, _ codes: inout [Int32]
    ) {
        for row in 0..<rows.count {
            codes[row * count + index] =
                texts[column * rows.count + row].map { levels.code(of: $0) } ?? RowChunk.missing
        }
    }

    /// Codes the numbers of a column, as column `index` of `count` in the rows of `codes`.
    fileprivate func code(
        word column: Int, _ block: HDF5Block, as index: Int, of count: Int, _ levels: inout HDF5Levels,
        _ codes: inout [Int32]
    ) {
        // Labels repeat: most rows have the word of one met shortly before.
        var recent = [(word: UInt64, code: Int32)?](repeating: nil, count: 64)
        for row in 0..<rows.count {
            let word = words[column * rows.count + row]
            let slot = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 58)
            if let found = recent[slot], found.word == word {
                codes[row * count + index] = found.code
                continue
            }
            let number = block.part.number(word)
            let code = block.isMissing(number) ? RowChunk.missing : levels.code(of: number, block.content)
            recent[slot] = (word, code)
            codes[row * count + index] = code
        }
    }
}
