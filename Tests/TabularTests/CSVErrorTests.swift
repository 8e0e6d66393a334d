import Testing

@testable import Tabular

@Suite("CSV: errors are sentences with a place")
struct CSVErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let line: Int?
        let column: String?
        let fragment: String

        init(_ description: String, _ bytes: [UInt8], line: Int? = nil, column: String? = nil, _ fragment: String) {
            testDescription = description
            self.bytes = bytes
            self.line = line
            self.column = column
            self.fragment = fragment
        }

        init(_ description: String, _ text: String, line: Int? = nil, column: String? = nil, _ fragment: String) {
            self.init(description, Array(text.utf8), line: line, column: column, fragment)
        }
    }

    static let cases: [Case] = [
        Case("empty", "", "the file is empty"),
        Case("only blank lines", "\n\n  \n", "the file is empty"),
        Case("only a byte order mark", "\u{FEFF}", "the file is empty"),
        Case("header only", "a,b\n", line: 1, "no row below"),
        Case("header only, without line end", "\na,b", line: 2, "no row below"),
        Case("first row short", "a,b,c\n1,2\n3,4,5\n", line: 2, column: "c", "expected 3 fields as in line 1, found 2"),
        Case(
            "middle row long", "a,b\n1,2\n3,4,5\n6,7\n", line: 3, column: "b", "expected 2 fields as in line 1, found 3"
        ),
        Case("last row short", "a,b\n1,2\n3", line: 3, column: "b", "expected 2 fields as in line 1, found 1"),
        Case("ragged after quoted lines", "a,b\n\"1\n\r\n\r\",2\n3\n", line: 6, column: "b", "found 1"),
        Case("one column and two", "a\n1\n2,3\n", line: 3, column: "a", "found"),
        Case("open quote", "a,b\n1,2\n\"3,4\n5,6\n", line: 3, column: "a", "never closed"),
        Case("open quote in the second column", "a,b\n1,\"2\n", line: 2, column: "b", "never closed"),
        Case("text after quote", "a,b\n1,\"2\"x\n", line: 2, column: "b", "follows a closing quote"),
        Case("text after quoted lines", "a,b\n1,\"\n\n\"x\n", line: 4, column: "b", "follows a closing quote"),
        Case("NUL", "a,b\n1,2\n3,\0\n", line: 3, column: "b", "NUL"),
        Case("NUL in quotes", "a,b\n1,\"\n\0\"\n", line: 3, column: "b", "NUL"),
        Case("number before NUL", "a,b\n1\0,2\n", line: 2, column: "a", "NUL"),
        Case(
            "Latin-1", Array("a,b\n1,x\n2,J".utf8) + [0xFC] + Array("rg\n".utf8), line: 3, column: "b",
            "not valid UTF-8"),
        Case(
            "Latin-1 in quoted lines", Array("a,b\n1,\"x\r\n\r\n".utf8) + [0xFC] + Array("\"\n".utf8), line: 4,
            column: "b",
            "not valid UTF-8"),
        Case("overlong UTF-8", Array("a,b\n1,".utf8) + [0xC0, 0xAF, 0x0A], line: 2, column: "b", "not valid UTF-8"),
        Case("cut UTF-8", Array("a,b\n1,x".utf8) + [0xE6, 0x97], line: 2, column: "b", "not valid UTF-8"),
        Case("repeated name", "a,b,a\n1,2,3\n", line: 1, column: "a", "columns 0 and 2"),
        Case("HDF5", [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0], "HDF5"),
        Case("gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0], "gzip"),
        Case("ZIP", [0x50, 0x4B, 3, 4, 20, 0, 0, 0], "Excel"),
        Case("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0], "xz"),
        Case("Zstandard", [0x28, 0xB5, 0x2F, 0xFD, 0], "Zstandard"),
        Case("bzip2", Array("BZh91AY".utf8) + [0x01, 0x02], "bzip2"),
        Case("Parquet", Array("PAR1".utf8) + [0x15, 0x04, 0x15, 0x00], "Parquet"),
        Case("NumPy", [0x93] + Array("NUMPY".utf8) + [1, 0], "NumPy"),
        Case("UTF-16", [0xFF, 0xFE, 0x61, 0, 0x2C, 0, 0x62, 0], "UTF-16"),
    ]

    @Test("Each fault is named", arguments: cases)
    func faults(_ item: Case) {
        for textSize in [4, 7, 64, CSVCutter.textSize] {
            let error = thrownError { () throws(TableError) in
                _ = try CSVSource(bytes: item.bytes, hasHeader: true, textSize: textSize).cells()
            }
            #expect(error?.kind == .badData)
            #expect(error?.file == "memory.csv")
            #expect(error?.line == item.line)
            #expect(error?.column == item.column)
            #expect(error?.message.contains(item.fragment) == true, "\(String(describing: error))")
        }
    }

    @Test("A table may begin with the letters of a format")
    func innocentLetters() throws {
        #expect(try CSVSource(text: "PAR1,BZh\n1,2\n").columnNames == ["PAR1", "BZh"])
        #expect(try CSVSource(text: "BZh,x\n1,2\n").columnNames == ["BZh", "x"])
    }

    @Test("A field beyond 16 MiB is refused where it starts, quoted or not", arguments: ["", "\""])
    func longField(_ quote: String) {
        let start = "a,b\n1,2\n3,4\n5,6\n7,\(quote)"
        let bytes = Array(start.utf8) + [UInt8](repeating: 0x78, count: CSVTokenizer.fieldLimit + 2)
        let error = thrownError { () throws(TableError) in _ = try CSVSource(bytes: bytes).cells() }
        #expect(error?.line == 5)
        #expect(error?.message.contains("16 MiB") == true)
    }

    @Test("More than a million fields are refused")
    func manyFields() {
        let bytes = [UInt8](repeating: 0x2C, count: CSVTokenizer.columnLimit + 10)
        let error = thrownError { () throws(TableError) in
            _ = try CSVSource(bytes: bytes, separator: 0x2C, hasHeader: false)
        }
        #expect(error?.message.contains("fields") == true)
    }

    @Test("A value that is not a number is named, with what to do")
    func notANumber() throws {
        let source = try CSVSource(text: "a,b\n1,2\n\"x\n\",y\n3,z\n")
        let error = thrownError { () throws(TableError) in _ = try source.numbers([1]) }
        #expect(error?.line == 3)
        #expect(error?.column == "b")
        #expect(error?.message.contains("expected a number, found 'y'") == true)
        #expect(error?.message.contains("--categorical b") == true)
        let commas = try CSVSource(text: "a;b\n1,500;2\n")
        let decimal = thrownError { () throws(TableError) in _ = try commas.numbers() }
        #expect(decimal?.message.contains("'1,500' (decimals are written with a point") == true)
        let long = String(repeating: "w", count: 41)
        let longSource = try CSVSource(text: "a,b\n1,\(long)\n")
        let shortened = thrownError { () throws(TableError) in _ = try longSource.numbers() }
        #expect(shortened?.message.contains("'\(String(repeating: "w", count: 40))…'") == true)
        // Nothing that a terminal obeys, and no pile of marks on one letter.
        let strange = try CSVSource(
            text: "\"a\u{1B}[2J\nz\",b\n\"\u{7}\r\n\u{2028}y\",z\u{301}\u{301}\n", hasHeader: true)
        let controls = thrownError { () throws(TableError) in _ = try strange.numbers() }
        #expect(controls?.message.contains("found '\u{FFFD}   y'") == true)
        #expect(controls?.description.hasPrefix("memory.csv, line 3, column 'a\u{FFFD}[2J z': ") == true)
        let marks = try CSVSource(text: "a,b\n1,z\(String(repeating: "\u{301}", count: 500))\n")
        let pile = thrownError { () throws(TableError) in _ = try marks.numbers() }
        #expect(pile?.message.contains("'z\(String(repeating: "\u{301}", count: 39))…'") == true)
    }

    @Test("A number beyond Float is not finite", arguments: ["inf", "-Inf", "INFINITY", "+infinity", "1e39", "-1e400"])
    func notFinite(_ text: String) throws {
        let source = try CSVSource(text: "a,b\n1,2\n3,\(text)\n", hasHeader: true)
        let error = thrownError { () throws(TableError) in _ = try source.numbers() }
        #expect(error?.line == 3)
        #expect(error?.message.contains("is not a finite number") == true)
        #expect(try source.profile().columns[1].firstText == .init(line: 3, text: text))
    }

    @Test("A separator that is part of values is refused", arguments: Array("a7.-+\"\n\r\0".utf8) + [0xC3, 0x7F])
    func badSeparator(_ separator: UInt8) {
        let error = thrownError { () throws(TableError) in _ = try CSVSource(text: "a,b\n1,2\n", separator: separator) }
        #expect(error?.kind == .badRequest)
    }

    @Test("Missing files and directories are no input")
    func noInput() throws {
        let missing = thrownError { () throws(TableError) in _ = try CSVSource(path: "/nonexistent/table.csv") }
        #expect(missing?.kind == .noInput)
        #expect(missing?.description == "/nonexistent/table.csv: there is no such file: check the path")
        let directory = thrownError { () throws(TableError) in _ = try CSVSource(path: "/tmp") }
        #expect(directory?.kind == .noInput)
        #expect(directory?.message.contains("directory") == true)
    }

    @Test("A file on disk is read again and again, until it changes")
    func files() throws {
        let text = "a,b\n" + (0..<50_000).map { "\($0),\(Float($0) / 7)\n" }.joined()
        let file = try CSVTestFile(text)
        let source = try CSVSource(path: file.path)
        let expected = (0..<50_000).flatMap { [Float($0), Float($0) / 7] }
        #expect(try source.numbers() == expected)
        #expect(try source.numbers() == expected)
        #expect(try source.profile().rowCount == 50_000)
        let empty = try CSVTestFile("")
        #expect(thrownError { () throws(TableError) in _ = try CSVSource(path: empty.path) }?.kind == .badData)
        try file.replace(with: "a,b\n1,2\n")
        let error = thrownError { () throws(TableError) in _ = try source.profile() }
        #expect(error?.kind == .inputOutput)
        #expect(error?.message.contains("changed") == true)
    }

    @Test("A device without end is refused, not read into memory")
    func endlessDevice() {
        let error = thrownError { () throws(TableError) in _ = try CSVSource(path: "/dev/zero") }
        #expect(error?.message.contains("NUL") == true)
    }
}
