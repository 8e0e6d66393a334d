import Foundation
import TestSupport
import Testing

@testable import Tabular

extension FaultyTables {
    /// The fixture.
    static let all: Result<FaultyTables, any Error> = Result {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var stream = try CSVInput.memory(bytes).stream(name: path)
        return try FaultyTables(json: try stream.prefix(1 << 20))
    }
}

/// Thousands of tables with one fault each give what Python's `csv` gives, or an error with its place and reason.
@Suite("CSV: one fault in each table")
struct CSVFaultTests {
    /// The tables are dealt to so many tests, which run at once.
    private static let shares = 8
    private let faulty: FaultyTables

    init() throws { faulty = try FaultyTables.all.get() }

    /// A table of the fixture, read in texts of another size and by another number of workers than the next.
    private func opened(
        _ index: Int, hasHeader: Bool?, isDetected: Bool = false
    ) throws(TableError) -> CSVSource {
        let table = faulty.tables[index]
        var hints = CSVDialect.Hints(hasHeader: hasHeader, missingTexts: [])
        if !isDetected { (hints.separator, hints.quote) = (table.separator, table.quote) }
        return try CSVSource(
            bytes: table.bytes, hints: hints, workers: 1 + index % 3, textSize: 1 + 7 * index % 96)
    }

    private func records(of source: CSVSource) throws(TableError) -> [[String]] {
        let rows = try source.cells().map { $0.map { $0 ?? "" } }
        return source.dialect.hasHeader ? [source.columnNames] + rows : rows
    }

    /// The records where the first one is a header: a blank name becomes `column_N`.
    private static func named(_ records: [[String]]) -> [[String]] {
        [records[0].enumerated().map { $0.element.isEmpty ? "column_\($0.offset)" : $0.element }] + records.dropFirst()
    }

    private func check(
        _ table: FaultyTables.Table, _ source: Result<CSVSource, TableError>, hasHeader: Bool
    ) {
        let refusal = hasHeader ? table.headerRefusal ?? table.refusal : table.refusal
        let outcome = source.flatMap { source in Result { () throws(TableError) in try records(of: source) } }
        switch outcome {
        case .success(let records):
            guard refusal == nil, let expected = table.records else {
                Issue.record("\(table) is read, and must be refused: \(String(describing: refusal))")
                return
            }
            let isEqual = records == (hasHeader ? Self.named(expected) : expected)
            #expect(isEqual, "\(table) is read as \(records)")
        case .failure(let error):
            guard let refusal else {
                Issue.record("\(table) is refused: \(error)")
                return
            }
            #expect(error.kind == .badData && error.file == "memory.csv", "\(table)")
            #expect(error.line == refusal.line, "\(table): \(error)")
            #expect(error.message.contains(refusal.reason.sentence), "\(table): \(error)")
            let names = try? source.get().columnNames
            let column = refusal.column.flatMap { column in
                names.flatMap { $0.indices.contains(column) ? $0[column] : nil } ?? error.column
            }
            #expect(error.column == column, "\(table): \(error)")
            #expect((error.column == nil) == (refusal.column == nil), "\(table): \(error)")
        }
    }

    @Test("With the dialect given", arguments: 0..<shares, [true, false])
    func given(_ share: Int, _ hasHeader: Bool) {
        for index in stride(from: share, to: faulty.tables.count, by: Self.shares) {
            let source = Result { () throws(TableError) in try opened(index, hasHeader: hasHeader) }
            check(faulty.tables[index], source, hasHeader: hasHeader)
        }
    }

    @Test("With the dialect detected, as far as it can be", arguments: 0..<shares)
    func detected(_ share: Int) {
        for index in stride(from: share, to: faulty.tables.count, by: Self.shares) {
            let table = faulty.tables[index]
            guard ",;|\t".utf8.contains(table.separator), "\"'".utf8.contains(table.quote) else { continue }
            let source = Result { () throws(TableError) in try opened(index, hasHeader: nil, isDetected: true) }
            let isFound = (try? source.get().dialect).map { dialect in
                let isSameQuote = dialect.quote == table.quote || !table.bytes.contains(table.quote)
                return dialect.separator == table.separator && isSameQuote
            }
            // A few lines, one of which is wrong, may be anything.
            let lineEnds = table.bytes.count { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }
            if lineEnds < 5, isFound != true { continue }
            #expect(isFound != false, "\(table)")
            check(table, source, hasHeader: (try? source.get().dialect.hasHeader) ?? true)
        }
    }

    @Test("Numbers are the floats nearest to them, and what is none is named with its line", arguments: 0..<shares)
    func numbers(_ share: Int) throws {
        for index in stride(from: share, to: faulty.tables.count, by: Self.shares) {
            let table = faulty.tables[index]
            guard let records = table.records else { continue }
            let source = try opened(index, hasHeader: false)
            for column in records[0].indices {
                var expected: [UInt32] = []
                var bad: Int?
                for (row, record) in records.enumerated() where bad == nil {
                    let text = record[column].trimmingCharacters(in: .init(charactersIn: " \t"))
                    let bits = text.isEmpty ? Float.nan.bitPattern : faulty.numbers[text]
                    if let bits { expected.append(bits) } else { bad = row }
                }
                var numbers: [Float] = []
                let error = thrownError { () throws(TableError) in numbers = try source.numbers([column]) }
                if let bad {
                    #expect(error?.line == table.lines[bad] && error?.column == String(column), "\(table)")
                } else {
                    #expect(error == nil && numbers.map(\.bitPattern) == expected, "\(table)")
                }
            }
        }
    }
}
