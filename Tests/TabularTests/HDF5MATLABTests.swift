import HDF5
import Tabular
import Testing

/// Matrices as MATLAB stores them. The formulas are those of `make_fixtures.py`.
@Suite struct HDF5MATLABTests {
    private static let rows: [Float] = [0, 1, 2, 3, 4, 5, 6]
    private let path = HDF5Sample.fixture("matlab.mat")

    @Test func isHDF5BehindItsHeader() throws {
        #expect(isHDF5(path))
    }

    /// 7 rows of 3, which HDF5 sees as 3 rows of 7.
    @Test(arguments: ["y", "row"]) func matricesAreTurned(_ targets: String) throws {
        let source = try HDF5Source(path: path, features: "X", targets: targets)
        #expect(source.rowCount == 7)
        #expect(source.columnNames == ["X_0", "X_1", "X_2", targets])
        #expect(
            source.notes.first?.hasSuffix(
                "/X of shape 3 x 7 was stored by MATLAB, column by column: taken as 7 rows of 3") == true)
        let delivery = try HDF5Delivery(source, numeric: [0, 1, 2, 3])
        for column in 0..<3 { #expect(delivery.numbers(column, of: 4) == Self.rows.map { $0 + Float(column) * 100 }) }
        #expect(delivery.numbers(3, of: 4) == [1, 2, 1, 2, 1, 2, 1])
        let swapped = try HDF5Delivery(source, numeric: [2, 0])
        #expect(swapped.numbers(0, of: 2) == Self.rows.map { $0 + 200 })
        #expect(swapped.numbers(1, of: 2) == Self.rows)
        #expect(try source.profile().columns[1].mean == 103)
    }

    @Test func theUsualNamesAreGuessed() throws {
        let source = try HDF5Source(path: path)
        #expect(source.notes.first?.hasSuffix("features are /X, targets are /y (guessed; --x PATH --y PATH)") == true)
    }

    @Test(arguments: [1, 3]) func compressedChunks(_ workers: Int) throws {
        let source = try HDF5Source(path: path, features: "chunked", targets: "y", workers: workers)
        let delivery = try HDF5Delivery(source, numeric: [4, 1, 2, 5])
        for (column, start) in [40, 10, 20].enumerated() {
            #expect(delivery.numbers(column, of: 4) == Self.rows.map { $0 + Float(start) })
        }
        #expect(delivery.numbers(3, of: 4) == [1, 2, 1, 2, 1, 2, 1])
    }

    /// 7 images of 2 x 4: HDF5 sees 4 x 2 x 7, and the first index of an image runs fastest.
    @Test func imagesAreFlattenedAsMATLABWould() throws {
        let source = try HDF5Source(path: path, features: "images")
        #expect(source.featureColumns == 0..<8)
        let delivery = try HDF5Delivery(source, numeric: Array(0..<8))
        var expected: [Float] = []
        for row in 0..<7 {
            for second in 0..<4 {
                for first in 0..<2 { expected.append(Float((row * 100 + first * 10 + second) % 256)) }
            }
        }
        #expect(delivery.numbers == expected)
    }

    @Test func structsAreColumns() throws {
        let source = try HDF5Source(path: path, features: "table")
        #expect(source.layout == .columnGroup)
        #expect(source.columnNames == ["a", "b"])
        let delivery = try HDF5Delivery(source, numeric: [1, 0])
        #expect(delivery.numbers(0, of: 2) == Self.rows.map { $0 * 3 })
        #expect(delivery.numbers(1, of: 2) == Self.rows.map { $0 * 2 })
    }

    @Test(arguments: [
        ("words", "it is a cell array"), ("text", "it is text of MATLAB"), ("nothing", "it is an empty matrix"),
    ])
    func whatIsNoMatrix(_ name: String, _ message: String) throws {
        let error = try #require(throws: TableError.self) { try HDF5Source(path: path, features: "X", targets: name) }
        #expect(error.kind == .badData)
        #expect(error.column == "/\(name)")
        #expect(error.message.hasPrefix(message))
    }

    @Test func groupsAreNoTargets() throws {
        let error = try #require(throws: TableError.self) {
            try HDF5Source(path: path, features: "X", targets: "table")
        }
        #expect(error.message.contains("this is a group, not a dataset"))
    }
}
