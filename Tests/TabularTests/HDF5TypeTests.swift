import HDF5
import Tabular
import Testing

/// Numbers of every type, and those that stand for missing ones. The values are those of `make_fixtures.py`.
@Suite struct HDF5TypeTests {
    private let path = HDF5Sample.fixture("types.h5")

    @Test func everyWidthAndOrder() throws {
        let source = try HDF5Source(path: path, features: "columns")
        #expect(source.columnNames.count == 23)
        let delivery = try HDF5Delivery(source, numeric: Array(0..<23), text: (0..<23).map { .init(column: $0) })
        for (column, name) in source.columnNames.enumerated() {
            let isUnsigned = name.contains("_u")
            let expected: [Float] = isUnsigned ? [0, 1, 1, 3, 100, 7, 2] : [0, 1, -1, 3, 100, -7, 2]
            #expect(delivery.numbers(column, of: 23) == expected, "\(name)")
            #expect(delivery.texts(column) == expected.map { String(Int($0)) }, "\(name)")
        }
        for column in try source.profile().columns {
            let sum: Double = column.name.contains("_u") ? 114 : 98
            #expect(column.integerCount == 7)
            #expect(abs(column.mean - sum / 7) < 1e-6)
        }
    }

    @Test(
        arguments: [
            ("i4", [0x1p24, 16_777_220, -0x1p24, 0x1p31]),
            ("i8", [0x1p62, -0x1p63, 0x1p63, 0x1.000002p53]),
            ("u8", [0x1p64, 0x1p63, 0x1.000002p63, 1]),
            ("f8", [1, 1 + 0x1p-22, 0x1p-149, .greatestFiniteMagnitude]),
            ("f2", [0x1p-24, -0x1p-24, 65504, 0x1.554p-2]),
            ("twelve", [0, 2047, -2048, -1]),
        ] as [(String, [Float])])
    func nearestFloat(_ name: String, _ expected: [Float]) throws {
        let source = try HDF5Source(path: path, features: "rounded/\(name)")
        #expect(try HDF5Delivery(source, numeric: [0]).numbers == expected)
    }

    @Test(
        arguments: [
            ("attribute", [1, nil, 3, 4]), ("single", [nil, 2, nil, 4]),
            ("large", [nil, 0x1p63, 3, 4]), ("declared", [5, 6, nil, nil]),
        ] as [(String, [Float?])])
    func missing(_ name: String, _ expected: [Float?]) throws {
        let source = try HDF5Source(path: path, features: "missing/\(name)")
        let numbers = try HDF5Delivery(source, numeric: [0]).numbers
        #expect(numbers.map { $0.isNaN ? nil : $0 } == expected)
        let texts = try HDF5Delivery(source, text: [.init(column: 0)]).texts(0)
        #expect(texts.map { $0.flatMap { Float($0) } } == expected)
        #expect(try source.profile().columns[0].missingCount == expected.count { $0 == nil })
        let isNoted = source.notes.contains {
            $0.hasSuffix("-1 in /missing/declared is its fill value: taken as missing")
        }
        #expect(isNoted == (name == "declared"))
    }
}
