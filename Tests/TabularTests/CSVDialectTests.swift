import Testing

@testable import Tabular

@Suite("CSV: dialects")
struct CSVDialectTests {
    struct Case: Sendable {
        let text: String
        let separator: Character
        let hasHeader: Bool
    }

    static let cases: [Case] = [
        // Separators
        Case(text: "a,b\n1,2\n", separator: ",", hasHeader: true),
        Case(text: "a;b\n1;2\n", separator: ";", hasHeader: true),
        Case(text: "a\tb\n1\t2\n", separator: "\t", hasHeader: true),
        Case(text: "a|b\n1|2\n", separator: "|", hasHeader: true),
        Case(text: "\u{FEFF}a;b\r\n1;2\r\n", separator: ";", hasHeader: true),
        Case(text: "a;b;c\n1,5;2,5;3,5\n0,5;1,5;2,0\n", separator: ";", hasHeader: true),
        Case(text: "1,5;2,5\n0,5;1,5\n", separator: ";", hasHeader: false),
        Case(text: "a,b\n\"x;y\",1\n\"z;w\",2\n", separator: ",", hasHeader: true),
        Case(text: "a;b\n\"x,y\nz,w\";1\n\"u\";2\n", separator: ";", hasHeader: true),
        Case(text: "name\tnote\nx\tone, two, three\ny\tfour\n", separator: "\t", hasHeader: true),
        Case(text: "a,b\n1,2\n3\n4,5\n6,7\n", separator: ",", hasHeader: true),
        Case(text: "word\nother\n", separator: ",", hasHeader: true),
        Case(text: "a,b|c\n1,2\n3,4\n", separator: ",", hasHeader: true),
        Case(text: "2020-01-01,x\n2020-01-02,y\n", separator: ",", hasHeader: false),
        Case(text: "\"1,000\";x\n\"2,000\";y\n", separator: ";", hasHeader: false),
        // Headers
        Case(text: "1,2\n3,4\n", separator: ",", hasHeader: false),
        Case(text: "x,2\n3,4\n", separator: ",", hasHeader: false),
        Case(text: "x,NA\n3,4\n", separator: ",", hasHeader: false),
        Case(text: "x,,y\n3,4,5\n", separator: ",", hasHeader: false),
        Case(text: ",x,y\n0,4,5\n1,4,5\n", separator: ",", hasHeader: true),
        Case(text: "a,b,a\n1,2,3\n", separator: ",", hasHeader: true),
        Case(text: "p,x,s\ne,x,s\np,f,s\n", separator: ",", hasHeader: false),
        Case(text: "class,shape,smell\np,x,s\ne,x,s\np,f,s\n", separator: ",", hasHeader: true),
        Case(text: "name,city\nann,york\nbob,bath\n", separator: ",", hasHeader: true),
        Case(text: "x,x\na,b\n", separator: ",", hasHeader: false),
        Case(text: "5.1,3.5,setosa\n4.9,3.0,setosa\n", separator: ",", hasHeader: false),
        Case(text: "label,0,1,2\n5,0,7,9\n", separator: ",", hasHeader: true),
        Case(text: "label,1,2,3\n5,0,7,9\n", separator: ",", hasHeader: true),
        Case(text: ",0,1,2\n0,0,7,9\n1,2,3,4\n", separator: ",", hasHeader: false),
        Case(text: "label,0,1,2\ncat,0,7,9\ndog,0,7,9\n", separator: ",", hasHeader: false),
        Case(text: "0,1,2,3,4,5,6,7\n9,9,9,9,9,9,9,9\n", separator: ",", hasHeader: true),
        Case(text: "0,1,2\n9,9,9\n", separator: ",", hasHeader: false),
    ]

    @Test("Separator and header are detected", arguments: cases)
    func detection(_ item: Case) {
        let dialect = CSVDialect.detect(in: Array(item.text.utf8))
        #expect(dialect.separator == item.separator.asciiValue)
        #expect(dialect.hasHeader == item.hasHeader)
    }

    @Test("What the caller says is kept")
    func overrides() throws {
        let text = "a;b,c\n1;2,3\n"
        #expect(try CSVSource(text: text, separator: 0x3B).columnNames == ["a", "b,c"])
        #expect(try CSVSource(text: text, separator: 0x3B, hasHeader: false).cells() == [["a", "b,c"], ["1", "2,3"]])
        #expect(try CSVSource(text: "1,2\n3,4\n", hasHeader: true).columnNames == ["1", "2"])
        #expect(try CSVSource(text: "a^b\n1^2\n", separator: 0x5E).cells() == [["1", "2"]])
        #expect(try CSVSource(text: "a  b\n1 \t 2\n", separator: 0x20, hasHeader: true).columnNames.count == 3)
    }

