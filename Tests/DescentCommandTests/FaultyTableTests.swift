import Foundation
import TestSupport
import Testing

@testable import Tabular

/// Tables with one fault each, through the command: an exit code and a sentence, never a signal, a hang or memory without
/// bounds. `DESCENT_LONG_TESTS=1` takes all of them by 1, 2 and 8 workers instead of some.
@Suite("Tables with one fault")
struct FaultyTableTests {
    private static let isLong = FaultyFolder.runsLongForms
    /// The kilobytes of address space for a table of a few hundred bytes: the libraries take most of it.
    private static let memoryLimit = 1 << 20

    private static func tables() throws -> [FaultyTables.Table] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: FaultyTables.path)))
        var stream = try CSVInput.memory(bytes).stream(name: FaultyTables.path)
        return try FaultyTables(json: try stream.prefix(1 << 20)).tables
    }

    private func convert(_ path: String, _ table: FaultyTables.Table, workers: Int) throws -> Command.Result {
        let arguments = [
            "convert", path, "-", "--header", "no", "--separator", String(decoding: [table.separator], as: UTF8.self),
            "--quote", String(decoding: [table.quote], as: UTF8.self), "--workers", "\(workers)", "--quiet",
        ]
        return try RunningCommand(arguments, memoryLimit: Self.memoryLimit).result(within: 10)
    }

    /// Whether a value was written as it was read: as the same text, the same number, or as nothing where it is missing.
    private static func isKept(_ value: String, as written: String) -> Bool {
        let trimmed = value.trimmingCharacters(in: .init(charactersIn: " \t"))
        if value == written { return true }
        if written.isEmpty || written == "NA" {
            return trimmed.isEmpty || CSVDialect.usualMissingTexts.contains(trimmed)
        }
        return Float(trimmed) != nil && Float(trimmed) == Float(written)
    }

    private func check(_ result: Command.Result, _ table: FaultyTables.Table, path: String) throws {
        guard let code = result.exitCode else {
            Issue.record("\(table) ends in signal \(result.signal ?? 0): \(result.errors)")
            return
        }
        guard let records = table.records else {
            #expect(code == 65 && result.output == "" && result.errorLines.count == 1, "\(table): \(result.errors)")
            let failure = result.failure ?? ""
            #expect(
                failure.hasPrefix(path) && failure.contains(table.refusal?.reason.sentence ?? ""),
                "\(table): \(failure)")
            if let line = table.refusal?.line { #expect(failure.contains(", line \(line)"), "\(table): \(failure)") }
            if table.refusal?.column != nil { #expect(failure.contains(", column '"), "\(table): \(failure)") }
            return
        }
        #expect(code == 0, "\(table): \(result.errors)")
        guard code == 0 else { return }
        let rows = try CSVSource(
            input: .memory(Array(result.output.utf8)), name: "output",
            hints: .init(separator: ASCII.comma, quote: ASCII.quote, hasHeader: true, missingTexts: [])
        ).rows()
        let isKept =
            rows.count == records.count
            && zip(rows, records).allSatisfy { row, record in
                row.count == record.count && zip(record, row).allSatisfy { Self.isKept($0, as: $1) }
            }
        #expect(isKept, "\(table) becomes \(rows)")
    }

    @Test("The command answers as the library does", arguments: 0..<2)
    func convert(_ half: Int) throws {
        let directory = try TemporaryDirectory()
        let tables = try Self.tables()
        for index in stride(from: 0, to: tables.count, by: Self.isLong ? 1 : 131) where index % 2 == half {
            let table = tables[index]
            let path = try directory.write(Data(table.bytes), to: "\(index).csv")
            let results = try (Self.isLong ? [1, 2, 8] : [1 + index % 3]).map { try convert(path, table, workers: $0) }
            try check(results[0], table, path: path)
            let isSame = results.allSatisfy { $0.exitCode == results[0].exitCode && $0.output == results[0].output }
            #expect(isSame && results.allSatisfy { $0.errors == results[0].errors }, "\(table)")
        }
    }
}

extension CSVSource {
    /// Every value as text, empty where it is missing.
    fileprivate func rows() throws(TableError) -> [[String]] {
        let count = columnNames.count
        var rows: [[String]] = []
        try read(ColumnSelection(text: (0..<count).map { ColumnSelection.Text(column: $0) })) {
            chunk throws(TableError) in
            for row in 0..<chunk.rowCount {
                rows.append(
                    (0..<count).map { column in
                        let code = chunk.codes[row * count + column]
                        return code < 0 ? "" : chunk.levels[column][Int(code)]
                    })
            }
        }
        return rows
    }
}
