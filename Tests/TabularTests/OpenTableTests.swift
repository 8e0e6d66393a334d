import Foundation
import HDF5
import TestSupport
import Testing

@testable import Tabular

@Suite("Opening tables")
struct OpenTableTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func image() throws -> Data {
        let file = try File(inMemoryNamed: "table")
        try file.root.createDataset("x", shape: [3, 2], values: (0..<6).map(Float.init))
        try file.root.createDataset("y", shape: [3], values: [Int32(0), 1, 0])
        return Data(try file.image())
    }

    @Test("What a file is shows in its first bytes, not in its name")
    func signature() throws {
        let hdf5 = try directory.write(image(), to: "table.csv")
        #expect(isHDF5(hdf5))
        #expect(try openTable([hdf5]) is HDF5Source)
        let csv = try directory.write("a,b\n1,2\n", to: "table.data")
        #expect(!isHDF5(csv))
        #expect(try openTable([csv]) is CSVSource)
        #expect(!isHDF5("-"))
    }

    @Test("A user block may stand before the signature", arguments: [512, 1024, 2048])
    func userBlock(_ size: Int) throws {
        let path = try directory.write(Data(repeating: 0x20, count: size) + image(), to: "table.bin")
        #expect(isHDF5(path))
    }

    @Test(
        "A damaged file with the name of an HDF5 file is not taken for a CSV", arguments: ["h5", "hdf5", "hdf", "he5"])
    func damaged(_ ending: String) throws {
        let path = try directory.write("a,b\n1,2\n", to: "table.\(ending)")
        #expect(isHDF5(path))
        let error = try #require(thrownError { () throws(TableError) in _ = try openTable([path]) })
        #expect(error.kind == .badData)
        #expect(error.file == path)
        let missing = thrownError { () throws(TableError) in _ = try openTable([directory.path("no.\(ending)")]) }
        #expect(missing?.kind == .noInput)
    }

    @Test("The format is passed on")
    func format() throws {
        let csv = try directory.write("1|2\n3|4\n", to: "table.csv")
        let source = try openTable(
            [csv], format: TableFormat(csv: .init(separator: UInt8(ascii: "|"), hasHeader: false)))
        #expect(source.columnNames.count == 2)
        #expect(try source.numbers() == [1, 2, 3, 4])
        #expect((source as? CSVSource)?.workers == Processors.usable)
        #expect((try openTable([csv], format: TableFormat(workers: 3)) as? CSVSource)?.workers == 3)
        let hdf5 = try directory.write(image(), to: "table.h5")
        let known = try openTable([hdf5], format: TableFormat(features: "x", targets: "y")).knownRoles
        #expect(known.features == 0..<2)
        #expect(known.targets == 2..<3)
    }

    @Test("Several files are one table")
    func several() throws {
        let first = try directory.write("a,b\n1,2\n3,4\n", to: "first.csv")
        let second = try directory.write("b,a\n6,5\n", to: "second.csv")
        let source = try openTable([first, second])
        #expect(source.columnNames == ["a", "b"])
        #expect(try source.numbers() == [1, 2, 3, 4, 5, 6])
        let other = try directory.write("a,c\n6,5\n", to: "other.csv")
        let error = thrownError { () throws(TableError) in _ = try openTable([first, other]) }
        #expect(error?.kind == .badData)
        #expect(error?.file == other)
        let none = thrownError { () throws(TableError) in _ = try openTable([]) }
        #expect(none?.kind == .badRequest)
    }
}
