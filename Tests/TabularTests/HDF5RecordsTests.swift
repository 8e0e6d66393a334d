import Dispatch
import HDF5
import Tabular
import Testing

/// Datasets of records, as h5py writes structured arrays. The formulas are those of `make_fixtures.py`.
@Suite struct HDF5RecordsTests {
    private let path = HDF5Sample.fixture("records.h5")

    @Test(arguments: [1, 2, 5]) func fieldsAreColumns(_ workers: Int) throws {
        let source = try HDF5Source(path: path, features: "events/particles", workers: workers)
        #expect(source.layout == .records)
        #expect(
            source.columnNames == [
                "pt", "charge", "cells_0", "cells_1", "cells_2", "tag", "weight", "label", "flag",
            ])
        #expect(source.notes.count == 1)
        #expect(source.notes[0].hasSuffix("left out, because neither numbers nor strings: 'inner'"))
        let delivery = try HDF5Delivery(
            source, numeric: [6, 0, 1, 4, 2], text: [5, 7, 8, 1].map { .init(column: $0) })
        for row in 0..<7 {
            let index = Float(row)
            #expect(
                Array(delivery.numbers[row * 5..<row * 5 + 5])
                    == [index + 0.25, index * 0.5, Float(row % 3 - 1), index * 256 + 2, index * 256])
        }
        #expect(delivery.texts(0) == ["ab", "cdef", nil, "ab", "x", "ab", "x"])
        #expect(delivery.texts(1) == ["up", "down", "up", nil, "down", "up", "up"])
        #expect(delivery.texts(2) == (0..<7).map { $0 % 2 == 1 ? "true" : "false" })
        #expect(delivery.texts(3) == (0..<7).map { String($0 % 3 - 1) })
        let profile = try source.profile()
        #expect(profile.columns[1].levels == ["-1": 3, "0": 2, "1": 2])
        #expect(profile.columns[4].range == 2...1538)
        #expect(profile.columns[7].levels == ["up": 4, "down": 2])
        #expect(profile.columns[8].levels == ["false": 4, "true": 3])
        #expect(profile.columns[8].textCount == 7)
    }

    @Test func recordsAsFeatures() throws {
        let source = try HDF5Source(path: path, features: "events/plain", targets: "events/y")
        #expect(source.columnNames == ["pt", "cells_0", "cells_1", "cells_2", "flag", "y"])
        #expect(source.featureColumns == 0..<5)
        #expect(source.targetColumns == 5..<6)
        let delivery = try HDF5Delivery(source, numeric: [5, 3])
        #expect(delivery.numbers(0, of: 2) == [0, 1, 0, 1, 0, 1, 0])
        #expect(delivery.numbers(1, of: 2) == [2, 258, 514, 770, 1026, 1282, 1538])
    }

    /// The file is opened and closed by many at once. Where each had an opening of its own, the library crashed on the
    /// strings in one of three runs of this.
    @Test func openedByManyAtOnce() {
        DispatchQueue.concurrentPerform(iterations: 1_000) { index in
            let texts = try? HDF5Delivery(
                HDF5Source(path: path, features: "events/particles", workers: 1 + index % 5), text: [.init(column: 7)])
            #expect(texts?.codes == [0, 1, 0, -1, 1, 0, 0])
        }
    }

    @Test func guessedWhereThereIsOne() throws {
        let error = try #require(throws: TableError.self) { try HDF5Source(path: path) }
        #expect(error.kind == .badRequest)
        #expect(
            error.message
                == "it holds 2 tables of records: name one with --x PATH, they are /events/particles, /events/plain")
    }
}
