import HDF5
import Testing

/// Datasets that open, so that they can be listed, and are not read.
@Suite struct RefusedDatasetTests {
    private func refusal(of name: String) throws -> HDF5Error {
        let dataset = try Fixture.open("refused.h5").root.dataset(name)
        let error = try hdf5Error { try dataset.checkReadable() }
        #expect(try hdf5Error { _ = try dataset.read(as: Float.self) } == error)
        #expect(try hdf5Error { _ = try dataset.readRows(0..<1, as: Float.self) } == error)
        return error
    }

    @Test func missingFilter() throws {
        let error = try refusal(of: "lzf")
        #expect(error.kind == .unsupported)
        #expect(error.path.hasSuffix("refused.h5:/lzf"))
        #expect(error.reason.hasPrefix("it is compressed with filter 32000 (LZF), which HDF5 1."))
    }

    @Test func otherFiles() throws {
        #expect(try refusal(of: "external").reason.hasPrefix("its data lie in other files"))
        #expect(try refusal(of: "virtual").reason.hasPrefix("it is virtual"))
        let root = try Fixture.open("refused.h5").root
        #expect(try root.dataset("external").layout == .external)
        #expect(try root.dataset("virtual").layout == .virtual)
    }

    @Test func declaredButNotStored() throws {
        let error = try refusal(of: "huge")
        #expect(error.kind == .badFile)
        #expect(
            error.reason
                == "it declares 1099511627776 x 784 elements of 4 bytes, but the file holds only 0 bytes of them")
    }

    /// A file of 300 KB that says it holds 3 GB, in one piece: nothing is allocated for them.
    @Test func storedBeyondTheFile() throws {
        let file = try File(inMemoryNamed: "beyond")
        try file.root.createDataset("x", shape: [77_777], values: [Float](repeating: 1, count: 77_777))
        var image = try file.image()
        for (count, replacement) in [(77_777, 777_770_000), (77_777 * 4, 777_770_000 * 4)] as [(UInt64, UInt64)] {
            let pattern = withUnsafeBytes(of: count.littleEndian) { Array($0) }
            let bytes = withUnsafeBytes(of: replacement.littleEndian) { Array($0) }
            for range in image.ranges(of: pattern) { image.replaceSubrange(range, with: bytes) }
        }
        let dataset = try File(image: image).root.dataset("x")
        #expect(dataset.shape == [777_770_000])
        let error = try hdf5Error { _ = try dataset.read(as: Float.self) }
        #expect(error.kind == .badFile)
        #expect(error.reason.hasPrefix("it declares 3111080000 bytes of data in a file of "))
    }

    @Test func moreElementsThanCanBe() throws {
        let error = try hdf5Error { _ = try Fixture.open("refused.h5").root.dataset("beyond") }
        #expect(error.reason == "its shape declares more elements than can be")
    }
}
