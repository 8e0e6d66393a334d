import Testing

@testable import Tabular

@Suite("CSV: numbers and missing values")
struct CSVNumberTests {
    /// Reads texts as one numeric column.
    private func floats(_ texts: [String]) throws -> [Float] {
        try CSVSource(text: "x\n" + texts.joined(separator: "\n") + "\n", separator: 0x2C, hasHeader: true).numbers()
    }

    @Test("Shortest decimals come back bit for bit", arguments: 0..<4)
    func shortestDecimals(_ seed: UInt64) throws {
        var generator = CSVTestGenerator(seed: seed)
        var values: [Float] = []
        while values.count < 2_000 {
            let value = Float(bitPattern: UInt32.random(in: .min ... .max, using: &generator))
            if value.isFinite { values.append(value) }
        }
        let read = try floats(values.map { "\($0)" })
        #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test("Decimals next to the middle between two floats are rounded as `Float(String)` rounds them", arguments: 0..<4)
    func hardDecimals(_ seed: UInt64) throws {
        var generator = CSVTestGenerator(seed: seed)
        var texts: [String] = []
        while texts.count < 2_000 {
            let value = Float(bitPattern: UInt32.random(in: 0...0x7F7F_FFFE, using: &generator))
            guard value.isFinite else { continue }
            // The middle is exact in Double; its decimals, cut and lengthened, fall on either side of it.
            let middle = "\((Double(value) + Double(value.nextUp)) / 2)"
            let digits = middle.split(separator: "e", maxSplits: 1)
            let exponent = digits.count == 2 ? "e\(digits[1])" : ""
            let mantissa = digits[0].contains(".") ? String(digits[0]) : "\(digits[0]).0"
            texts.append(middle)
            texts.append("\(mantissa)0000000000000000000001\(exponent)")
            texts.append("-\(mantissa.dropLast())\(exponent)")
        }
        let read = try floats(texts)
        for (text, value) in zip(texts, read) {
            #expect(value.bitPattern == Float(text)?.bitPattern, "\(text)")
        }
    }

    @Test("Decimals of every shape are rounded as `Float(String)` rounds them", arguments: 0..<14)
    func shapes(_ whole: Int) throws {
        var generator = CSVTestGenerator(seed: UInt64(whole))
        func digits(_ count: Int) -> String {
            // Rows of one digit are nearest to midpoints and carries.
            let one = [nil, nil, nil, 0, 5, 9].randomElement(using: &generator) ?? nil
            return (0..<count).map { _ in "\(one ?? Int.random(in: 0...9, using: &generator))" }.joined()
        }
        var texts: [String] = []
        for fraction in -1...26 where whole + fraction > 0 {
            for exponent in ["", "e0", "e-1", "E+7", "e-19", "e22", "e-30", "e30", "e-44", "e-60"] {
                let sign = ["", "-", "+"].randomElement(using: &generator) ?? ""
                let text = sign + digits(whole) + (fraction >= 0 ? "." + digits(fraction) : "") + exponent
                if Float(text)?.isFinite == true { texts.append(text) }
            }
        }
        #expect(texts.count > 200)
        for (text, value) in zip(texts, try floats(texts)) {
            #expect(value.bitPattern == Float(text)?.bitPattern, "\(text)")
        }
        for (text, number) in zip(texts, try moments(texts)) {
            #expect(abs(number - (Double(text) ?? .nan)) <= 4 * number.ulp, "\(text)")
        }
    }

    /// The mean of each text by itself.
    private func moments(_ texts: [String]) throws -> [Double] {
        let columns = texts.indices.map(String.init).joined(separator: ",")
        let source = try CSVSource(
            text: columns + "\n" + texts.joined(separator: ",") + "\n", separator: 0x2C, hasHeader: true)
        return try source.profile().columns.map(\.mean)
    }

    @Test("Integers of any length are rounded once")
    func integers() throws {
        var generator = CSVTestGenerator(seed: 9)
        var texts = ["0", "-0", "+0", "16777217", "16777219", "-16777217", "999999999999999999", "1000000000000000001"]
        texts += ["33554433000000000000000000000000000000", "00000000000000000000000000000000007", "8388609.5"]
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...25, using: &generator)
            texts.append((0..<count).map { _ in "\(Int.random(in: 0...9, using: &generator))" }.joined())
        }
        for (text, value) in zip(texts, try floats(texts)) {
            #expect(value.bitPattern == Float(text)?.bitPattern, "\(text)")
        }
    }

    enum Verdict: Sendable, Equatable {
        case number(Float)
        case missing
        case text
    }

    static let verdicts: [(String, Verdict)] = [
        ("1", .number(1)), ("+1", .number(1)), ("-1", .number(-1)), ("1.", .number(1)), (".5", .number(0.5)),
        ("-.5", .number(-0.5)), ("+.5", .number(0.5)), ("1e3", .number(1_000)), ("1E3", .number(1_000)),
        ("1e+3", .number(1_000)), ("1e-3", .number(0.001)), ("1.e2", .number(100)), ("007", .number(7)),
        ("-0", .number(-0.0)), ("1e-50", .number(0)), ("3.4028235e38", .number(.greatestFiniteMagnitude)),
        ("3.40282356e38", .number(.greatestFiniteMagnitude)), ("1e-45", .number(.leastNonzeroMagnitude)),
        ("\"1\"", .number(1)), ("\" 1 \"", .number(1)), ("  1\t", .number(1)), ("0e0", .number(0)),
        ("0.1", .number(0.1)), ("123456789012345678901234567890", .number(1.2345679e29)),
        ("\"\"", .missing), ("\" \"", .missing), ("NA", .missing), ("na", .missing), ("NaN", .missing),
        ("nan", .missing), ("NAN", .missing), ("null", .missing), ("NULL", .missing), ("?", .missing),
        (" NA ", .missing), ("\"NA\"", .missing), ("\" ? \"", .missing),
        ("Na", .text), ("nAn", .text), ("Null", .text), ("??", .text), ("N/A", .text), ("None", .text), ("-", .text),
        ("+", .text), (".", .text), ("-.", .text), ("+-1", .text), ("--1", .text), ("-+1", .text), ("1e", .text),
        ("1e+", .text), ("e5", .text), (".e5", .text), ("0x10", .text), ("0x1p3", .text), ("1_000", .text),
        ("\"1,000\"", .text), ("1 000", .text), ("1.2.3", .text), ("1f", .text), ("1d5", .text), ("$1", .text),
        ("1%", .text), ("inf", .text), ("-inf", .text), ("+Infinity", .text), ("nan(0x7)", .text), ("-nan", .text),
        ("+NaN", .text), ("1e39", .text), ("-1e39", .text), ("3.4028236e38", .text), ("1e400", .text),
        ("1e999999999999", .text), ("true", .text), ("12:30", .text), ("2020-01-01", .text),
        ("\u{661}\u{662}", .text), ("\u{FF11}", .text), ("\u{2212}1", .text), ("\"1\"\"\"", .text), ("\u{A0}1", .text),
    ]

    @Test("Every spelling has its verdict, in a profile as in a column of numbers", arguments: verdicts)
    func verdict(_ text: String, _ expected: Verdict) throws {
        let source = try CSVSource(text: "x,y\n\(text),0\n", separator: 0x2C, hasHeader: true)
        let column = try source.profile().columns[0]
        var value: Float?
        let error = thrownError { () throws(TableError) in value = try source.numbers([0]).first }
        switch expected {
        case .number(let number):
            #expect(value?.bitPattern == number.bitPattern)
            #expect((column.numberCount, column.missingCount, column.textCount) == (1, 0, 0))
        case .missing:
            #expect(value?.isNaN == true)
            #expect((column.numberCount, column.missingCount, column.textCount) == (0, 1, 0))
        case .text:
            #expect(error?.line == 2)
            #expect(error?.column == "x")
            #expect((column.numberCount, column.missingCount, column.textCount) == (0, 0, 1))
        }
    }

    @Test("A number of any length is read in one piece, wherever a window ends")
    func longNumbers() throws {
        let texts = ["0." + String(repeating: "3", count: 5_000), String(repeating: "0", count: 3_000) + "1.5"]
        for textSize in [4, 100, 1_000, 1 << 16] {
            let source = try CSVSource(
                text: texts.joined(separator: "\n"), separator: 0x2C, hasHeader: false, textSize: textSize)
            #expect(try source.numbers() == [1 / 3, 1.5])
        }
    }
}
