import Testing

@testable import Tabular

/// What README.md says of what a CSV may hold, case by case, with nothing said of the dialect but what a case says.
@Suite("CSV: what a file may hold")
struct CSVStrictnessTests {
    enum Verdict: Sendable, Equatable {
        /// Names and rows; `nil` is a missing value.
        case table([String], [[String?]])
        /// The line, the column, and words of the reason.
        case error(line: Int?, column: String?, String)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let hints: CSVDialect.Hints
        let verdict: Verdict

        init(_ description: String, _ bytes: [UInt8], _ verdict: Verdict, _ hints: CSVDialect.Hints = .init()) {
            testDescription = description
            self.bytes = bytes
            self.verdict = verdict
            self.hints = hints
        }

        init(_ description: String, _ text: String, _ verdict: Verdict, _ hints: CSVDialect.Hints = .init()) {
            self.init(description, Array(text.utf8), verdict, hints)
        }
    }

    private static let header = CSVDialect.Hints(hasHeader: true)

    private static func hints(_ separator: Character) -> CSVDialect.Hints {
        .init(separator: separator.asciiValue, hasHeader: true)
    }

    static let quotes = [
        Case("separator in quotes", "a,b\n1,\"x,y\"\n", .table(["a", "b"], [["1", "x,y"]])),
        Case("line ends in quotes", "a,b\n1,\"x\r\ny\nz\r\"\n", .table(["a", "b"], [["1", "x\r\ny\nz\r"]])),
        Case("doubled quote", "a,b\n1,\"x\"\"y\"\n", .table(["a", "b"], [["1", "x\"y"]])),
        Case("quotes around a number", "a,b\n\"1\",2\n", .table(["a", "b"], [["1", "2"]])),
        Case("nothing in quotes", "a,b\n1,\"\"\n", .table(["a", "b"], [["1", nil]]), header),
        Case("quote in an unquoted field", "a,b\n1,6\" pipe\n", .table(["a", "b"], [["1", "6\" pipe"]])),
        Case("quote at the end of one", "a,b\n1,6\"\n", .table(["a", "b"], [["1", "6\""]])),
        Case("text after quotes", "a,b\n1,\"x\"y\n", .error(line: 2, column: "b", "follows a closing quote")),
        Case("text after empty quotes", "a,b\n\"\"x,1\n", .error(line: 2, column: "a", "follows a closing quote")),
        Case(
            "backslash before a quote", "a,b\n1,\"x\\\"y\"\n", .error(line: 2, column: "b", "follows a closing quote")),
        Case("backslash", "a,b\n1,x\\y\\\n", .table(["a", "b"], [["1", "x\\y\\"]])),
        Case("quote not closed", "a,b\n1,\"x\n2,y\n", .error(line: 2, column: "b", "never closed")),
        Case("quote not closed in the header", "a,\"b\n1,x\n", .error(line: 1, column: "1", "never closed")),
        Case("lone quote at the end", "a,b\n1,2\n\"", .error(line: 3, column: "a", "never closed")),
        Case("apostrophes, detected", "a,b\n1,'x,y'\n2,'z'\n", .table(["a", "b"], [["1", "x,y"], ["2", "z"]])),
        Case(
            "another quote, given", "a,b\n1,~x,y~\n", .table(["a", "b"], [["1", "x,y"]]),
            .init(quote: UInt8(ascii: "~"))),
    ]

