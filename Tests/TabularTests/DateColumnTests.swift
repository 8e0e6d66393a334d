import Foundation
import HDF5
import LinearAlgebra
import Testing

@testable import Tabular

@Suite("Columns of dates and times")
struct DateColumnTests {
    private static func table(_ rows: Int, _ text: (Int) -> String) -> String {
        csv("d,a,t", rows: rows) { "\(text($0)),\($0),\($0 % 2)" }
    }

    private static func day(_ row: Int) -> String { TimeParts.text(ofDay: Double(19_000 + row * 5)) }

    @Test("A column of dates becomes the day and its place in year and week, filled in and scaled as numbers")
    func dates() throws {
        let table = try prepare(
            Self.table(60) { $0 == 7 ? "" : Self.day($0) }, .target("t") { $0.missingIndicator = true })
        let schema = table.encoding.schema
        #expect(schema.features[0].kind == .time(hasDate: true, hasClock: false))
        #expect(
            schema.inputNames == [
                "d(day)", "d(year sin)", "d(year cos)", "d(week sin)", "d(week cos)", "d=?", "a",
            ])
        let rows = table.training.samples.rows
        #expect(rows[7].prefix(6) == [0, 0, 0, 0, 0, 1])
        for input in 0..<5 {
            let values = rows.map { Double($0[input]) }
            #expect(abs(values.reduce(0, +) / 59) < 1e-5)
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 59 - 1) < 1e-5)
        }
        #expect(zip(rows, rows.dropFirst()).filter { $0[0] >= $1[0] }.count == 1)
        #expect(
            table.notes.contains {
                $0.hasPrefix("column 'd' holds dates from 2022-01-08 to 2022-10-30; its inputs are the day")
            })
    }

    @Test("The clock has inputs where it ever shows anything but midnight")
    func clocks() throws {
        func names(_ text: (Int) -> String) throws -> [String] {
            try prepare(Self.table(40, text), .target("t")).encoding.schema.inputNames.filter { $0.hasPrefix("d") }
        }
        #expect(try names { Self.day($0) + "T00:00:00Z" }.count == 5)
        #expect(try names { Self.day($0) + ($0 == 3 ? " 00:01" : " 00:00") }.count == 7)
        #expect(try names { "\($0 % 24):00" } == ["d(clock sin)", "d(clock cos)"])
    }

    @Test("Texts are dates from 95 % on, and the rest are then errors with their place")
    func share() throws {
        let bad = Self.table(100) { $0 == 50 || $0 == 60 ? "soon" : Self.day($0) }
        let error = thrownError { () throws(TableError) in _ = try prepare(bad, .target("t")) }
        #expect(error?.line == 52 && error?.column == "d")
        #expect(error?.message.hasPrefix("expected a date or a time, found 'soon'") == true)
        let text = try prepare(Self.table(100) { $0 % 10 == 0 ? "soon" : Self.day($0) }, .target("t"))
        #expect(text.encoding.schema.inputNames.first == "d=2022-01-13")
        let categorical = try prepare(
            Self.table(20, Self.day), .target("t") { $0.categorical = ColumnPattern("d") })
        #expect(categorical.encoding.schema.features[0].width == 20)
    }

    @Test("Numbers are dates where they are declared so")
    func declared() throws {
        let options = SchemaOptions.target("t") { $0.dates = ColumnPattern("d") }
        let digits = Self.table(50) { Self.day($0).filter { $0 != "-" } }
        let named = try prepare(digits, options)
        let text = try prepare(Self.table(50, Self.day), .target("t"))
        #expect(named.encoding == text.encoding)
        #expect(named.training.samples.rows == text.training.samples.rows)
        #expect(try prepare(digits, .target("t")).encoding.schema.features[0].kind == .number)
        let epoch = try prepare(Self.table(50) { "\(1_600_000_000 + $0 * 12_345)" }, options)
        #expect(epoch.encoding.schema.features[0].kind == .time(hasDate: true, hasClock: true))
        for wrong in ["x", "7"] {
            let error = thrownError { () throws(TableError) in _ = try prepare(Self.table(9) { _ in wrong }, options) }
            #expect(error?.column == "d")
            #expect(error?.message.contains("9 of 9 values are no dates or times") == true)
        }
        let both = thrownError { () throws(TableError) in
            _ = try prepare(
                digits,
                .target("t") {
                    $0.dates = ColumnPattern("d")
                    $0.categorical = ColumnPattern("d")
                })
        }
        #expect(both?.kind == .badRequest)
    }

    @Test("The same from memory, from the file, from several files and from any cut")
    func sources() throws {
        let text = Self.table(90) { $0 % 9 == 4 ? "" : Self.day($0) + " \($0 % 24):30" }
        let expected = try prepare(text, .target("t"))
        for (textSize, kept) in [(16, 0), (16, 1 << 20), (200, 1 << 20), (1 << 20, 0)] {
            let source = try CSVSource(text: text, textSize: textSize)
            let profiled = try ProfiledTable(source, options: .target("t"), keptBytes: kept)
            let table = try Table(profiled)
            #expect(table.encoding == expected.encoding)
            #expect(table.training.samples.rows == expected.training.samples.rows)
        }
        let lines = text.split(separator: "\n")
        let parts = [lines[1..<31], lines[31...]].map { ([lines[0]] + $0).joined(separator: "\n") }
        let joined = try ConcatenatedSource(parts.map { text throws(TableError) in try CSVSource(text: text) })
        let table = try Table(joined, options: .target("t"))
        #expect(table.encoding == expected.encoding)
        #expect(table.training.samples.rows == expected.training.samples.rows)
    }

    @Test("More different moments than levels are kept")
    func many() throws {
        let rows = ColumnProfile.levelLimit + 5
        let text = Self.table(rows) {
            "2024-01-\(10 + $0 % 20)T\(10 + $0 / 6_000):\(10 + $0 / 120 % 50):\(10 + $0 % 50)"
        }
        let table = try prepare(text, .target("t"))
        #expect(table.encoding.schema.features[0].kind == .time(hasDate: true, hasClock: true))
        #expect(table.training.count == rows)
    }

    @Test("Texts in HDF5 are dates too")
    func hdf5() throws {
        let days = (0..<30).map { $0 == 3 ? "" : Self.day($0) }
        let text = csv("d,t", rows: 30) { "\(days[$0]),\($0 % 2)" }
        let expected = try prepare(text, .target("t"))
        try HDF5Sample.with { root in
            try root.createDataset("d", shape: [30], values: days)
            try root.createDataset("t", shape: [30], values: (0..<30).map { Int64($0 % 2) })
        } _: { path in
            let table = try Table(HDF5Source(path: path), options: .target("t"))
            #expect(table.encoding.schema.features[0].kind == .time(hasDate: true, hasClock: false))
            #expect(table.training.samples.rows.prefix(3) == expected.training.samples.rows.prefix(3))
        }
    }

    @Test("Another table's dates outside the range of training are told as dates")
    func outside() throws {
        let encoding = try prepare(Self.table(20, Self.day), .target("t")).encoding
        let (samples, notes) = try encoding.samples(of: CSVSource(text: "a,d\n1,2031-01-01\n2,\n"), targets: false)
        #expect(samples.rowCount == 2 && samples.rows.joined().allSatisfy { $0.isFinite })
        #expect(notes.contains("column 'd': 1 row outside the range of training, 2022-01-08 to 2022-04-13"))
    }

    @Test("A constant does not stand for a date: its mean does")
    func constant() throws {
        let text = Self.table(20) { $0 == 3 ? "" : Self.day($0) }
        func row(_ missing: SchemaOptions.Missing) throws -> [Float] {
            try prepare(text, .target("t") { $0.missing = missing }).training.samples.rows[3]
        }
        #expect(try row(.constant(0)) == row(.mean))
        #expect(try row(.median) != row(.mean))
    }
}
