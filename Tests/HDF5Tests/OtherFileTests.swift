import HDF5
import Testing

/// Files that lead to others: refused unless that is asked for.
@Suite struct OtherFileTests {
    @Test(arguments: ["outside", "around"]) func externalLinks(_ name: String) throws {
        let closed = try Fixture.open("links.h5").root
        #expect(try hdf5Error { _ = try closed.dataset("outside") }.kind == .otherFile)
        #expect(try !closed.contains(name))
        let open = try File(opening: Fixture.path("links.h5"), opensOtherFiles: true).root
        #expect(try open.contains(name))
        #expect(try open.dataset(name).read(as: Float.self) == [2.5])
        #expect(try open.kind(of: "outside") == .externalLink(file: "numbers.h5", target: "/scalar"))
    }

    @Test func virtualDatasets() throws {
        let open = try File(opening: Fixture.path("refused.h5"), opensOtherFiles: true).root
        let dataset = try open.dataset("virtual")
        #expect(try dataset.read(as: Float.self) == [0, 1, 2])
    }

    /// The library would read fill values for what is not there.
    @Test func partsThatAreNotThere() throws {
        let bytes = try Fixture.bytes("refused.h5")
        try Fixture.withTemporaryFile(bytes) { path in
            let open = try File(opening: path, opensOtherFiles: true).root
            let error = try hdf5Error { _ = try open.dataset("virtual").read(as: Float.self) }
            #expect(error.kind == .otherFile)
            #expect(error.reason == "a part of it lies in the file 'links.h5', which is not there")
            #expect(try hdf5Error { _ = try open.dataset("external").read(as: Float.self) }.kind == .library)
        }
    }
}
