import Testing

@testable import Tabular

/// The cut into texts and the number of workers must never show in what is read.
@Suite("CSV: texts and workers")
struct CSVEngineTests {
    /// A table of numbers in many spellings and texts in many quotes, as text and as it should be read.
    private static func table(
        rows: Int, lineEnd: String, seed: UInt64
    ) -> (text: String, numbers: [Float], words: [String]) {
        var generator = CSVTestGenerator(seed: seed)
        var text = "n,word,m" + lineEnd
        var numbers: [Float] = []
        var words: [String] = []
        for _ in 0..<rows {
            for column in 0..<2 {
                let number = spelling(of: Double.random(in: -1e4...1e4, using: &generator), &generator)
                numbers.append(Float(number) ?? .nan)
                if column == 1 {
                    text += number
                    continue
                }
                let word = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                    ["x", ",", "\"", "\n", "\r\n", "\u{FC}", "#", " y", "long-enough-for-a-vector-of-32-bytes"]
                        .randomElement(using: &generator) ?? ""
                }.joined()
                words.append("w" + word)
                text += "\(number),\"w\(word.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\","
            }
            text += lineEnd
        }
        return (text, numbers, words)
    }

    private static func spelling(of value: Double, _ generator: inout CSVTestGenerator) -> String {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: "\(Int(value))"
        case 1: "\(Float(value))"
        case 2: "\(value)e-\(Int.random(in: 0...20, using: &generator))"
        case 3: "\(value)0000000000"
        default: "\(value)"
        }
    }

    @Test(
        "Every size of texts and number of workers reads the same table", arguments: ["\n", "\r\n", "\r"],
        ["", "end"])
    func sameTable(_ lineEnd: String, _ ending: String) throws {
        var (text, numbers, words) = Self.table(rows: 30, lineEnd: lineEnd, seed: 3)
        if ending == "end" { text.removeLast() }
        for textSize in [4, 5, 7, 13, 16, 23, 31, 33, 48, 100, 1_000, CSVCutter.textSize] {
            for workers in [1, 3] {
                let source = try CSVSource(
                    text: text, separator: 0x2C, hasHeader: true, workers: workers, textSize: textSize)
                #expect(try source.numbers([0, 2]).map(\.bitPattern) == numbers.map(\.bitPattern))
                #expect(try source.cells().map { $0[1] } == words)
            }
        }
    }

    @Test("A profile is the same to the bit for any number of workers", arguments: [50, 1_000])
    func sameProfile(_ textSize: Int) throws {
        let (text, _, _) = Self.table(rows: 500, lineEnd: "\n", seed: 4)
        let expected = try CSVSource(text: text, workers: 1, textSize: textSize).profile()
        for workers in 2...6 {
            #expect(try CSVSource(text: text, workers: workers, textSize: textSize).profile() == expected)
        }
        let whole = try CSVSource(text: text).profile()
        for (column, other) in zip(expected.columns, whole.columns) {
            #expect(abs(column.mean - other.mean) <= 1e-12 * max(1, abs(other.mean)))
            #expect(abs(column.variance - other.variance) <= 1e-11 * max(1, other.variance))
            #expect(column.levels == other.levels)
            #expect(column.range == other.range)
        }
    }

    @Test("The first fault in the file is the one that is named", arguments: 1...4)
    func firstFault(_ workers: Int) throws {
        var lines = (0..<400).map { "\($0),\($0 * 2)" }
        lines[250] = "250"
        lines[251] = "251,1,2"
        lines[399] = "x,\"y"
        for textSize in [4, 60, 700, CSVCutter.textSize] {
            let source = try CSVSource(
                text: lines.joined(separator: "\n"), separator: 0x2C, hasHeader: false, workers: workers,
                textSize: textSize)
            let error = thrownError { () throws(TableError) in _ = try source.numbers() }
            #expect(error?.line == 251)
            #expect(error?.message.contains("expected 2 fields as in line 1, found 1") == true)
            lines[250] = "250,z"
            let other = try CSVSource(
                text: lines.joined(separator: "\n"), separator: 0x2C, hasHeader: false, workers: workers,
                textSize: textSize)
            let number = thrownError { () throws(TableError) in _ = try other.numbers() }
            #expect(number?.line == 251)
            #expect(number?.column == "1")
            lines[250] = "250"
        }
    }

    @Test("A quote inside an unquoted field hides no line end")
    func quoteInField() throws {
        let text = "a,b\n" + (0..<200).map { "5\" pipe \($0),\($0)\n" }.joined()
        for textSize in [4, 16, 50, 333] {
            let source = try CSVSource(text: text, workers: 3, textSize: textSize)
            #expect(try source.numbers([1]) == (0..<200).map(Float.init))
        }
    }

    @Test("Kept rows are those of the file, and what they do not tell is read again")
    func keptRows() throws {
        let text =
            "id,label,mixed,city,odd\n"
            + (0..<3_000).map { row in
                "\(Double(row) + 0.25),\(row % 3),\(row % 2 == 0 ? "1" : "1.0"),\(row % 5 == 0 ? "" : "c\(row % 7)"),"
                    + "\(row == 2_999 ? "x" : "\(row % 4)")\n"
            }.joined()
        let source = try CSVSource(text: text, workers: 2, textSize: 2_000)
        let kept = try source.profile(keepingUpTo: .max).rows
        #expect(kept is KeptTable)
        #expect(try source.profile(keepingUpTo: 50_000).rows is CSVSource)
        #expect(try kept.cells() == source.cells())
        #expect(try kept.numbers([1, 0]) == source.numbers([1, 0]))
        let error = thrownError { () throws(TableError) in _ = try kept.numbers([4]) }
        #expect(error?.line == 3_001)
        let selection = ColumnSelection(
            numeric: [0, 0], text: [.init(column: 1, levels: ["2", "0"]), .init(column: 3, levels: ["c1"])])
        var codes: [[Int32]] = [[], []]
        for (index, table) in [kept, source].enumerated() {
            try table.read(selection) { chunk throws(TableError) in codes[index] += chunk.codes }
        }
        #expect(codes[0] == codes[1])
        #expect(codes[0].prefix(6) == [1, -1, -2, 0, 0, -2])
    }
}
