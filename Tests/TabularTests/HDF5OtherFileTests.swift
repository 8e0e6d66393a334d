import HDF5
import Tabular
import Testing

/// Tables whose data lie elsewhere. The files are those of the HDF5 module's tests.
@Suite struct HDF5OtherFileTests {
    @Test func refusedByNameOfTheFlag() throws {
        let path = HDF5Sample.fixture("links.h5", of: "HDF5Tests")
        let error = try #require(throws: TableError.self) { try HDF5Source(path: path, features: "outside") }
        #expect(error.kind == .badData)
        #expect(error.message.contains("'outside' is an external link to '/scalar' in the file 'numbers.h5'"))
        #expect(error.message.hasSuffix("or pass --allow-external if you trust this file"))
        let virtual = HDF5Sample.fixture("refused.h5", of: "HDF5Tests")
        let other = try #require(throws: TableError.self) { try HDF5Source(path: virtual, features: "virtual") }
        #expect(other.message.hasSuffix("or pass --allow-external if you trust this file"))
    }

    @Test func followedWhereAskedFor() throws {
        let path = HDF5Sample.fixture("refused.h5", of: "HDF5Tests")
        let source = try HDF5Source(path: path, features: "virtual", opensOtherFiles: true)
        #expect(try HDF5Delivery(source, numeric: [0]).numbers == [0, 1, 2])
    }

    @Test func oddNames() throws {
        let source = try HDF5Source(path: HDF5Sample.fixture("names.h5", of: "HDF5Tests"), features: "/")
        #expect(source.columnNames.count == 5)
        #expect(source.notes.last?.hasSuffix("left out, because the name is not UTF-8: 'gr\u{FFFD}\u{FFFD}e'") == true)
    }
}
