import HDF5
import Testing

@Suite struct DatasetRoundTripTests {
    private func roundTrip<Element: HDF5Element & Equatable>(_ values: [Element], _ type: ElementType) throws {
        let file = try File(inMemoryNamed: "round-trip")
        try file.root.createDataset("values", shape: [values.count], values: values)
        let dataset = try File(image: file.image()).root.dataset("values")
        #expect(dataset.elementType == type)
        #expect(dataset.shape == [values.count])
        #expect(try dataset.read(as: Element.self) == values)
    }

    @Test func everyElementType() throws {
        try roundTrip([Float.pi, -0.0, .infinity, .leastNonzeroMagnitude], .float(bytes: 4, order: .littleEndian))
        try roundTrip([Double.pi, 1e300], .float(bytes: 8, order: .littleEndian))
        try roundTrip([Int8.min, 0, .max], .integer(bytes: 1, signed: true, order: .none))
        try roundTrip([Int16.min, 0, .max], .integer(bytes: 2, signed: true, order: .littleEndian))
        try roundTrip([Int32.min, 0, .max], .integer(bytes: 4, signed: true, order: .littleEndian))
        try roundTrip([Int64.min, 0, .max], .integer(bytes: 8, signed: true, order: .littleEndian))
        try roundTrip([UInt8.min, .max], .integer(bytes: 1, signed: false, order: .none))
        try roundTrip([UInt16.min, .max], .integer(bytes: 2, signed: false, order: .littleEndian))
        try roundTrip([UInt32.min, .max], .integer(bytes: 4, signed: false, order: .littleEndian))
        try roundTrip([UInt64.min, .max], .integer(bytes: 8, signed: false, order: .littleEndian))
    }

    @Test(arguments: [[], [0], [1], [7], [0, 5], [5, 0], [3, 5], [2, 3, 7], [1, 1, 1, 1]])
    func everyShape(_ shape: [Int]) throws {
        let count = shape.reduce(1, *)
        let values = (0..<count).map { Int32($0) }
        let file = try File(inMemoryNamed: "shapes")
        let options = DatasetOptions(chunkShape: shape.map { _ in 2 }, deflate: 4, shuffle: true, fletcher32: true)
        try file.root.createDataset("plain", shape: shape, values: values)
        try file.root.createDataset("filtered", shape: shape, values: values, options: options)
        for name in ["plain", "filtered"] {
            let dataset = try file.root.dataset(name)
            #expect(dataset.shape == shape)
            #expect(dataset.elementCount == count)
            #expect(dataset.rowCount == shape.first ?? 1)
            #expect(dataset.rowElementCount == shape.dropFirst().reduce(1, *))
            #expect(try dataset.read(as: Int32.self) == values)
        }
    }

    @Test func someRows() throws {
        let table = (0..<70).map { Float($0) }
        let file = try File(inMemoryNamed: "rows")
        let options = DatasetOptions(chunkShape: [3, 2], deflate: 1)
        try file.root.createDataset("t", shape: [10, 7], values: table, options: options)
        let dataset = try file.root.dataset("t")
        #expect(dataset.layout == .chunked([3, 2]))
        #expect(dataset.filters.map(\.id) == [1])
        for rows in [0..<1, 2..<5, 9..<10, 0..<10, 4..<4] {
            let expected = Array(table[rows.lowerBound * 7..<rows.upperBound * 7])
            #expect(try dataset.readRows(rows, as: Float.self) == expected)
        }
    }

    @Test func rowsWrittenOneByOne() throws {
        let file = try File(inMemoryNamed: "rows")
        let dataset = try file.root.createDataset("t", shape: [4, 3], of: Double.self)
        for row in 0..<4 {
            let values = (0..<3).map { Double(row * 3 + $0) }
            try values.withUnsafeBufferPointer { try dataset.writeRows(row..<row + 1, from: $0) }
        }
        #expect(try dataset.read(as: Double.self) == (0..<12).map { Double($0) })
    }

    /// A band of chunks above the library's own cache of 1 MiB, read a few rows at a time.
    @Test func largeChunksInSmallSteps() throws {
        let values = (0..<600 * 700).map { Float($0 % 1009) }
        let file = try File(inMemoryNamed: "large")
        let options = DatasetOptions(chunkShape: [400, 100], deflate: 1)
        try file.root.createDataset("a/large", shape: [600, 700], values: values, options: options)
        let dataset = try File(image: file.image()).root.group("a").dataset("large")
        for first in stride(from: 0, to: 600, by: 50) {
            let rows = first..<first + 50
            #expect(try dataset.readRows(rows) == Array(values[rows.lowerBound * 700..<rows.upperBound * 700]))
        }
    }

    @Test(arguments: [[String](), ["one"], ["", "grün", "日本", String(repeating: "long ", count: 1000)]])
    func strings(_ values: [String]) throws {
        let file = try File(inMemoryNamed: "strings")
        try file.root.createDataset("s", shape: [values.count], values: values)
        let dataset = try file.root.dataset("s")
        #expect(dataset.elementType == .variableString(encoding: .utf8))
        #expect(try dataset.readStrings() == values)
        #expect(try dataset.readStrings(rows: 0..<min(1, values.count)) == Array(values.prefix(1)))
    }

    @Test func stringWithNULIsRefused() throws {
        let file = try File(inMemoryNamed: "strings")
        let error = try hdf5Error { try file.root.createDataset("s", shape: [1], values: ["a\0b"]) }
        #expect(error.reason == "HDF5 cannot hold a string with a NUL character in it")
    }

    @Test func writingTheWrongKind() throws {
        let file = try File(inMemoryNamed: "kinds")
        let numbers = try file.root.createDataset("n", shape: [1], values: [Float(1)])
        #expect(try hdf5Error { try numbers.write(["a"]) }.kind == .wrongObject)
        #expect(try hdf5Error { _ = try numbers.readStrings() }.reason == "it is of type float32, not a string")
        let strings = try file.root.createDataset("s", shape: [1], values: ["a"])
        #expect(try hdf5Error { _ = try strings.read(as: Float.self) }.reason == "it is of type string, not a number")
    }
}
