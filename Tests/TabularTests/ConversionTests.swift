import Foundation
import HDF5
import TestSupport
import Testing

@testable import Tabular

/// A table converted to HDF5, opened.
func converted(
    _ csv: String, in directory: TemporaryDirectory, _ options: ConversionOptions = ConversionOptions()
) throws -> HDF5Source {
    let path = directory.path("table-\(UUID().uuidString).h5")
    _ = try convert(CSVSource(text: csv), to: path, options: options)
    return try HDF5Source(path: path)
}

@Suite("Conversion to HDF5 keeps a table")
struct ConversionTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Every kind of column that CSV knows, and names that HDF5 has trouble with.
    private static let kinds = #"""
        z,x,y,a/b,.,descent_table,bool,padded,fixed,text,gap,long,wide,mixed
        1,0.1,7,-300,70000,5000000000,true,007,1.50,"say ""no""",1,9007199254740993,3.141592653589793,1
        0,0.2,8,2,70001,5000010000,false,010,1.5,"a,b",,9007199254740995,2.718281828459045,x
        1,-3e-7,NA,300,70002,-5000020000,true,7,2.00,"two
        lines",3,-9007199254740995,1e30,?
        """#

    @Test("Names, order, texts, missing values and numbers are those of the CSV")
    func kinds() throws {
        let csv = try CSVSource(text: Self.kinds)
        let hdf5 = try converted(Self.kinds, in: directory)
        #expect(hdf5.columnNames == csv.columnNames)
        #expect(hdf5.rowCount == 3)
        #expect(hdf5.knownRoles == .none)
        #expect(hdf5.notes == [])
        let wanted = try csv.cells()
        let found = try hdf5.cells()
        for (column, name) in csv.columnNames.enumerated() {
            #expect(found.map { $0[column] } == wanted.map { $0[column] }, "\(name)")
        }
        let numeric = csv.columnNames.indices.filter { !["bool", "text", "mixed"].contains(csv.columnNames[$0]) }
        #expect(
            try hdf5.numbers(numeric).map(\.bitPattern) == csv.numbers(numeric).map(\.bitPattern))
    }

    @Test("Each column has the narrowest type that keeps its values")
    func types() throws {
        let path = directory.path("types.h5")
        _ = try convert(CSVSource(text: Self.kinds), to: path)
        let root = try File(opening: path).root
        let expected: [(String, ElementType)] = [
            ("z", .integer(bytes: 1, signed: true, order: .none)),
            ("x", .float(bytes: 4, order: .littleEndian)),
            ("y", .float(bytes: 4, order: .littleEndian)),
            ("a_b", .integer(bytes: 2, signed: true, order: .littleEndian)),
            ("._", .integer(bytes: 4, signed: true, order: .littleEndian)),
            ("descent_table_", .integer(bytes: 8, signed: true, order: .littleEndian)),
            ("long", .integer(bytes: 8, signed: true, order: .littleEndian)),
            ("wide", .float(bytes: 8, order: .littleEndian)),
            ("text", .integer(bytes: 1, signed: true, order: .none)),
        ]
        for (name, type) in expected { #expect(try root.dataset(name).elementType == type, "\(name)") }
        #expect(
            try root.dataset("long").read(as: Int64.self) == [9007199254740993, 9007199254740995, -9007199254740995])
        let text = try root.dataset("text")
        let levels = try root.dataset(text.attributes.string("levels")).readStrings()
        #expect(try text.read(as: Int64.self).map { levels[Int($0)] } == ["say \"no\"", "a,b", "two\nlines"])
    }

    @Test("What a pass learns of the columns leads to the same schema")
    func schema() throws {
        let hdf5 = try converted(Self.kinds, in: directory)
        for target in ["z", "x", "bool", "padded", "fixed", "wide"] {
            for categorical in [nil, ColumnPattern("padded,fixed,z")] {
                let options = SchemaOptions.target(target) { $0.categorical = target == "wide" ? categorical : nil }
                let expected = try resolve(Self.kinds, options)
                let found = try Schema.resolve(hdf5.profile(), of: hdf5, options: options)
                #expect(found.schema == expected.schema, "\(target)")
                #expect(found.notes == expected.notes, "\(target)")
            }
        }
    }

    @Test("Numbers of double precision round to the same floats as their texts, also halfway between two")
    func halfway() throws {
        // Halfway between 1 and the next float, and a hair to either side, which a double does not see.
        let halfway = "1.00000005960464477539062500"
        let texts = [
            halfway, halfway + "01", "1.00000005960464477539062499", "0.1234567890123456789", "-" + halfway + "01",
        ]
        let csv = "a\n" + texts.joined(separator: "\n") + "\n"
        let found = try converted(csv, in: directory).numbers()
        #expect(found == texts.map { Float($0) ?? .nan })
        #expect(found == [1, Float(1).nextUp, 1, Float(0.1234567890123456789), -Float(1).nextUp])
    }

    @Test("The file does not depend on how the table is cut, nor on the workers", arguments: [1, 3, 7, 4096])
    func cuts(_ chunkRows: Int) throws {
        var generator = CSVTestGenerator(seed: UInt64(chunkRows))
        let table = csv("i,f,d,t", rows: 1000) { row in
            let number = Double(Int.random(in: -999_999...999_999, using: &generator)) / 1000
            let gap = Int.random(in: 0..<5, using: &generator) == 0
            return "\(row * 37 % 1000),\(number),\(gap ? "" : "\(Double(row) / 7)"),\(gap ? "NA" : "t\(row % 13)")"
        }
        let source = try CSVSource(text: table, textSize: 300)
        for deflate in [nil, 4] {
            var bytes: Data?
            for workers in [1, 5] {
                let path = directory.path("cut.h5")
                _ = try convert(
                    source, to: path,
                    options: ConversionOptions(deflate: deflate, chunkRows: chunkRows, workers: workers))
                let found = try Data(contentsOf: URL(filePath: path))
                #expect(bytes == nil || found == bytes)
                bytes = found
                let hdf5 = try HDF5Source(path: path, workers: workers)
                #expect(try hdf5.numbers([0, 1, 2]).map(\.bitPattern) == source.numbers([0, 1, 2]).map(\.bitPattern))
                #expect(try hdf5.cells().map { $0[3] } == source.cells().map { $0[3] })
                guard case .chunked(let shape) = try File(opening: path).root.dataset("d").layout else {
                    Issue.record("not chunked")
                    continue
                }
                #expect(shape == [min(chunkRows, 1000)])
            }
        }
    }

    @Test("Columns of a wide table share datasets, and keep their names and order")
    func wide() throws {
        let names = (0..<300).map { "c\($0 * 7 % 300)" }
        let table = csv(names.joined(separator: ","), rows: 20) { row in
            (0..<300).map {
                $0 % 100 == 99 ? "t\(row % 2)" : $0 < 150 ? "\(row * $0)" : "\(Double(row * $0) / 8 + 0.0625)"
            }
            .joined(separator: ",")
        }
        let source = try CSVSource(text: table)
        let hdf5 = try converted(table, in: directory)
        #expect(hdf5.columnNames == names)
        #expect(hdf5.blocks.count < 20)
        #expect(try hdf5.cells().map { $0[99] } == source.cells().map { $0[99] })
        let numeric = (0..<300).filter { $0 % 100 != 99 }
        #expect(try hdf5.numbers(numeric) == source.numbers(numeric))
    }

    @Test("A column of more texts than are listed keeps them as texts")
    func manyTexts() throws {
        let table = csv("id,a", rows: 70_000) { "row \($0 % 69_000),\($0)" }
        let hdf5 = try converted(table, in: directory)
        #expect(try hdf5.cells() == CSVSource(text: table).cells())
    }

    @Test("One column, one row; and a column without any value")
    func small() throws {
        let single = try converted("a\n5\n", in: directory)
        #expect(try single.cells() == [["5"]])
        let empty = try converted("a,b\n1,\n2,NA\n", in: directory)
        #expect(try empty.cells() == [["1", nil], ["2", nil]])
        #expect(try empty.profile().columns[1].missingCount == 2)
    }

    @Test("Features and targets that are matrices stay so, with their types")
    func matrices() throws {
        let fill: (Group) throws -> Void = { root in
            try root.createDataset("x", shape: [50, 3], values: (0..<150).map { UInt8($0) })
            try root.createDataset("y", shape: [50], values: (0..<50).map { Int32($0 % 4) })
        }
        try HDF5Sample.with(fill) { path in
            let output = directory.path("matrices.h5")
            _ = try convert(HDF5Source(path: path), to: output, options: ConversionOptions(deflate: 1, chunkRows: 16))
            let root = try File(opening: output).root
            #expect(try root.childNames == ["x", "y"])
            #expect(try root.dataset("x").layout == .chunked([16, 3]))
            let source = try HDF5Source(path: output)
            #expect(source.knownRoles.featuresAreBytes)
            #expect(try root.dataset("x").read(as: UInt8.self) == (0..<150).map { UInt8($0) })
            #expect(try root.dataset("y").read(as: Int32.self) == (0..<50).map { Int32($0 % 4) })
        }
    }

    @Test("Several tables become one, columns by name")
    func several() throws {
        let first = try CSVTestFile("a,b\n1,x\n2,y\n")
        let second = try CSVTestFile("b,a\nz,3\nx,\n")
        let path = directory.path("several.h5")
        _ = try convert(openTable([first.path, second.path]), to: path)
        #expect(try HDF5Source(path: path).cells() == [["1", "x"], ["2", "y"], ["3", "z"], [nil, "x"]])
    }

    @Test("A value that breaks its column is an error with line and column, and leaves everything as it was")
    func oddity() throws {
        let path = try directory.write("before", to: "old.h5")
        let table = csv("a,b", rows: 100) { "\($0),\($0 == 57 ? "x" : "\($0)")" }
        let error = try #require(throws: TableError.self) {
            _ = try convert(CSVSource(text: table), to: path)
        }
        #expect(error.line == 59)
        #expect(error.column == "b")
        #expect(error.description.contains("--categorical b"))
        #expect(try directory.contents == ["old.h5"])
        #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "before")
        _ = try convert(
            CSVSource(text: table), to: path, options: ConversionOptions(categorical: ColumnPattern("b")))
        #expect(try HDF5Source(path: path).cells() == CSVSource(text: table).cells())
    }

    @Test("A conversion that is stopped leaves everything as it was")
    func stopped() throws {
        let path = try directory.write("before", to: "old.h5")
        let table = csv("a", rows: 100) { "\($0)" }
        let result = try convert(CSVSource(text: table, textSize: 50), to: path) { $0.rows < 50 }
        #expect(result == nil)
        #expect(try directory.contents == ["old.h5"])
        #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "before")
    }
}

@Suite("Conversion to CSV keeps a table")
struct CSVConversionTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func text(_ source: any TableSource, workers: Int = 1) throws -> String {
        let path = directory.path("out.csv")
        _ = try convert(source, to: path, options: ConversionOptions(workers: workers))
        return try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }

    @Test("To HDF5 and back: numbers in their shortest form, texts as they stood")
    func roundTrip() throws {
        let table = #"""
            id,f,d,p,t,whole,far
            1,0.1,3.141592653589793,007,"a,b",5.0,1e+20
            2,0.25,-0.3333333333333333,010,"say ""no""",-6.5,-2.5e-09
            3,-12345.678,1e-05,7,two words,7.0,
            4,,2.0,07," blank ",123456.0,100000.0

            """#
        let source = try CSVSource(text: table)
        #expect(try text(source) == table)
        #expect(try text(converted(table, in: directory), workers: 3) == table)
    }

    @Test("A line is never blank: the only value in it is NA where it is missing")
    func oneColumn() throws {
        #expect(try text(CSVSource(text: "a\n1\nNA\n3\n")) == "a\n1\nNA\n3\n")
    }

    @Test("Other dialects become commas and points")
    func dialect() throws {
        let source = try CSVSource(text: "a;b;c\n1,5;x;1\n-2,25;'y, z';2\n")
        #expect(source.dialect.decimalMark == ASCII.comma)
        #expect(try text(source) == "a,b,c\n1.5,x,1\n-2.25,\"y, z\",2\n")
    }

    @Test("Numbers of HDF5 have the digits of their type")
    func types() throws {
        let fill: (Group) throws -> Void = { root in
            try root.createDataset("a", shape: [3], values: [Float(0.1), 16_777_216, .nan])
            try root.createDataset("b", shape: [3], values: [0.1, 1 / 3, -1e-300])
            try root.createDataset("c", shape: [3], values: [Int64.max, Int64.min, 0])
            try root.createDataset("d", shape: [3], values: [UInt8(0), 255, 7])
        }
        try HDF5Sample.with(fill) { path in
            let source = try HDF5Source(path: path)
            #expect(
                try text(source) == """
                    a,b,c,d
                    0.1,0.1,9223372036854775807,0
                    1.6777216e+07,0.3333333333333333,-9223372036854775808,255
                    ,-1e-300,0,7

                    """)
        }
    }

    @Test("Every float and double is written so that it reads back, and as short as Swift writes it")
    func shortest() {
        var generator = CSVTestGenerator(seed: 3)
        for _ in 0..<20_000 {
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            let double = Double(bitPattern: generator.next())
            guard float.isFinite, double.isFinite else { continue }
            var fields = CSVFields()
            fields.append(float)
            fields.append(double)
            let texts = String(decoding: fields.bytes, as: UTF8.self).split(separator: ",").map(String.init)
            #expect(Float(texts[0]) == float)
            #expect(Double(texts[1]) == double)
            func digits(_ text: String) -> Int {
                text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
                    .reversed().drop { $0 == "0" }.count
            }
            #expect(digits(texts[0]) <= digits(float.description))
            #expect(digits(texts[1]) <= digits(double.description))
        }
    }

    @Test("Whole numbers", arguments: [0, 7, -7, 10, 1_234_567_890, .max, .min])
    func integers(_ number: Int) {
        var fields = CSVFields()
        fields.append(number)
        #expect(String(decoding: fields.bytes, as: UTF8.self) == String(number))
    }
}
