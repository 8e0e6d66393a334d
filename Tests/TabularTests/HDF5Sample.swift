import Foundation
import HDF5
import Tabular
import Testing

/// HDF5 files that a test makes up.
enum HDF5Sample {
    /// Fills a file through `fill`, writes it to a temporary place and hands its path to `body`.
    static func with<Result>(_ fill: (Group) throws -> Void, _ body: (String) throws -> Result) throws -> Result {
        let file = try File(inMemoryNamed: "sample")
        try fill(file.root)
        let bytes = try file.image()
        return try withBytes(bytes, body)
    }

    /// A file beside these tests, or beside those of another target.
    static func fixture(_ name: String, of target: String = "TabularTests") -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.appending(path: "\(target)/Fixtures/\(name)").path()
    }

    static func withBytes<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "table-\(UUID().uuidString).h5").path()
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    /// The error that opening or using the table throws.
    static func error(
        x: String? = nil, y: String? = nil, w: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ fill: (Group) throws -> Void, _ use: (HDF5Source) throws -> Void = { _ in }
    ) throws -> TableError {
        try with(fill) { path in
            try #require(throws: TableError.self, sourceLocation: sourceLocation) {
                try use(HDF5Source(path: path, features: x, targets: y, weights: w))
            }
        }
    }
}

/// Everything that a table delivers for a selection, put together.
struct HDF5Delivery: Equatable {
    var numbers: [Float] = []
    var codes: [Int32] = []
    var levels: [[String]] = []
    var chunkRows: [Int] = []

    /// The numbers of one column of the selection.
    func numbers(_ column: Int, of width: Int) -> [Float] {
        stride(from: column, to: numbers.count, by: width).map { numbers[$0] }
    }

    /// The texts of one column of the selection.
    func texts(_ column: Int) -> [String?] {
        stride(from: column, to: codes.count, by: levels.count).map { index in
            codes[index] < 0 ? nil : levels[column][Int(codes[index])]
        }
    }

    init(_ source: HDF5Source, numeric: [Int] = [], text: [ColumnSelection.Text] = []) throws {
        var delivery = self
        try source.read(ColumnSelection(numeric: numeric, text: text)) { chunk throws(TableError) in
            #expect(chunk.firstRow == delivery.chunkRows.reduce(0, +))
            #expect(chunk.numbers.count == chunk.rowCount * numeric.count)
            #expect(chunk.codes.count == chunk.rowCount * text.count)
            delivery.numbers += chunk.numbers
            delivery.codes += chunk.codes
            delivery.levels = chunk.levels
            delivery.chunkRows.append(chunk.rowCount)
        }
        self = delivery
    }
}
