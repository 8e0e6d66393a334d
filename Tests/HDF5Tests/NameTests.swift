import HDF5
import Testing

/// Names with odd bytes: listed, and opened where they are UTF-8.
@Suite struct NameTests {
    private static let names = ["\u{1B}[31mred", "a.b c", "gr\u{FFFD}\u{FFFD}e", "größe", "plain", "tab\tand\nline"]

    @Test func groups() throws {
        let root = try Fixture.open("names.h5").root
        #expect(try Set(root.childNames) == Set(Self.names))
        for name in Self.names {
            let isUTF8 = !name.contains("\u{FFFD}")
            #expect(try root.kind(of: name) == (isUTF8 ? .dataset : .other))
            #expect(try root.contains(name) == isUTF8)
            if isUTF8 { #expect(try root.dataset(name).shape == [2]) }
        }
    }

    @Test func attributes() throws {
        let attributes = try Fixture.open("names.h5").root.attributes
        #expect(try Set(attributes.names) == Set(Self.names))
        for name in Self.names where !name.contains("\u{FFFD}") {
            #expect(try attributes.number(name, as: Int8.self) == 5)
        }
        #expect(try hdf5Error { _ = try attributes.number("gr\u{FFFD}\u{FFFD}e", as: Int8.self) }.kind == .wrongObject)
    }
}
