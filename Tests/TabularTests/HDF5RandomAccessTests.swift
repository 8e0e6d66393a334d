import Dispatch
import HDF5
import Synchronization
import Tabular
import Testing

/// Rows in any order are the rows of the table read from its beginning.
@Suite struct HDF5RandomAccessTests {
    /// A table of every layout among the fixtures.
    struct Layout: Sendable, CustomTestStringConvertible {
        var file: String
        var features: String?
        var targets: String?
        var testDescription: String { "\(file) \(features ?? "")" }
    }

    static let layouts = [
        Layout(file: "types.h5", features: "columns"), Layout(file: "records.h5", features: "events/particles"),
        Layout(file: "records.h5", features: "events/plain", targets: "events/y"),
        Layout(file: "matlab.mat", features: "X"), Layout(file: "matlab.mat", features: "chunked", targets: "y"),
        Layout(file: "matlab.mat", features: "images"), Layout(file: "pandas_table.h5"),
        Layout(file: "pandas_fixed.h5"),
    ]

    @Test(arguments: layouts, [1, 3])
    func fixtures(_ layout: Layout, _ workers: Int) throws {
        try check(
            HDF5Source(
                path: HDF5Sample.fixture(layout.file), features: layout.features, targets: layout.targets,
                workers: workers))
    }

    @Test(arguments: HDF5ChunkTests.storages, [1, 2])
    func storages(_ storage: DatasetOptions, _ workers: Int) throws {
        try withTable(storage) { path in try check(HDF5Source(path: path, workers: workers)) }
    }

    @Test func manyThreads() throws {
        try withTable(DatasetOptions(chunkShape: [64, 5], deflate: 4, shuffle: true)) { path in
            let source = try HDF5Source(path: path, workers: 2)
            let selection = try Self.selection(of: source)
            let all = try Rows(source, selection, 0..<source.rowCount)
            let faults = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: 400) { index in
                let first = index * 7_919 % source.rowCount
                let rows = first..<min(source.rowCount, first + 1 + index % 130)
                if (try? Rows(source, selection, rows)) != all[rows] { faults.add(1, ordering: .relaxed) }
            }
            #expect(faults.load(ordering: .relaxed) == 0)
        }
    }

    /// Levels that get codes as they appear begin anew with every range.
    @Test func levelsAsTheyAppear() throws {
        try HDF5Sample.with {
            try $0.createDataset("x", shape: [6], values: ["a", "b", "b", "c", "", "d"])
        } _: { path in
            let source = try HDF5Source(path: path)
            let selection = ColumnSelection(text: [.init(column: 0)])
            for (rows, codes, levels) in [
                (1..<3, [0, 0], ["b"]), (3..<4, [0], ["c"]), (0..<2, [0, 1], ["a", "b"]), (4..<5, [-1], []),
                (3..<6, [0, -1, 1], ["c", "d"]),
            ] as [(Range<Int>, [Int32], [String])] {
                let found = try Rows(source, selection, rows)
                #expect(found.codes == codes)
                #expect(found.levels == [levels])
            }
        }
    }

    /// Several files, whose columns stand in different orders.
    @Test func severalFiles() throws {
        try HDF5Sample.with { root in
            try root.createDataset("a", shape: [7], values: (0..<7).map { Float($0) })
            try root.createDataset("b", shape: [7], values: ["u", "v", "u", "w", "v", "u", "u"])
        } _: { first in
            try HDF5Sample.with { root in
                try root.createDataset("b", shape: [3], values: ["w", "x", "u"])
                try root.createDataset("a", shape: [3], values: [7, 8, 9] as [Float])
            } _: { second in
                let table = try #require(openTable([first, second, first]) as? any RandomAccessTable)
                #expect(table.rowCount == 17)
                try check(table)
                let (_, kept) = try table.profile(keepingUpTo: 1 << 20)
                try check(#require(kept as? any RandomAccessTable))
                let open = try Rows(table, ColumnSelection(text: [.init(column: 1)]), 6..<10)
                #expect(open.codes == [0, 1, 2, 0])
                #expect(open.levels == [["u", "w", "x"]])
            }
        }
    }

    @Test func severalFilesOfWhichOneIsText() throws {
        try HDF5Sample.with {
            try $0.createDataset("x", shape: [2], values: [1, 2] as [Float])
        } _: { path in
            let text = try CSVTestFile("x\n3\n")
            #expect(!(try openTable([path, text.path]) is any RandomAccessTable))
        }
    }

    @Test(arguments: [
        // In one piece: about a mebibyte.
        (DatasetOptions.contiguous, 1 << 20 / 20), (DatasetOptions(chunkShape: [100, 5]), 52_400),
        (DatasetOptions(chunkShape: [70_000, 5]), 70_000), (DatasetOptions(chunkShape: [100_000, 1]), 100_000),
    ])
    func preferredRows(_ options: DatasetOptions, _ expected: Int) throws {
        try HDF5Sample.with { root in
            let values = [Float](repeating: 1, count: 100_000 * 5)
            try root.createDataset("x", shape: [100_000, 5], values: values, options: options)
        } _: { path in
            let source = try HDF5Source(path: path)
            #expect(
                try source.preferredBlockRows(ColumnSelection(numeric: [0, 1, 2, 3, 4]), bytes: 1 << 20) == expected)
            #expect(try source.preferredBlockRows(ColumnSelection(), bytes: 1 << 20) > 0)
        }
    }

    /// The tall chunks of a narrow dataset do not make blocks large; unpacking part of one twice costs less.
    @Test func preferredRowsOfSeveralDatasets() throws {
        try HDF5Sample.with { root in
            try root.createDataset(
                "x", shape: [20_000, 200], values: [UInt8](repeating: 1, count: 4_000_000),
                options: DatasetOptions(chunkShape: [500, 200], deflate: 1))
            try root.createDataset(
                "y", shape: [20_000], values: [UInt8](repeating: 1, count: 20_000),
                options: DatasetOptions(chunkShape: [20_000], deflate: 1))
        } _: { path in
            let source = try HDF5Source(path: path)
            #expect(try source.preferredBlockRows(ColumnSelection(numeric: Array(0..<200)), bytes: 1 << 20) == 1_000)
            #expect(try source.preferredBlockRows(ColumnSelection(numeric: Array(0...200)), bytes: 1 << 20) == 1_000)
            #expect(try source.preferredBlockRows(ColumnSelection(numeric: [200]), bytes: 1 << 20) == 260_000)
        }
    }
}

