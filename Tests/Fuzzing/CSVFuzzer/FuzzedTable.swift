import LinearAlgebra

@testable import Tabular

/// An input of the fuzzer: two bytes that say how to read, and a file.
struct FuzzedTable {
    private let bytes: [UInt8]
    private let hints: CSVDialect.Hints
    private let textSize: Int
    private let workers: Int

    private static let separators = [
        nil, nil, ASCII.comma, ASCII.semicolon, ASCII.tab, ASCII.bar, ASCII.space, ASCII.comma,
    ]

    init(_ input: UnsafeBufferPointer<UInt8>) {
        textSize = 1 + Int(input.first ?? 0) % 64
        let choice = input.count > 1 ? input[1] : 0
        bytes = Array(input.dropFirst(2))
        hints = CSVDialect.Hints(
            separator: Self.separators[Int(choice & 7)],
            hasHeader: [nil, true, false, nil][Int(choice >> 3 & 3)],
            decimalMark: choice & 7 == 3 ? ASCII.comma : nil, comment: choice & 32 == 0 ? nil : UInt8(ascii: "#"),
            missingTexts: choice & 64 == 0 ? nil : ["-1", "x"])
        // Threads cost more than all the rest.
        workers = choice & 0x84 == 0x84 ? 2 : 1
    }

    /// Traps where anything is amiss.
    func check() {
        let whole = outcome(textSize: bytes.count + 1, workers: 1)
        let cut = outcome(textSize: textSize, workers: workers)
        precondition(whole == cut, "chunks of \(textSize) bytes differ: \(whole) and \(cut)")
        switch whole {
        case .error(let error): check(error)
        case .table(let table):
            precondition(table.cells == table.kept, "what is kept differs from the file")
            let careful = carefulCells()
            precondition(careful == table.cells, "the careful reader differs: \(careful) and \(table.cells)")
            checkValues(of: table)
        }
    }

    // MARK: What comes of a file

    private struct ReadTable: Equatable {
        var names: [String]
        var dialect: CSVDialect
        var cells: [[String?]]
        var kept: [[String?]]
        /// Numbers, missing values, texts and infinities of every column.
        var counts: [[Int]]
        var levels: [[String: Int]?]
    }

    private enum Outcome: Equatable {
        case table(ReadTable)
        case error(TableError)
    }

    private func source(textSize: Int, workers: Int) throws(TableError) -> CSVSource {
        try CSVSource(
            input: .memory(bytes), name: "fuzzed.csv", hints: hints, workers: workers, textSize: textSize)
    }

    private func outcome(textSize: Int, workers: Int) -> Outcome {
        do {
            let source = try source(textSize: textSize, workers: workers)
            let (profile, kept) = try source.profile(keepingUpTo: .max)
            return .table(
                ReadTable(
                    names: source.columnNames, dialect: source.dialect, cells: try Self.cells(of: source),
                    kept: try Self.cells(of: kept),
                    counts: profile.columns.map { [$0.numberCount, $0.missingCount, $0.textCount, $0.infiniteCount] },
                    levels: profile.columns.map(\.levels)))
        } catch {
            return .error(error)
        }
    }

    private static func cells(of source: any TableSource) throws(TableError) -> [[String?]] {
        let count = source.columnNames.count
        var cells: [[String?]] = []
        try source.read(ColumnSelection(text: (0..<count).map { ColumnSelection.Text(column: $0) })) { chunk in
            for row in 0..<chunk.rowCount {
                cells.append(
                    (0..<count).map { column in
                        let code = chunk.codes[row * count + column]
                        return code < 0 ? nil : chunk.levels[column][Int(code)]
                    })
            }
        }
        return cells
    }

    /// The same without the compiled loop.
    private func carefulCells() -> [[String?]] {
        do {
            let source = try source(textSize: textSize, workers: 1)
            var head = try CSVHead(
                CSVInput.memory(bytes).stream(name: "fuzzed.csv"), name: "fuzzed.csv", dialect: source.dialect,
                textSize: bytes.count + 1)
            var records: [[String?]] = []
            while try head.next() {
                records.append(
                    head.texts.map { text in
                        var text = text
                        return text.withUTF8 { source.values.isMissing(NumberText.trimmed($0)) } ? nil : text
                    })
            }
            return source.dialect.hasHeader ? Array(records.dropFirst()) : records
        } catch {
            preconditionFailure("The careful reader refuses what was read: \(error)")
        }
    }

    // MARK: Values

    /// Reads every column as numbers, as numbers of double precision and as dates.
    private func checkValues(of table: ReadTable) {
        do {
            let source = try source(textSize: textSize, workers: 1)
            for column in table.names.indices {
                let texts = table.cells.map { $0[column] }
                let floats = texts.map { Self.value(of: $0, source.values.float) }
                check(source, ColumnSelection(numeric: [column]), column, floats) { $0.numbers.map(\.bitPattern) }
                let doubles = texts.map { Self.value(of: $0) { source.values.double($0)?.value } }
                check(source, ColumnSelection(exact: [column]), column, doubles) { $0.doubles.map(\.bitPattern) }
                let times = texts.map { Self.value(of: $0) { TimeText.seconds($0, isDeclared: true) } }
                check(source, ColumnSelection(times: [column]), column, times) { $0.times.map(\.bitPattern) }
            }
        } catch {
            preconditionFailure("The file cannot be opened again: \(error)")
        }
    }

    /// The bits of a text's value, NaN where it is missing; `nil` where it has none.
    private static func value<Value: BinaryFloatingPoint>(
        of text: String?, _ parse: (UnsafeBufferPointer<UInt8>) -> Value?
    ) -> UInt64? {
        guard var text else { return UInt64.max }
        return text.withUTF8 { parse(NumberText.trimmed($0)) }.map { Double($0).bitPattern }
    }

    private func check<Bits: FixedWidthInteger>(
        _ source: CSVSource, _ selection: ColumnSelection, _ column: Int, _ expected: [UInt64?],
        _ values: (borrowing RowChunk) -> [Bits]
    ) {
        var read: [UInt64] = []
        do {
            try source.read(selection) { chunk throws(TableError) in
                for bits in values(chunk) {
                    let value =
                        Bits.bitWidth == 32 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: UInt64(bits))
                    read.append(value.isNaN ? UInt64.max : value.bitPattern)
                }
            }
            precondition(read == expected, "column \(column) has other values: \(read) and \(expected)")
        } catch {
            check(error)
            precondition(expected.contains(nil), "column \(column) has values: \(error)")
            precondition(error.column == source.columnNames[column], "the error is in column \(column): \(error)")
        }
    }

    // MARK: Errors

    private func check(_ error: TableError) {
        let lines = 1 + bytes.count { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }
        precondition(error.kind == .badData && error.file == "fuzzed.csv" && !error.message.isEmpty, "\(error)")
        precondition(error.line.map { (1...lines).contains($0) } ?? true, "there is no such line: \(error)")
        precondition(!error.description.contains(where: \.isNewline), "more than a line: \(error)")
    }
}

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzedTable(UnsafeBufferPointer(start: start, count: count)).check()
    return 0
}
