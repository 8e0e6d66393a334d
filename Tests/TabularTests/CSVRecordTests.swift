import Testing

@testable import Tabular

@Suite("CSV: records and fields")
struct CSVRecordTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let names: [String]
        let rows: [[String?]]
        var hasHeader: Bool? = true

        init(_ description: String, _ text: String, _ names: [String], _ rows: [[String?]], hasHeader: Bool? = true) {
            testDescription = description
            self.text = text
            self.names = names
            self.rows = rows
            self.hasHeader = hasHeader
        }
    }

    static let cases: [Case] = [
        Case("simple", "a,b,c\n1,2,3\n", ["a", "b", "c"], [["1", "2", "3"]]),
        Case("comma in quotes", "a,b\nx,\"y, z\"\n", ["a", "b"], [["x", "y, z"]]),
        Case("quoted empty", "a,b,c\n1,\"\",\"\"\n2,3,4\n", ["a", "b", "c"], [["1", nil, nil], ["2", "3", "4"]]),
        Case("doubled quotes", "a,b\n1,\"ha \"\"ha\"\" ha\"\n", ["a", "b"], [["1", "ha \"ha\" ha"]]),
        Case("only quotes", "a,b\n1,\"\"\"\"\"\"\n", ["a", "b"], [["1", "\"\""]]),
        Case(
            "JSON in a field", "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"c\"\": [102.0, 0.5]}\"\n",
            ["key", "val"],
            [["1", "{\"type\": \"Point\", \"c\": [102.0, 0.5]}"]]),
        Case("newlines in quotes", "a,b\n\"x\ny\",1\n\"\n\",2\n", ["a", "b"], [["x\ny", "1"], ["\n", "2"]]),
        Case(
            "CRLF in quotes", "a,b\r\n\"Once upon \r\na time\",5\r\n6,7\r\n", ["a", "b"],
            [["Once upon \r\na time", "5"], ["6", "7"]]),
        Case("quotes and newlines", "a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n", ["a", "b"], [["1", "ha \n\"ha\" \nha"]]),
        Case(
            "UTF-8", "a,b\n1,\u{2603}\u{1F600}\n4,\u{297}\n", ["a", "b"],
            [["1", "\u{2603}\u{1F600}"], ["4", "\u{297}"]]),
        Case("quoted header", "\"a, b\",\"c\"\"d\"\n1,2\n", ["a, b", "c\"d"], [["1", "2"]]),
        Case("blanks around", "a , b\n x ,\t y y\t\n", ["a", "b"], [["x", "y y"]]),
        Case("blanks around quotes", "a,b\n \"x, y\" ,1\n", ["a", "b"], [["x, y", "1"]]),
        Case("blanks in quotes", "a,b\n\" x \",1\n", ["a", "b"], [[" x ", "1"]]),
        Case("quote inside a word", "a,b\n6' 2\",x\"\"y\n", ["a", "b"], [["6' 2\"", "x\"\"y"]]),
        Case("lone CR", "a,b\r1,2\r3,4", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case("mixed line ends", "a,b\r\n1,2\n3,4\r5,6", ["a", "b"], [["1", "2"], ["3", "4"], ["5", "6"]]),
        Case("blank lines", "\n  \na,b\n\n1,2\n\t \n\r\n3,4\n\n\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case("one column", "a\n1\n\n\"\"\n2\n", ["a"], [["1"], [nil], ["2"]]),
        Case(
            "trailing separator", "a,b,\n1,2,\n3,4,\n", ["a", "b", "column_2"], [["1", "2", nil], ["3", "4", nil]]),
        Case("row names", ",x,\"\"\n0,1,2\n", ["column_0", "x", "column_2"], [["0", "1", "2"]]),
        Case("taken substitute", ",column_0\n0,1\n", ["column_0_", "column_0"], [["0", "1"]]),
        Case("tabs", "a\tb\n1 \t 2\n\t3\n", ["a", "b"], [["1", "2"], [nil, "3"]], hasHeader: nil),
        Case("only missing", "a,b\n,\n?,NA\n", ["a", "b"], [[nil, nil], [nil, nil]]),
        Case("no header", "1,2\n3,4\n", ["0", "1"], [["1", "2"], ["3", "4"]], hasHeader: nil),
        Case("one value", "7", ["0"], [["7"]], hasHeader: nil),
    ]

    @Test("A table is read as it was meant, through windows of every size", arguments: cases)
    func reading(_ item: Case) throws {
        for textSize in Array(4...40) + [CSVCutter.textSize] {
            let source = try CSVSource(text: item.text, hasHeader: item.hasHeader, textSize: textSize)
            #expect(source.columnNames == item.names)
            #expect(try source.cells() == item.rows, "window of \(textSize) bytes")
        }
    }

    @Test("Line ends, a byte order mark and the last line end change nothing", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(_ lineEnd: String) throws {
        let lines = ["a,b,c", "1,\"x\(lineEnd)y\",2", "3,z,", "4,,5"]
        for mark in ["", "\u{FEFF}"] {
            for last in ["", lineEnd, lineEnd + lineEnd] {
                let source = try CSVSource(text: mark + lines.joined(separator: lineEnd) + last)
                #expect(source.columnNames == ["a", "b", "c"])
                #expect(try source.cells() == [["1", "x\(lineEnd)y", "2"], ["3", "z", nil], ["4", nil, "5"]])
            }
        }
    }

    @Test("What a writer quotes comes back, through windows of any size", arguments: 0..<40)
    func roundTrip(_ seed: UInt64) throws {
        var generator = CSVTestGenerator(seed: seed)
        let pieces = ["a", "7", ",", "\"", "\n", "\r\n", "\r", " ", "\t", "ü", "\u{65E5}", ";", "''", "xyz0123456789"]
        let columns = Int.random(in: 1...5, using: &generator)
        let rows = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
            (0..<columns).map { _ in
                // An "x" in front keeps blanks and missing values out of the comparison.
                "x"
                    + (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                        pieces.randomElement(using: &generator) ?? ""
                    }.joined()
            }
        }
        let lineEnd = ["\n", "\r\n", "\r"].randomElement(using: &generator) ?? "\n"
        let text = rows.map { row in
            row.map { "\"\($0.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\"" }
                .joined(separator: ",")
        }.joined(separator: lineEnd)
        for textSize in [4, 5, 7, 8, 9, 16, 31, 64, 100, 1 << 16] {
            let source = try CSVSource(
                text: text, separator: UInt8(ascii: ","), hasHeader: false, textSize: textSize)
            #expect(try source.cells() == rows.map { $0.map(Optional.init) })
        }
    }

    @Test("Rows arrive in order, with the levels met so far", arguments: [4, 1_000, 30_000, CSVCutter.textSize])
    func chunks(_ textSize: Int) throws {
        let text = "a,b\n" + (0..<10_000).map { "\($0),\($0 % 3 == 0 ? "x" : "y\($0 / 4_000)")\n" }.joined()
        let source = try CSVSource(text: text, workers: 3, textSize: textSize)
        var numbers: [Float] = []
        try source.read(ColumnSelection(numeric: [0], text: [.init(column: 1)])) { chunk throws(TableError) in
            #expect(chunk.firstRow == numbers.count)
            #expect(chunk.rowCount > 0)
            numbers += chunk.numbers
            let last = numbers.count - 1
            #expect(chunk.levels == [["x", "y0", "y1", "y2"].prefix(last == 0 ? 1 : 2 + last / 4_000).map { $0 }])
        }
        #expect(numbers == (0..<10_000).map(Float.init))
    }

    @Test("Columns come in the order asked for, and given levels decide the codes")
    func selection() throws {
        let source = try CSVSource(text: "a,b,c\n1,u,2\n3,v,4\n5,NA,6\n7,\u{FC},8\n")
        let selection = ColumnSelection(
            numeric: [2, 0], text: [.init(column: 1, levels: ["v", "u\u{308}", "v"]), .init(column: 1)])
        try source.read(selection) { chunk throws(TableError) in
            #expect(chunk.numbers == [2, 1, 4, 3, 6, 5, 8, 7])
            // ü comes in one scalar or in two, which Unicode calls the same text.
            #expect(chunk.codes == [-2, 0, 0, 1, -1, -1, 1, 2])
            #expect(chunk.levels == [["v", "u\u{308}", "v"], ["u", "v", "\u{FC}"]])
        }
    }

    @Test("Texts that Unicode calls equal are one level")
    func equalTexts() throws {
        let source = try CSVSource(text: "a,b\nK,1\n\u{212A},2\nu\u{308},3\n\u{FC},4\n", hasHeader: true)
        var codes: [Int32] = []
        try source.read(ColumnSelection(text: [.init(column: 0)])) { chunk throws(TableError) in codes = chunk.codes }
        #expect(codes == [0, 0, 1, 1])
        #expect(try source.profile().columns[0].levels == ["K": 2, "\u{FC}": 2])
    }

    @Test("An error of the reader's own ends the reading")
    func callerError() throws {
        let source = try CSVSource(text: "a\n1\n2\n")
        let stop = TableError(.badRequest, file: "caller", "enough")
        #expect(
            thrownError { () throws(TableError) in
                try source.read(ColumnSelection(numeric: [0])) { _ throws(TableError) in throw stop }
            } == stop)
    }

    @Test("A table of no selected columns still has its rows")
    func noColumns() throws {
        var rows = 0
        try CSVSource(text: "a,b\n1,2\n3,4\n").read(ColumnSelection()) { chunk throws(TableError) in
            rows += chunk.rowCount
        }
        #expect(rows == 2)
    }
}