    static let layout = [
        Case("blanks around fields", "a , b\n 1\t,\tx y \n", .table(["a", "b"], [["1", "x y"]])),
        Case("blanks around quotes", "a,b\n1, \" x \" \n", .table(["a", "b"], [["1", " x "]])),
        Case("other white space", "a,b\n1,\u{A0}x\u{2003}\n", .table(["a", "b"], [["1", "\u{A0}x\u{2003}"]])),
        Case("CRLF", "a,b\r\n1,x\r\n", .table(["a", "b"], [["1", "x"]])),
        Case("CR", "a,b\r1,x\r", .table(["a", "b"], [["1", "x"]])),
        Case("mixed line ends", "a,b\r\n1,x\n2,y\r3,z", .table(["a", "b"], [["1", "x"], ["2", "y"], ["3", "z"]])),
        Case("other line ends", "a,b\n1,x\u{B}y\u{2028}z\n", .table(["a", "b"], [["1", "x\u{B}y\u{2028}z"]])),
        Case("no last line end", "a,b\n1,x", .table(["a", "b"], [["1", "x"]])),
        Case("blank lines", "\n \t\na,b\n\n1,x\n\r\n\n", .table(["a", "b"], [["1", "x"]])),
        Case("blank lines of one column", "a\n1\n\n2\n", .table(["a"], [["1"], ["2"]])),
        Case("missing value of one column", "a\n1\n\"\"\n", .table(["a"], [["1"], [nil]])),
        Case(
            "comment", "a,b\n# no, no\n1,#x\n", .table(["a", "b"], [["1", "#x"]]), .init(comment: UInt8(ascii: "#"))),
        Case("comment that is not said to be one", "a,b\n# no\n", .error(line: 2, column: "b", "expected 2 fields")),
        Case(
            "field too few", "a,b,c\n1,2,x\n3,4\n",
            .error(line: 3, column: "c", "expected 3 fields as in line 1, found 2")),
        Case(
            "field too many", "a,b\n1,x\n2,y,\n",
            .error(line: 3, column: "b", "expected 2 fields as in line 1, found 3")),
        Case("field too many after quoted lines", "a,b\n\"\n\n\",x\n2,y,\n", .error(line: 5, column: "b", "found 3")),
        Case("preamble", "made by hand\na,b\n1,x\n", .error(line: 2, column: "made by hand", "expected 1 field")),
        Case("second table", "a,b\n1,x\n\np,q,r\n1,2,3\n", .error(line: 4, column: "b", "found 3")),
    ]

    static let signs = [
        Case("semicolons", "a;b\n1;x,y\n", .table(["a", "b"], [["1", "x,y"]])),
        Case("tabs", "a\tb\n1\t\n", .table(["a", "b"], [["1", nil]])),
        Case("bars", "a|b\n1|x\n", .table(["a", "b"], [["1", "x"]])),
        Case("a space, given", "a b\n1  \n", .error(line: 2, column: "b", "found 3"), hints(" ")),
        Case("a colon, given", "a:b\n1:x\n", .table(["a", "b"], [["1", "x"]]), hints(":")),
        Case("a colon, not given", "a:b\n1:x\n", .table(["a:b"], [["1:x"]])),
        Case("header", "a,b\n1,2\n", .table(["a", "b"], [["1", "2"]])),
        Case("no header", "1,2\n3,4\n", .table(["0", "1"], [["1", "2"], ["3", "4"]])),
        Case("blank name", "a,,c\n1,2,3\n", .table(["a", "column_1", "c"], [["1", "2", "3"]]), header),
        Case("repeated name", "a,b,a\n1,2,3\n", .error(line: 1, column: "a", "columns 0 and 2 (from 0)")),
        Case("header alone", "a,b\n", .error(line: 1, column: nil, "no row below"), header),
        Case("header twice", "a,b\na,b\n1,2\n", .table(["a", "b"], [["a", "b"], ["1", "2"]]), header),
        Case("nothing", "", .error(line: nil, column: nil, "the file is empty")),
        Case("only blank lines", " \n\t\n", .error(line: nil, column: nil, "the file is empty")),
    ]

    static let bytes = [
        Case("UTF-8", "ä,b\n1,日本\n", .table(["ä", "b"], [["1", "日本"]])),
        Case("byte-order mark", "\u{FEFF}a,b\n1,x\n", .table(["a", "b"], [["1", "x"]])),
        Case("byte-order mark inside", "a,b\n1,\u{FEFF}x\n", .table(["a", "b"], [["1", "\u{FEFF}x"]])),
        Case("NUL", "a,b\n1,x\0y\n", .error(line: 2, column: "b", "NUL")),
        Case("NUL in quotes", "a,b\n1,\"x\n\0\"\n", .error(line: 3, column: "b", "NUL")),
        Case("NUL in the header", "a,b\0\n1,x\n", .error(line: 1, column: "1", "NUL")),
        Case(
            "Latin-1", Array("a,b\n1,K".utf8) + [0xF6, 0x6C, 0x6E, 0x0A],
            .error(line: 2, column: "b", "not valid UTF-8")),
        Case(
            "Latin-1 in the header", Array("K".utf8) + [0xF6] + Array("ln,b\n1,x\n".utf8),
            .error(line: 1, column: "0", "not valid UTF-8")),
        Case(
            "surrogate", Array("a,b\n".utf8) + [0xED, 0xA0, 0x80, 0x2C, 0x31],
            .error(line: 2, column: "a", "not valid UTF-8")),
        Case("overlong", Array("a,b\n1,".utf8) + [0xC0, 0xAF], .error(line: 2, column: "b", "not valid UTF-8")),
        Case("UTF-16", [0xFF, 0xFE, 0x61, 0, 0x2C, 0, 0x62, 0], .error(line: nil, column: nil, "UTF-16")),
        Case("control characters", "a,b\n1,\u{1}\u{1B}[2J\n", .table(["a", "b"], [["1", "\u{1}\u{1B}[2J"]])),
        Case(
            "equal to Unicode", "a,b\nu\u{308},1\n\u{FC},2\n", .table(["a", "b"], [["ü", "1"], ["ü", "2"]]), header),
    ]

