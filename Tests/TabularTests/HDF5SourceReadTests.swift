import HDF5
import Tabular
import Testing

/// What the table delivers.
@Suite struct HDF5SourceReadTests {
    @Test(arguments: [nil, [7, 2], [5000, 5], [10_000, 3]] as [[Int]?])
    func matrixInChunks(_ chunkShape: [Int]?) throws {
        let rows = 9_001
        let values = (0..<rows * 5).map { Int32($0) }
        let options = DatasetOptions(chunkShape: chunkShape, deflate: chunkShape == nil ? nil : 1)
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [rows, 5], values: values, options: options)
            try root.createDataset("y", shape: [rows], values: (0..<rows).map { UInt8($0 % 3 + 7) })
        } _: { path in
            let source = try HDF5Source(path: path)
            let all = try HDF5Delivery(source, numeric: Array(0..<5), text: [.init(column: 5)])
            #expect(all.numbers == values.map { Float($0) })
            #expect(all.codes == (0..<rows).map { Int32($0 % 3) })
            #expect(all.levels == [["7", "8", "9"]])
            let some = try HDF5Delivery(source, numeric: [5, 3, 1, 2, 5])
            for row in [0, 1, 4_095, 4_096, rows - 1] {
                let label = Float(row % 3 + 7)
                let base = Float(row * 5)
                #expect(Array(some.numbers[row * 5..<row * 5 + 5]) == [label, base + 3, base + 1, base + 2, label])
            }
        }
    }

    @Test func wholeHDF5Chunks() throws {
        try HDF5Sample.with { root in
            let values = [UInt8](repeating: 1, count: 5_000 * 300)
            try root.createDataset(
                "x", shape: [5_000, 300], values: values, options: DatasetOptions(chunkShape: [1_000, 300], deflate: 1))
        } _: { path in
            let delivery = try HDF5Delivery(try HDF5Source(path: path), numeric: Array(0..<300))
            #expect(delivery.chunkRows == [5_000])
        }
    }

    @Test func higherRankRowByRow() throws {
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [2, 2, 3], values: (0..<12).map { Int16($0) })
        } _: { path in
            let delivery = try HDF5Delivery(try HDF5Source(path: path), numeric: Array(0..<6))
            #expect(delivery.numbers == (0..<12).map { Float($0) })
        }
    }

    @Test func missingValues() throws {
        try HDF5Sample.with { root in
            try root.createDataset("a", shape: [4], values: [1, .nan, 3, 4] as [Float])
            let filled = try root.createDataset("b", shape: [4], values: [1, 2, -999, 4] as [Int16])
            try filled.attributes.write(Int16(-999), to: "_FillValue")
            try root.createDataset("c", shape: [4], values: ["u", "", "NA", "v"])
        } _: { path in
            let source = try HDF5Source(path: path)
            let numbers = try HDF5Delivery(source, numeric: [0, 1]).numbers
            #expect(numbers.map { $0.isNaN ? -1 : $0 } == [1, 1, -1, 2, 3, -1, 4, 4])
            let codes = try HDF5Delivery(source, text: [0, 1, 2].map { .init(column: $0) })
            #expect(codes.codes == [0, 0, 0, -1, 1, -1, 1, -1, -1, 2, 2, 1])
            #expect(codes.levels == [["1", "3", "4"], ["1", "2", "4"], ["u", "v"]])
            let profile = try source.profile()
            #expect(profile.columns.map(\.missingCount) == [1, 1, 2])
            #expect(profile.columns[1].range == 1...4)
        }
    }

    @Test func levelsOfEveryType() throws {
        try HDF5Sample.with { root in
            try root.createDataset("a", shape: [3], values: [UInt64.max, 7, .max])
            try root.createDataset("b", shape: [3], values: [Int64.min, -7, 7])
            try root.createDataset("c", shape: [3], values: [Float(7), 0.1, -0.0])
            try root.createDataset("d", shape: [3], values: [1e300, 0.1, 7])
        } _: { path in
            let delivery = try HDF5Delivery(try HDF5Source(path: path), text: (0..<4).map { .init(column: $0) })
            #expect(
                delivery.levels == [
                    ["18446744073709551615", "7"], ["-9223372036854775808", "-7", "7"], ["7", "0.1", "0"],
                    ["1e+300", "0.1", "7"],
                ])
            #expect(delivery.codes == [0, 0, 0, 0, 1, 1, 1, 1, 0, 2, 2, 2])
        }
    }

    @Test func givenLevels() throws {
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [4], values: [1, 2, 3, 1] as [Int32])
            try root.createDataset("y", shape: [4], values: ["b", "c", "a", ""])
        } _: { path in
            let source = try HDF5Source(path: path)
            let delivery = try HDF5Delivery(
                source, text: [.init(column: 0, levels: ["3", "1"]), .init(column: 1, levels: ["a", "b"])])
            #expect(delivery.codes == [1, 1, -2, -2, 0, 0, 1, -1])
            #expect(delivery.levels == [["3", "1"], ["a", "b"]])
        }
    }

    @Test func infinityAndTexts() throws {
        let fill = { (root: Group) in
            try root.createDataset("x", shape: [3, 2], values: [1, 2, 3, 4, .infinity, 6] as [Double])
        }
        for use in [
            { (source: HDF5Source) in _ = try source.profile() },
            { (source: HDF5Source) in _ = try HDF5Delivery(source, numeric: [0, 1]) },
        ] {
            let error = try HDF5Sample.error({ _ = try fill($0) }, use)
            #expect(error.kind == .badData)
            #expect(error.column == "/x")
            #expect(error.message.hasPrefix("row 2 (from 0) holds a number that is infinite or beyond the range"))
        }
        let text = try HDF5Sample.error {
            try $0.createDataset("x", shape: [1], values: ["a"])
        } _: {
            _ = try HDF5Delivery($0, numeric: [0])
        }
        #expect(text.message.hasPrefix("expected numbers, and /x is of type string: declare the column"))
    }

    @Test func nothingSelected() throws {
        try HDF5Sample.with {
            try $0.createDataset("x", shape: [5_000], values: [Float](repeating: 0, count: 5_000))
        } _: { path in
            let delivery = try HDF5Delivery(HDF5Source(path: path))
            #expect(delivery.chunkRows == [4_096, 904])
        }
    }
}