// MARK: - What is compared

/// What was delivered of some rows.
private struct Rows: Equatable {
    var rowCount = 0
    /// Their bits, so that missing values equal each other.
    var numbers: [UInt32] = []
    var codes: [Int32] = []
    var levels: [[String]] = []

    init(_ source: any RandomAccessTable, _ selection: ColumnSelection, _ rows: Range<Int>) throws {
        var found = self
        try source.read(selection, rows: rows) { chunk throws(TableError) in
            #expect(chunk.firstRow == rows.lowerBound + found.rowCount)
            #expect(chunk.numbers.count == chunk.rowCount * selection.numeric.count)
            #expect(chunk.codes.count == chunk.rowCount * selection.text.count)
            found.rowCount += chunk.rowCount
            found.numbers += chunk.numbers.map(\.bitPattern)
            found.codes += chunk.codes
            found.levels = chunk.levels
        }
        #expect(found.rowCount == rows.count)
        self = found
    }

    subscript(_ rows: Range<Int>) -> Rows {
        var part = self
        let width = numbers.count / max(rowCount, 1)
        let texts = codes.count / max(rowCount, 1)
        part.rowCount = rows.count
        part.numbers = Array(numbers[rows.lowerBound * width..<rows.upperBound * width])
        part.codes = Array(codes[rows.lowerBound * texts..<rows.upperBound * texts])
        if rows.isEmpty { part.levels = [] }
        return part
    }
}

extension HDF5RandomAccessTests {
    /// All columns as texts with the levels that they have, the numeric ones also as numbers.
    private static func selection(of source: any TableSource) throws -> ColumnSelection {
        let profile = try source.profile()
        let columns = source.columnNames.indices
        var text = columns.map { ColumnSelection.Text(column: $0) }
        try source.read(ColumnSelection(text: text)) { chunk throws(TableError) in
            for (index, levels) in chunk.levels.enumerated() { text[index].levels = levels }
        }
        return ColumnSelection(
            numeric: columns.filter { profile.columns[$0].textCount == 0 }.reversed(), text: text)
    }

    private func check(_ source: any RandomAccessTable) throws {
        let selection = try Self.selection(of: source)
        // The way of every other source, which knows nothing of ranges.
        var rowCount = 0
        var numbers: [UInt32] = []
        try source.read(ColumnSelection(numeric: selection.numeric)) { chunk throws(TableError) in
            rowCount += chunk.rowCount
            numbers += chunk.numbers.map(\.bitPattern)
        }
        #expect(rowCount == source.rowCount)
        let all = try Rows(source, selection, 0..<rowCount)
        #expect(all.numbers == numbers)
        #expect(!all.codes.contains(RowChunk.unseen))
        let block = try source.preferredBlockRows(selection, bytes: 1 << 20)
        #expect(block >= 1)
        let steps = Set([1, 3, 64, 101, block].map { max($0, rowCount / 60) })
        for step in steps {
            for first in stride(from: 0, to: rowCount, by: step).reversed() {
                let rows = first..<min(first + step, rowCount)
                #expect(try Rows(source, selection, rows) == all[rows], "\(rows)")
            }
        }
        for rows in [0..<0, rowCount..<rowCount, max(0, rowCount - 1)..<rowCount, 0..<min(1, rowCount)] {
            #expect(try Rows(source, selection, rows) == all[rows], "\(rows)")
        }
    }

    private func withTable(_ storage: DatasetOptions, _ body: (String) throws -> Void) throws {
        let rows = 1_237
        try HDF5Sample.with { root in
            let values = (0..<rows * 5).map { Double($0 * 7919 % 10_007) / 3 }
            try root.createDataset("x", shape: [rows, 5], values: values, options: storage)
            let own = storage.chunkShape.map { DatasetOptions(chunkShape: [$0[0] * 2], deflate: 1) } ?? .contiguous
            try root.createDataset("y", shape: [rows], values: (0..<rows).map { Int16($0 * 31 % 5) }, options: own)
        } _: { path in
            try body(path)
        }
    }
}
