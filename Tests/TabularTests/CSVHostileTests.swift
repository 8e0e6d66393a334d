import Foundation
import Testing

@testable import Tabular

/// Faults made from a clean table, one each, and bytes at random. Nothing but success or a `TableError` may come of them, and
/// the same whatever the size of the texts and the number of workers. `DESCENT_LONG_TESTS=1` takes more bytes at random.
@Suite("CSV: hostile input")
struct CSVHostileTests {
    private static let isLong = ProcessInfo.processInfo.environment["DESCENT_LONG_TESTS"] == "1"

    /// What came of an input: the cells and the profile, or the error.
    private enum Outcome: Equatable {
        case table([String], [[String?]], TableProfile, kept: [[String?]])
        case error(TableError)
    }

    private func outcome(_ bytes: [UInt8], workers: Int = 1, textSize: Int = CSVCutter.textSize) -> Outcome {
        do {
            let source = try CSVSource(bytes: bytes, workers: workers, textSize: textSize)
            var (profile, kept) = try source.profile(keepingUpTo: .max)
            for column in profile.columns.indices {
                // Sums of another order differ in their last digits.
                profile.columns[column].mean = Double(Float(profile.columns[column].mean))
                profile.columns[column].variance = Double(Float(profile.columns[column].variance))
            }
            return .table(source.columnNames, try source.cells(), profile, kept: try kept.cells())
        } catch {
            #expect(!error.message.isEmpty)
            return .error(error)
        }
    }

    private func expectOneOutcome(_ bytes: [UInt8]) {
        let whole = outcome(bytes)
        for (workers, textSize) in [(1, 4), (3, 13)]
        where outcome(bytes, workers: workers, textSize: textSize) != whole {
            Issue.record(
                "texts of \(textSize) bytes differ: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        if case .table(let names, let cells, _, let kept) = whole {
            #expect(kept == cells, "\(names)")
        }
        if case .table(let names, _, _, _) = whole, let source = try? CSVSource(bytes: bytes) {
            // Reading text as numbers may fail, with a place.
            let error = thrownError { () throws(TableError) in _ = try source.numbers() }
            #expect(error == nil || (error?.line != nil && error?.column != nil), "\(names)")
        }
    }

    private static let rows: [[String]] =
        [["id", "height", "city", "note"]]
        + (1...11).map { ["\($0)", "\(Double($0) + 0.5)", "\"C, \($0)\"", $0 % 3 == 0 ? "" : "n\($0)"] }

    private static func text(_ rows: [[String]]) -> String {
        rows.map { $0.joined(separator: ",") }.joined(separator: "\r\n") + "\r\n"
    }

    @Test("A separator too many or too few is found in its line", arguments: 0..<12, 0..<4)
    func separators(_ row: Int, _ column: Int) {
        for isExtra in [true, false] {
            var rows = Self.rows
            if isExtra {
                rows[row][column] += ","
            } else if column > 0 {
                rows[row][column - 1] += rows[row].remove(at: column).filter { $0 != "\"" && $0 != "," }
            } else {
                continue
            }
            let bytes = Array(Self.text(rows).utf8)
            expectOneOutcome(bytes)
            let error = thrownError { () throws(TableError) in
                _ = try CSVSource(bytes: bytes, separator: 0x2C, hasHeader: true).cells()
            }
            if row > 0 {
                #expect(error?.line == row + 1)
            } else {
                // The header is what the rows are measured by: the first row is the one that differs.
                #expect(error?.line == 2)
            }
        }
    }

    /// The header, the first rows and the last: those between are like them.
    @Test("A stray quote anywhere is survived", arguments: [0, 1, 2, 3, 11], 0..<4)
    func quotes(_ row: Int, _ column: Int) {
        let cell = Self.rows[row][column]
        for offset in 0...cell.count {
            for stray in ["\"", "\"\"", "\"x"] {
                var rows = Self.rows
                rows[row][column] = cell.prefix(offset) + stray + cell.dropFirst(offset)
                expectOneOutcome(Array(Self.text(rows).utf8))
            }
        }
    }

    @Test("A table cut off at any byte is survived")
    func truncation() {
        let bytes = Array(Self.text(Array(Self.rows.prefix(6))).utf8)
        for count in 0..<bytes.count { expectOneOutcome(Array(bytes[..<count])) }
    }

    @Test("Any byte in any place is survived", arguments: [0x00, 0x0A, 0x0D, 0x22, 0x2C, 0x80, 0xC3, 0xE2, 0xF0, 0xFF])
    func foreignByte(_ byte: UInt8) {
        let bytes = Array(Self.text(Array(Self.rows.prefix(3))).utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = byte
            expectOneOutcome(changed)
            changed[index] = bytes[index]
            changed.insert(byte, at: index)
            expectOneOutcome(changed)
        }
    }

    @Test("Random bytes are survived", arguments: 0..<8)
    func randomBytes(_ seed: UInt64) {
        var generator = CSVTestGenerator(seed: seed)
        let alphabets: [[UInt8]] = [
            Array("a1,\"\n\r ".utf8),
            Array("12.e-+,;\t|\n\"NAnaul?".utf8) + [0xC3, 0xBC],
            Array(UInt8.min ... .max),
            Array("\"\n\r,".utf8) + [0, 0xEF, 0xBB, 0xBF],
        ]
        for index in 0..<(Self.isLong ? 400 : 100) {
            let alphabet = alphabets[index % alphabets.count]
            let count = Int.random(in: 0...60, using: &generator)
            expectOneOutcome((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
        }
    }
}
