import HDF5
import Tabular
import Testing

/// Frames as pandas writes them. The formulas are those of `make_fixtures.py`.
@Suite struct HDF5PandasTests {
    private let index = (0..<7).map(Float.init)

    private func source(_ name: String, features: String? = nil) throws -> HDF5Source {
        try HDF5Source(path: HDF5Sample.fixture(name), features: features)
    }

    private func expectNumbers(_ source: HDF5Source) throws {
        let names = ["depth", "count", "speed", "width", "größe"]
        let columns = try names.map { try #require(source.columnNames.firstIndex(of: $0)) }
        let delivery = try HDF5Delivery(source, numeric: columns)
        let depth = delivery.numbers(0, of: 5)
        #expect(depth[2].isNaN)
        #expect(depth.enumerated().allSatisfy { $0.offset == 2 || $0.element == Float($0.offset) * 0.5 })
        #expect(delivery.numbers(1, of: 5) == index.map { $0 * 10 })
        #expect(delivery.numbers(2, of: 5) == index.map { $0 * 1.25 })
        #expect(delivery.numbers(3, of: 5) == index.map { $0 * 100 })
        #expect(delivery.numbers(4, of: 5) == index.map { $0 - 3 })
    }

    @Test func fixedFormat() throws {
        let source = try source("pandas_fixed.h5")
        #expect(source.layout == .pandasFixed)
        #expect(source.columnNames == ["depth", "count", "open", "speed", "width", "größe"])
        #expect(source.rowCount == 7)
        #expect(source.notes.count == 2)
        #expect(source.notes[0].hasSuffix("the table is the pandas frame /deep/frame (guessed; --x PATH)"))
        #expect(source.notes[1].contains("left out, because pandas' fixed format pickles text"))
        #expect(source.notes[1].hasSuffix("'name'"))
        try expectNumbers(source)
        // pandas stores truth values as bytes there.
        let open = try HDF5Delivery(source, text: [.init(column: 2)]).texts(0)
        #expect(open.count == 7 && Set(open[0...1]).count == 2 && open[2] == open[0])
        #expect(try source.profile().columns[0].missingCount == 1)
        #expect(try self.source("pandas_fixed.h5", features: "deep/frame").notes.count == 1)
    }

    @Test func tableFormat() throws {
        let source = try source("pandas_table.h5")
        #expect(source.layout == .pandasTable)
        #expect(
            source.columnNames == [
                "depth", "count", "open", "speed", "width", "größe", "name", "grade", "year",
            ])
        #expect(source.knownRoles == .none)
        try expectNumbers(source)
        let texts = try HDF5Delivery(source, text: [2, 6, 7, 8].map { .init(column: $0) })
        #expect(texts.texts(0) == (0..<7).map { $0 % 2 == 0 ? "true" : "false" })
        #expect(texts.texts(1) == ["ab", "c", nil, "ab", nil, "äö", "c"])
        #expect(texts.texts(2) == ["low", "high", nil, "low", "mid", "mid", "high"])
        #expect(texts.texts(3) == ["2001", "2002", "2001", nil, "2002", "2002", "2001"])
        let profile = try source.profile()
        #expect(profile.columns[7].levels == ["low": 2, "mid": 2, "high": 2])
        #expect(profile.columns[7].missingCount == 1)
        #expect(profile.columns[7].textCount == 6)
        #expect(profile.columns[7].firstText == .init(line: 1, text: "low"))
    }

    @Test func oneOfSeveral() throws {
        let error = try #require(throws: TableError.self) { try source("pandas_two.h5") }
        #expect(error.kind == .badRequest)
        #expect(
            error.message.hasPrefix("it holds 3 pandas frames: name one with --x PATH, they are /numbered, /test, "))
        try expectNumbers(source("pandas_two.h5", features: "/test"))
        let numbered = try source("pandas_two.h5", features: "numbered")
        #expect(numbered.columnNames == ["0", "1"])
        #expect(try HDF5Delivery(numbered, numeric: [1, 0]).numbers == [1, 0, 3, 2, 5, 4])
    }
}
