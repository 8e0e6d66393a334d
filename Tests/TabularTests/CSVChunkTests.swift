import Foundation
import Testing

@testable import Tabular

/// The same table, or the same error, wherever the chunks end in which a file is read, and whoever parses them.
///
/// `DESCENT_LONG_TESTS=1` takes every size from 1 to 4096 bytes by 1, 2, 3 and 8 workers.
@Suite("CSV: chunks of every size")
struct CSVChunkTests {
    private static let isLong = ProcessInfo.processInfo.environment["DESCENT_LONG_TESTS"] == "1"
    private static let sizes =
        isLong ? Array(1...4_096) : Array(1...34) + [47, 63, 64, 65, 127, 128, 129, 509, 1_021, 2_039, 4_093, 4_096]
    private static let rowCount = 110

    /// Who parses chunks of a size: in the short form either one or several.
    private static func workers(_ size: Int) -> [Int] { isLong ? [1, 2, 3, 8] : [size % 3 == 0 ? 1 : 3] }

    /// What is wrong with a file, if anything is.
    enum Fault: String, CaseIterable, Sendable {
        case none, fields, openQuote, textAfterQuote, nul, notUTF8, cutUTF8, notANumber
    }

    /// How a file is written.
    struct Style: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var lineEnds = ["\n"]
        var mark = ""
        var hasFinalLineEnd = true
        var comment: UInt8?
        var separator: Character = ","
        var quote: Character = "\""
    }

    static let styles: [Style] = [
        Style(testDescription: "line feeds"),
        Style(testDescription: "CRLF after a byte-order mark", lineEnds: ["\r\n"], mark: "\u{FEFF}"),
        Style(testDescription: "carriage returns, the last one missing", lineEnds: ["\r"], hasFinalLineEnd: false),
        Style(
            testDescription: "all line ends, and blank lines", lineEnds: ["\n", "\r\n", "\r", "\n \t\n", "\r\n\r\n"]),
        Style(
            testDescription: "comments with quotes", lineEnds: ["\n", "\n#,\"'\n", "\r\n  # \"x,\"\"\r\n"],
            comment: UInt8(ascii: "#")),
        Style(testDescription: "semicolons and apostrophes", separator: ";", quote: "'"),
    ]

    /// A file of some 5,000 bytes: numbers in many spellings, and quoted texts of separators, quotes, line ends and
    /// characters of up to four bytes.
    private static func bytes(_ style: Style, _ fault: Fault) -> [UInt8] {
        var generator = CSVTestGenerator(seed: 5)
        let (separator, quote) = (String(style.separator), String(style.quote))
        let pieces = [
            separator, quote + quote, "\n", "\r\n", "\r", " ", "#", "ü", "日", "\u{1F600}",
            "x\(separator)\(quote)\(quote)y",
            "a long text of more than thirty-two bytes",
        ]
        var file: [UInt8] = []
        func add(_ text: String) { file += text.utf8 }
        add(style.mark)
        for row in 0..<rowCount {
            let numbers = (0..<2).map { _ in
                let value = Double.random(in: -1e4...1e4, using: &generator)
                return ["\(Int(value))", "\(Float(value))", "\(value)e-7", ""].randomElement(using: &generator) ?? ""
            }
            let word = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            let bare = ["plain", "Köln", "6\(quote) pipe", "", " 日本 "].randomElement(using: &generator) ?? ""
            let isBad = row == rowCount - 30
            add(numbers[0] + (isBad && fault == .fields ? separator : "") + separator + quote + "w" + word)
            if isBad, fault == .nul { add("\0") }
            if isBad, fault == .notUTF8 { file.append(0xFF) }
            add(
                isBad && fault == .openQuote
                    ? separator : quote + (isBad && fault == .textAfterQuote ? "z" : "") + separator)
            add(bare)
            if isBad, fault == .cutUTF8 { file += [0xE6, 0x97] }
            add(separator + (isBad && fault == .notANumber ? "1e39" : numbers[1]))
            if row < rowCount - 1 || style.hasFinalLineEnd {
                add(style.lineEnds.randomElement(using: &generator) ?? "")
            }
        }
        return file
    }

    private enum Outcome: Equatable {
        case table(numbers: [UInt32], cells: [[String?]])
        case error(TableError)
    }

    private static func outcome(
        _ bytes: [UInt8], _ style: Style, workers: Int, textSize: Int
    ) -> Outcome {
        do {
            let source = try CSVSource(
                bytes: bytes,
                hints: .init(
                    separator: style.separator.asciiValue, quote: style.quote.asciiValue, hasHeader: false,
                    comment: style.comment),
                workers: workers, textSize: textSize)
            let selection = ColumnSelection(numeric: [0, 3], text: [.init(column: 1), .init(column: 2)])
            var numbers: [UInt32] = []
            var cells: [[String?]] = []
            try source.read(selection) { chunk throws(TableError) in
                numbers += chunk.numbers.map(\.bitPattern)
                for row in 0..<chunk.rowCount {
                    cells.append(
                        (0..<2).map { column in
                            let code = chunk.codes[2 * row + column]
                            return code < 0 ? nil : chunk.levels[column][Int(code)]
                        })
                }
            }
            return .table(numbers: numbers, cells: cells)
        } catch {
            return .error(error)
        }
    }

    @Test("The table or the error is that of the whole file", arguments: styles, Fault.allCases)
    func sameOutcome(_ style: Style, _ fault: Fault) throws {
        let bytes = Self.bytes(style, fault)
        try #require(bytes.count > 4_096)
        let whole = Self.outcome(bytes, style, workers: 1, textSize: CSVCutter.textSize)
        switch whole {
        case .table(let numbers, let cells):
            #expect(fault == .none && numbers.count == 2 * Self.rowCount && cells.count == Self.rowCount)
        case .error(let error):
            #expect(fault != .none && error.line ?? 0 > Self.rowCount - 30 && error.column != nil, "\(error)")
        }
        for size in Self.sizes {
            for workers in Self.workers(size)
            where Self.outcome(bytes, style, workers: workers, textSize: size) != whole {
                Issue.record("chunks of \(size) bytes, \(workers) workers")
            }
        }
    }

    @Test("Only the first of two byte-order marks is one", arguments: 1...8)
    func secondMark(_ size: Int) throws {
        let source = try CSVSource(text: "\u{FEFF}\u{FEFF}a,b\n1,2\n", hasHeader: true, textSize: size)
        #expect(source.columnNames == ["\u{FEFF}a", "b"])
    }

    @Test("A row may be 64 MiB long, whatever the size of the chunks", arguments: [1, 3, 5 << 20, CSVCutter.textSize])
    func longestRow(_ size: Int) throws {
        func texts(rowLength: Int) throws -> [(count: Int, isOverlong: Bool)] {
            var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 2 + rowLength)
            bytes[1] = ASCII.lineFeed
            bytes[1 + rowLength] = ASCII.lineFeed
            var cutter = CSVCutter(
                try CSVInput.memory(bytes).stream(name: "memory"), dialect: CSVDialect(), textSize: size)
            var texts: [(count: Int, isOverlong: Bool)] = []
            while let text = try cutter.next(reusing: nil) { texts.append((text.count, text.isOverlong)) }
            return texts
        }
        let longest = try texts(rowLength: CSVCutter.recordLimit)
        #expect(longest.map(\.count) == [2, CSVCutter.recordLimit] && !longest.contains(where: \.isOverlong))
        #expect(try texts(rowLength: CSVCutter.recordLimit + 1).map(\.isOverlong) == [false, true])
    }
}
