import HDF5
import Tabular
import Testing

/// What is delivered depends on the values alone: not on chunks, filters, or the workers that decode them.
@Suite struct HDF5ChunkTests {
    private static let rows = 1_237
    private static let width = 5

    static let storages: [DatasetOptions] = [
        .contiguous, DatasetOptions(chunkShape: [1, 5]), DatasetOptions(chunkShape: [100, 2]),
        DatasetOptions(chunkShape: [1_237, 1], deflate: 4),
        DatasetOptions(chunkShape: [64, 5], deflate: 4, shuffle: true),
        DatasetOptions(chunkShape: [7, 3], shuffle: true), DatasetOptions(chunkShape: [500, 4], fletcher32: true),
        DatasetOptions(chunkShape: [333, 5], deflate: 9, shuffle: true, fletcher32: true),
    ]

    @Test(arguments: storages, [1, 2, 7])
    func sameValues(_ storage: DatasetOptions, _ workers: Int) throws {
        let count = Self.rows * Self.width
        let doubles = (0..<count).map { Double($0 * 7919 % 10_007) / 3 }
        let labels = (0..<Self.rows).map { Int16($0 * 31 % 5 - 2) }
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [Self.rows, Self.width], values: doubles, options: storage)
            let own = storage.chunkShape.map { DatasetOptions(chunkShape: [$0[0]], deflate: 1) } ?? .contiguous
            try root.createDataset("y", shape: [Self.rows], values: labels, options: own)
        } _: { path in
            let source = try HDF5Source(path: path, workers: workers)
            let all = try HDF5Delivery(source, numeric: Array(0..<5), text: [.init(column: 5)])
            #expect(all.numbers == doubles.map { Float($0) })
            #expect(all.texts(0) == labels.map { String($0) })
            let some = try HDF5Delivery(source, numeric: [4, 5, 1])
            #expect(some.numbers(0, of: 3) == all.numbers(4, of: 5))
            #expect(some.numbers(1, of: 3) == labels.map { Float($0) })
            #expect(some.numbers(2, of: 3) == all.numbers(1, of: 5))
            #expect(try source.profile() == HDF5Source(path: path, workers: 1).profile())
        }
    }

    /// The first bad row is named, whoever finds it.
    @Test(arguments: [1, 2, 8]) func firstFault(_ workers: Int) throws {
        var values = [Float](repeating: 1, count: 4_000 * 3)
        for row in [1_711, 2_500, 3_999] { values[row * 3 + 1] = .infinity }
        try HDF5Sample.with { root in
            try root.createDataset(
                "x", shape: [4_000, 3], values: values, options: DatasetOptions(chunkShape: [50, 3], deflate: 1))
        } _: { path in
            for _ in 0..<20 {
                let source = try HDF5Source(path: path, workers: workers)
                let error = try #require(throws: TableError.self) { try source.profile() }
                #expect(error.message.hasPrefix("row 1711 (from 0) holds a number that is infinite"))
            }
        }
    }

    /// Images in chunks that cut every axis.
    @Test func chunksOfHigherRank() throws {
        let shape = [11, 3, 5, 2]
        let values = (0..<330).map { Int32($0) }
        try HDF5Sample.with { root in
            try root.createDataset(
                "x", shape: shape, values: values, options: DatasetOptions(chunkShape: [4, 2, 3, 2], deflate: 1))
        } _: { path in
            let source = try HDF5Source(path: path, workers: 3)
            #expect(try HDF5Delivery(source, numeric: Array(0..<30)).numbers == values.map { Float($0) })
            let column = try HDF5Delivery(source, numeric: [17], text: [.init(column: 23)])
            let rows = stride(from: 0, to: 330, by: 30)
            #expect(column.numbers == rows.map { Float($0 + 17) })
            #expect(column.texts(0) == rows.map { String($0 + 23) })
        }
    }
}