    @Test("A record that the sample cuts off does not count")
    func cutSample() {
        let text = Array("a;b;c\n1;2;3\n4;5".utf8)
        #expect(CSVDialect.detect(in: text, isWhole: false) == CSVDialect(separator: 0x3B, hasHeader: true))
        #expect(CSVDialect.detect(in: []) == CSVDialect())
    }

    @Test("Rows longer than the sample are looked at as a whole")
    func longRows() throws {
        let count = 70_000
        let header = (0..<count).map { "c\($0)" }.joined(separator: ";")
        let row = (0..<count).map { "\($0 % 10)" }.joined(separator: ";")
        let source = try CSVSource(text: "\(header)\n\(row)\n")
        #expect(source.dialect == CSVDialect(separator: 0x3B, hasHeader: true))
        #expect(source.columnNames.count == count)
    }

    @Test("Decimal commas are detected where they are certain, and read")
    func decimalCommas() throws {
        let source = try CSVSource(text: "a;b\n1,5;2\n-0,25;1e2\n,5;3,\n")
        #expect(source.dialect.decimalMark == ASCII.comma)
        #expect(try source.numbers() == [1.5, 2, -0.25, 100, 0.5, 3])
        #expect(try source.profile().columns[0].mean == 1.75 / 3)
        #expect(try CSVSource(text: "a;b\n1,500;2\n").dialect.decimalMark == ASCII.point)
        #expect(try CSVSource(text: "a;b\n1,5;2.5\n").dialect.decimalMark == ASCII.point)
        let said = try CSVSource(text: "a;b\n1,500;2\n", hints: .init(decimalMark: ASCII.comma))
        #expect(try said.numbers() == [1.5, 2])
    }

    @Test("Single quotes are detected where they make sense, and may be said")
    func quotes() throws {
        let source = try CSVSource(text: "a,b\n'x, y',1\n'it''s',2\n", hasHeader: true)
        #expect(source.dialect.quote == ASCII.apostrophe)
        #expect(try source.cells() == [["x, y", "1"], ["it's", "2"]])
        #expect(try CSVSource(text: "a,b\n'tis,1\n'twas,2\n").dialect.quote == ASCII.quote)
        #expect(try CSVSource(text: "a,b\n\"x\",1\n'y',2\n").dialect.quote == ASCII.quote)
        let said = try CSVSource(text: "a,b\n|x, y|,1\n", hasHeader: true, hints: .init(quote: ASCII.bar))
        #expect(try said.cells() == [["x, y", "1"]])
    }

    @Test("Comments are skipped where they are said to be, and count as lines")
    func comments() throws {
        let text = "# made by \"hand\n#,,,\na,b\n1,2\n  # odd quote \"\n3,#4\n\"#5\",6\n#end"
        for textSize in [4, 9, 20, CSVCutter.textSize] {
            let source = try CSVSource(
                text: text, separator: 0x2C, hasHeader: true, hints: .init(comment: UInt8(ascii: "#")), workers: 2,
                textSize: textSize)
            #expect(source.columnNames == ["a", "b"])
            #expect(try source.cells() == [["1", "2"], ["3", "#4"], ["#5", "6"]])
            let error = thrownError { () throws(TableError) in _ = try source.numbers() }
            #expect(error?.line == 6)
        }
    }

    @Test("Texts for missing values replace the usual ones, numbers among them")
    func missingTexts() throws {
        let hints = CSVDialect.Hints(missingTexts: ["-999", "none"])
        let source = try CSVSource(text: "a,b\n1,x\n-999,none\n-999.0,\n3,NA\n", hints: hints)
        let profile = try source.profile()
        #expect((profile.columns[0].missingCount, profile.columns[0].numberCount) == (1, 3))
        #expect(profile.columns[0].range == -999...3)
        #expect(profile.columns[1].levels == ["x": 1, "NA": 1])
        let numbers = try source.numbers([0])
        #expect(numbers[1].isNaN)
        #expect([numbers[0], numbers[2], numbers[3]] == [1, -999, 3])
        #expect(try source.profile(keepingUpTo: .max).rows.cells() == source.cells())
    }

    @Test(
        "Signs that cannot do what they are to do are refused",
        arguments: [
            CSVDialect.Hints(separator: UInt8(ascii: "e")), .init(quote: UInt8(ascii: "1")),
            .init(decimalMark: UInt8(ascii: ":")), .init(comment: UInt8(ascii: "\"")),
            .init(separator: ASCII.comma, decimalMark: ASCII.comma), .init(separator: 0x0A), .init(quote: 0x20),
        ])
    func refused(_ hints: CSVDialect.Hints) {
        let error = thrownError { () throws(TableError) in _ = try CSVSource(text: "a,b\n1,2\n", hints: hints) }
        #expect(error?.kind == .badRequest)
    }
}
