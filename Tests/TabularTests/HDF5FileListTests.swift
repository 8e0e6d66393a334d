import Foundation
import HDF5
import Testing

@testable import Tabular

/// Text files that list HDF5 files.
@Suite struct HDF5FileListTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "list-\(UUID().uuidString)")

    private func write(_ text: String, to name: String) throws -> String {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path()
    }

    /// Three files of 2, 3 and 4 rows as Caffe has them, and lists of them in the same directory.
    private func withFiles(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (index, rows) in [2, 3, 4].enumerated() {
            let file = try File(inMemoryNamed: "part")
            let values = (0..<rows * 6).map { Float($0 + index * 1000) }
            try file.root.createDataset("data", shape: [rows, 1, 2, 3], values: values)
            try file.root.createDataset(
                "label", shape: [rows, 1], values: [Float](repeating: Float(index), count: rows))
            try Data(file.image()).write(to: folder.appending(path: "part\(index).h5"))
        }
        try body()
    }

    @Test(arguments: ["part0.h5\npart1.h5\npart2.h5\n", "\r\npart0.h5\r\n  part1.h5 \r\npart2.h5"])
    func oneTable(_ text: String) throws {
        try withFiles {
            let source = try openTable([write(text, to: "train.txt")])
            #expect(source.columnNames == ["data_0", "data_1", "data_2", "data_3", "data_4", "data_5", "label"])
            #expect(source.knownRoles.targets == 6..<7)
            #expect(try source.profile().rowCount == 9)
            var labels: [Float] = []
            var first: [Float] = []
            try source.read(ColumnSelection(numeric: [6, 0])) { chunk throws(TableError) in
                #expect(chunk.firstRow == labels.count)
                for row in 0..<chunk.rowCount {
                    labels.append(chunk.numbers[row * 2])
                    first.append(chunk.numbers[row * 2 + 1])
                }
            }
            #expect(labels == [0, 0, 1, 1, 1, 2, 2, 2, 2])
            #expect(first == [0, 6, 1000, 1006, 1012, 2000, 2006, 2012, 2018])
        }
    }

    @Test func missingFile() throws {
        try withFiles {
            let list = try write("part0.h5\n\npart9.h5\n", to: "train.txt")
            let error = try #require(throws: TableError.self) { try openTable([list]) }
            #expect(error.kind == .noInput)
            #expect(error.line == 3)
            #expect(error.message.contains("and 'part9.h5' is not there"))
        }
    }

    @Test func otherTextIsNoList() throws {
        try withFiles {
            let table = try write("name,h5\na.h5,1\n", to: "table.csv")
            #expect(try openTable([table]) is CSVSource)
            let empty = try write("\n\n", to: "empty.txt")
            #expect(try HDF5FileList.expanded(["-", empty]) == ["-", empty])
        }
    }
}
