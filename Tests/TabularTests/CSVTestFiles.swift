import Foundation

@testable import Tabular

/// A file in a directory of its own that disappears with it.
final class CSVTestFile {
    let path: String
    private let directory: URL

    init(_ bytes: [UInt8], name: String = "table.csv") throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "descent-csv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: name)
        try Data(bytes).write(to: file)
        path = file.path
    }

    convenience init(_ text: String, name: String = "table.csv") throws {
        try self.init(Array(text.utf8), name: name)
    }

    func replace(with text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    deinit { try? FileManager.default.removeItem(at: directory) }
}

extension CSVSource {
    /// A table in memory, cut into texts of the size given.
    init(
        bytes: [UInt8], separator: UInt8? = nil, hasHeader: Bool? = nil, hints: CSVDialect.Hints = .init(),
        workers: Int = Processors.usable, textSize: Int = CSVCutter.textSize
    ) throws(TableError) {
        var hints = hints
        hints.separator = separator ?? hints.separator
        hints.hasHeader = hasHeader ?? hints.hasHeader
        try self.init(
            input: try .memory(bytes), name: "memory.csv", hints: hints, workers: workers, textSize: textSize)
    }

    init(
        text: String, separator: UInt8? = nil, hasHeader: Bool? = nil, hints: CSVDialect.Hints = .init(),
        workers: Int = Processors.usable, textSize: Int = CSVCutter.textSize
    ) throws(TableError) {
        try self.init(
            bytes: Array(text.utf8), separator: separator, hasHeader: hasHeader, hints: hints, workers: workers,
            textSize: textSize)
    }
}

extension TableSource {
    /// Every value as text, `nil` where it is missing, row by row.
    func cells() throws(TableError) -> [[String?]] {
        let selection = ColumnSelection(text: columnNames.indices.map { ColumnSelection.Text(column: $0) })
        var rows: [[String?]] = []
        try read(selection) { chunk throws(TableError) in
            for row in 0..<chunk.rowCount {
                rows.append(
                    (0..<selection.text.count).map { column in
                        let code = chunk.codes[row * selection.text.count + column]
                        return code < 0 ? nil : chunk.levels[column][Int(code)]
                    })
            }
        }
        return rows
    }

    /// The numbers of all columns, or of those given, row by row.
    func numbers(_ columns: [Int]? = nil) throws(TableError) -> [Float] {
        var numbers: [Float] = []
        try read(ColumnSelection(numeric: columns ?? Array(columnNames.indices))) { chunk throws(TableError) in
            numbers += chunk.numbers
        }
        return numbers
    }
}

/// The error that `body` throws; `nil` when it throws none. Any other error would not compile.
func thrownError(_ body: () throws(TableError) -> Void) -> TableError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}

/// A repeatable generator (Steele, Lea and Flood 2014, SplitMix64).
struct CSVTestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