    @Test("Each case has its verdict", arguments: quotes + layout + signs + bytes)
    func structure(_ item: Case) {
        for size in [1, 3, 10, CSVCutter.textSize] {
            var verdict: Verdict
            do {
                let source = try CSVSource(bytes: item.bytes, hints: item.hints, textSize: size)
                verdict = .table(source.columnNames, try source.cells())
            } catch {
                verdict = .error(line: error.line, column: error.column, error.message)
                if case .error(let line, let column, let reason) = item.verdict, error.message.contains(reason) {
                    verdict = .error(line: line, column: column, reason)
                    #expect(error.line == line && error.column == column, "\(error)")
                }
            }
            #expect(verdict == item.verdict, "chunks of \(size) bytes")
        }
    }

    /// A value among twenty numbers; `nil` is a missing value.
    static let values: [(String, Float?)] = [
        ("1", 1), ("+1", 1), ("-1.5e-3", -0.0015), (".5", 0.5), ("5.", 5), ("007", 7), ("\"1\"", 1), ("\" 1 \"", 1),
        (" 1\t", 1),
        ("16777217", 16_777_216), ("3.4028235e38", .greatestFiniteMagnitude), ("7.1e-46", .leastNonzeroMagnitude),
        ("1e-50", 0), ("", nil), ("NA", nil), ("na", nil), ("NaN", nil), ("nan", nil), ("NAN", nil), ("null", nil),
        ("NULL", nil), ("?", nil), ("\"NA\"", nil), (" NA ", nil),
    ]

    static let nonNumbers = [
        "inf", "-inf", "Infinity", "1e39", "-1e400", "3.4028236e38", "0x1F", "0x1p3", "0b1", "1_000", "\"1,000\"",
        "1'000",
        "\"1,5\"", "1 000", "1f", "1d5", "1e", "e5", ".", "-", "+-1", "--1", "1.2.3", "$1", "1%", "1/2", "(1)", "true",
        "N/A", "None", "#N/A", "nan(0x7)", "-nan", "٣", "４２", "−1", "½", "∞", "\u{A0}1", "1\u{200B}", "2024-05-31",
    ]

    private func table(with value: String) -> String {
        "a,b\n" + (1...20).map { "\($0),\($0)\n" }.joined() + "\(value),21\n"
            + (22...40).map { "\($0),\($0)\n" }.joined()
    }

    @Test("A number is a decimal one, and what stands for a missing value is a word of a short list", arguments: values)
    func number(_ text: String, _ value: Float?) throws {
        let source = try CSVSource(text: table(with: text))
        let read = try source.numbers([0])[20]
        #expect(value == nil ? read.isNaN : read == value, "\(read)")
        #expect(try source.profile().columns[0].isNumeric)
    }

    @Test("All else in a column of numbers is an error with line, column and text", arguments: nonNumbers)
    func noNumber(_ text: String) throws {
        let source = try CSVSource(text: table(with: text))
        let profile = try source.profile().columns[0]
        #expect(profile.isNumeric && profile.textCount == 1 && profile.firstText?.line == 22)
        let error = thrownError { () throws(TableError) in _ = try source.numbers([0]) }
        #expect(error?.line == 22 && error?.column == "a")
        #expect(error?.message.contains(text.trimmingQuotes) == true)
        // In a column of texts it is one of them.
        let words = try CSVSource(text: "a,b\nx,1\n\(text),2\n", hasHeader: true)
        #expect(try words.cells().map { $0[0] } == ["x", text.trimmingQuotes])
    }
}

extension String {
    fileprivate var trimmingQuotes: String { filter { $0 != "\"" } }
}
