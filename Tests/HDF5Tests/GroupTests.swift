import HDF5
import Testing

@Suite struct GroupTests {
    @Test func childrenAreSortedAndNested() throws {
        let file = try File(inMemoryNamed: "groups")
        try file.root.createGroup("b/inner/deep")
        try file.root.createGroup("a")
        try file.root.group("a").createDataset("/b/x", shape: [1], values: [Float(1)])
        #expect(try file.root.childNames == ["a", "b"])
        #expect(try file.root.group("b").childNames == ["inner", "x"])
        #expect(try file.root.group("b/inner").path == "/b/inner")
        #expect(try file.root.group("b").group("inner/deep").path == "/b/inner/deep")
        #expect(try file.root.group("b").dataset("/b/x").path == "/b/x")
        #expect(try file.root.kind(of: "a") == .group)
        #expect(try file.root.group("b").kind(of: "x") == .dataset)
        #expect(try file.root.contains("b/inner/deep"))
        #expect(try !file.root.contains("b/x/deep"))
        #expect(try !file.root.contains("c/d"))
    }

    @Test func manyChildren() throws {
        let file = try File(inMemoryNamed: "groups")
        let names = (1000..<2000).map { "column\($0)" }
        for name in names.shuffled() { try file.root.createGroup(name) }
        #expect(try file.root.childNames == names)
    }

    @Test func namesOutsideASCII() throws {
        let file = try File(inMemoryNamed: "groups")
        try file.root.createDataset("größe/日本", shape: [1], values: [Float(1)])
        let root = try File(image: file.image()).root
        #expect(try root.group("größe").childNames == ["日本"])
    }

    @Test func existingObjectsAreKept() throws {
        let file = try File(inMemoryNamed: "groups")
        try file.root.createGroup("a")
        #expect(try hdf5Error { try file.root.createGroup("a") }.reason == "/ already holds 'a'")
        let error = try hdf5Error { try file.root.createDataset("a", shape: [1], values: [Float(1)]) }
        #expect(error.description == "groups:/a: cannot create the dataset: / already holds 'a'")
    }

    @Test func wrongKindAndMissing() throws {
        let root = try Fixture.open("links.h5").root
        let asGroup = try hdf5Error { _ = try root.group("data/x") }
        #expect(asGroup.kind == .wrongObject)
        #expect(asGroup.reason == "this is a dataset, not a group")
        #expect(asGroup.path == "\(Fixture.path("links.h5")):/data/x")
        #expect(asGroup.operation == "open the group")
        #expect(try hdf5Error { _ = try root.dataset("data") }.reason == "this is a group, not a dataset")
        #expect(try hdf5Error { _ = try root.dataset("type") }.reason == "this is a named datatype, not a dataset")
        #expect(try hdf5Error { _ = try root.dataset("data/y") }.reason == "there is no 'y', /data holds 'x'")
        #expect(try hdf5Error { _ = try root.dataset("data/x/y") }.reason == "'data/x' is a dataset, not a group")
    }

    @Test func links() throws {
        let root = try Fixture.open("links.h5").root
        #expect(try root.childNames == ["around", "dangling", "data", "outside", "soft", "type"])
        #expect(try root.kind(of: "soft") == .softLink(target: "/data/x"))
        #expect(try root.kind(of: "outside") == .externalLink(file: "numbers.h5", target: "/scalar"))
        #expect(try root.kind(of: "type") == .namedDatatype)
        #expect(try root.dataset("soft").read(as: Float.self) == [0, 1, 2])
        let error = try hdf5Error { _ = try root.dataset("outside") }
        #expect(error.kind == .otherFile)
        #expect(error.reason.contains("'outside' is an external link to '/scalar' in the file 'numbers.h5'"))
        // Behind a soft link too, and without a word about what lies there.
        #expect(throws: HDF5Error.self) { try root.dataset("around") }
        #expect(throws: HDF5Error.self) { try root.dataset("dangling") }
        #expect(try !root.contains("outside"))
        #expect(try !root.contains("around"))
        #expect(try !root.contains("dangling"))
        #expect(try root.contains("soft"))
    }
}
