import HDF5
import Testing

/// Files as h5py writes them.
@Suite struct ForeignFileTests {
    @Test(arguments: ["little", "big"], ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])
    func numbersOfEverySizeAndOrder(_ order: String, _ code: String) throws {
        let dataset = try Fixture.open("numbers.h5").root.dataset("\(order)/\(code)")
        #expect(dataset.shape == [2, 3])
        #expect(try dataset.read(as: Float.self) == [0, 1, 2, 100, 50, 7])
        #expect(try dataset.read(as: Int64.self) == [0, 1, 2, 100, 50, 7])
        #expect(try dataset.readRows(1..<2, as: UInt8.self) == [100, 50, 7])
        let expected: ElementType.ByteOrder = code.hasSuffix("1") ? .none : order == "big" ? .bigEndian : .littleEndian
        let bytes = try #require(code.last?.wholeNumberValue)
        #expect(
            dataset.elementType
                == (code.hasPrefix("f")
                    ? .float(bytes: bytes, order: expected)
                    : .integer(bytes: bytes, signed: code.hasPrefix("i"), order: expected)))
    }

    @Test func limits() throws {
        let limits = try Fixture.open("numbers.h5").root.group("limits")
        #expect(try limits.dataset("i8").read(as: Int64.self) == [.min, .max])
        #expect(try limits.dataset("u8").read(as: UInt64.self) == [0, .max])
        let halves = try limits.dataset("f2").read(as: Float.self)
        #expect(halves[0] == 65504 && halves[1] == -0.5 && halves[2].isNaN && halves[3] == .infinity)
    }

    @Test func otherTypes() throws {
        let root = try Fixture.open("numbers.h5").root
        #expect(try root.dataset("boolean").elementType == .boolean)
        #expect(try root.dataset("boolean").read(as: UInt8.self) == [1, 0, 1])
        let color = try root.dataset("color")
        let members: [(String, Int64)] = [("red", 0), ("green", 1), ("blue", 2)]
        #expect(color.elementType == .enumeration(members.map { .init(name: $0.0, value: $0.1) }))
        #expect(try color.read(as: Int64.self) == [2, 0, 1, 2])
        #expect(
            try root.dataset("compound").elementType
                == .compound([
                    .init(name: "a", type: .integer(bytes: 4, signed: true, order: .littleEndian)),
                    .init(name: "b", type: .float(bytes: 8, order: .littleEndian)),
                    .init(name: "c", type: .array(element: .float(bytes: 4, order: .littleEndian), shape: [3])),
                ]))
        let error = try hdf5Error { _ = try root.dataset("compound").read(as: Float.self) }
        #expect(error.reason.contains("it is of type compound (a: int32, b: float64, c: array of 3 float32)"))
        #expect(try root.dataset("reference").elementType == .reference)
        #expect(try root.dataset("scalar").shape == [])
        #expect(try root.dataset("scalar").read(as: Float.self) == [2.5])
        #expect(try root.dataset("scalar").readRows(0..<1, as: Double.self) == [2.5])
        #expect(try root.dataset("null").shape == [0])
        #expect(try root.dataset("null").read(as: Float.self) == [])
    }

    @Test func neverWrittenAndNoFillValue() throws {
        let dataset = try Fixture.open("numbers.h5").root.dataset("unfilled")
        var values: [Float] = [1, 2, 3]
        try values.withUnsafeMutableBufferPointer { try dataset.read(into: $0) }
        #expect(values == [0, 0, 0])
    }

    @Test func filteredChunks() throws {
        let dataset = try Fixture.open("numbers.h5").root.dataset("filtered")
        #expect(dataset.layout == .chunked([8, 3]))
        #expect(dataset.filters.map(\.name) == ["shuffle", "deflate", "Fletcher-32"])
        #expect(dataset.filters.allSatisfy { $0.isAvailable })
        #expect(try dataset.readRows(7..<9, as: Int32.self) == (49..<63).map { Int32($0) })
        let cube = try Fixture.open("numbers.h5").root.dataset("cube")
        #expect(try cube.readRows(1..<2, as: Float.self) == (12..<24).map { Float($0) })
    }

    @Test(arguments: [
        ("null_terminated", ["ab", "cdefg", ""]), ("null_padded", ["grün", "abcdef", ""]),
        ("space_padded", ["ab", "a b", ""]), ("variable_utf8", ["grün", "", "日本"]),
        ("variable_ascii", ["a", "bc", "def"]), ("unwritten", ["", ""]),
    ])
    func strings(_ name: String, _ expected: [String]) throws {
        let dataset = try Fixture.open("strings.h5").root.dataset(name)
        #expect(dataset.elementType.isString)
        #expect(try dataset.readStrings() == expected)
        #expect(try dataset.readStrings(rows: 1..<2) == [expected[1]])
    }

    @Test func textInAnotherEncoding() throws {
        let error = try hdf5Error { _ = try Fixture.open("strings.h5").root.dataset("not_text").readStrings() }
        #expect(error.reason == "string 1 of those read (from 0) is not UTF-8; store the text as UTF-8")
    }

    @Test func attributes() throws {
        let attributes = try Fixture.open("strings.h5").root.attributes
        #expect(
            try attributes.names == [
                "empty_list", "fixed", "fixed_list", "list", "null_number", "null_string", "number", "numbers", "truth",
                "variable",
            ])
        #expect(try attributes.string("variable") == "grün")
        #expect(try attributes.string("fixed") == "fixed")
        #expect(try attributes.strings("list") == ["a", "bc"])
        #expect(try attributes.strings("fixed_list") == ["a", "bc"])
        #expect(try attributes.string("null_string") == "")
        #expect(try attributes.strings("null_string") == [])
        #expect(try attributes.numbers("null_number", as: Double.self) == [])
        #expect(try attributes.strings("empty_list") == [])
        #expect(try attributes.shape(of: "empty_list") == [0])
        #expect(try attributes.number("number", as: Int64.self) == 7)
        #expect(try attributes.shape(of: "number") == [])
        #expect(try attributes.numbers("numbers", as: Float.self) == [1.5, 2.5])
        #expect(try attributes.number("truth", as: UInt8.self) == 1)
        #expect(try attributes.elementType(of: "truth") == .boolean)
    }
}
