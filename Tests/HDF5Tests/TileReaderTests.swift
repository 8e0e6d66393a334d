import Foundation
import HDF5
import Testing

/// Reading tile by tile, held against what the library reads by itself.
@Suite struct TileReaderTests {
    /// All values of a dataset in the order of its elements, put together from tiles.
    private func values(_ dataset: Dataset, along axis: Int, step: Int) throws -> [Float] {
        let part = try #require(try dataset.parts.first)
        let reader = try TileReader(dataset, parts: [part], along: axis)
        let workspace = TileWorkspace()
        var values = [Float](repeating: .nan, count: dataset.elementCount)
        for start in stride(from: 0, to: dataset.shape[axis], by: step) {
            let range = start..<min(start + step, dataset.shape[axis])
            for tile in reader.tiles(covering: range) {
                try reader.read(tile, workspace) { (bytes) throws(HDF5Error) in
                    guard let base = bytes.baseAddress else { return }
                    for index in 0..<bytes.count / dataset.elementByteCount {
                        guard let place = place(index, of: tile, in: dataset.shape) else { continue }
                        let grid = ValueGrid(
                            start: base + index * dataset.elementByteCount, rows: 1, values: 1, rowStride: 0,
                            valueStride: 0)
                        var value: Float = 0
                        try part.decode(grid, into: &value, targetStride: 1)
                        values[place] = value
                    }
                }
            }
        }
        return values
    }

    /// The position in the dataset of an element of a tile; `nil` beyond the end.
    private func place(_ index: Int, of tile: TileReader.Tile, in shape: [Int]) -> Int? {
        var rest = index
        var coordinates = tile.origin
        for axis in shape.indices.reversed() {
            coordinates[axis] += rest % tile.extents[axis]
            rest /= tile.extents[axis]
        }
        guard zip(coordinates, shape).allSatisfy({ $0 < $1 }) else { return nil }
        return zip(coordinates, shape).reduce(0) { $0 * $1.1 + $1.0 }
    }

    @Test(
        arguments: ["filtered", "cube", "unfilled", "limits/f2", "boolean", "color", "little/f4", "big/u2"], [0, 1, 2])
    func whatTheLibraryReads(_ name: String, _ axis: Int) throws {
        let dataset = try Fixture.open("numbers.h5").root.dataset(name)
        guard axis < dataset.shape.count else { return }
        // NaN equals itself here.
        let expected = try dataset.read(as: Float.self).map { $0.isNaN ? nil : $0 }
        for step in [1, 3, 1000] {
            #expect(try values(dataset, along: axis, step: step).map { $0.isNaN ? nil : $0 } == expected)
        }
    }

    @Test(arguments: ["stored", "skipped", "never", "partial", "nbit", "scaled", "checked", "twice", "late"])
    func filtersAndGaps(_ name: String) throws {
        let dataset = try Fixture.open("chunks.h5").root.dataset(name)
        let expected = try dataset.read(as: Float.self)
        #expect(try values(dataset, along: 0, step: 5) == expected)
        #expect(expected.contains { $0 != 0 })
    }

    /// Files in memory have no descriptor to read from.
    @Test func inMemory() throws {
        let file = try File(inMemoryNamed: "tiles")
        let dataset = try file.root.createDataset("x", shape: [9, 2], values: (0..<18).map { Float($0) })
        #expect(try values(dataset, along: 0, step: 4) == (0..<18).map { Float($0) })
    }

    // MARK: - Damage

    @Test(arguments: [
        ("bomb", "a compressed chunk is damaged: it does not unpack to its 400 bytes"),
        ("short", "a compressed chunk is damaged: it does not unpack to its 400 bytes"),
        ("garbage", "a compressed chunk is damaged: it does not unpack to its 400 bytes"),
        ("cut", "a compressed chunk is damaged: it does not unpack to its 400 bytes"),
        ("oversized", "it declares a stored chunk of 9000 bytes, and its elements take 400"),
        ("checksum", "a chunk does not match its checksum"), ("tiny", "a chunk does not match its checksum"),
        ("many", "it declares 1152921504606846976 elements of 1 bytes, but the file holds only 0 bytes of them"),
        ("wide", "it declares 4 x 2147483648 elements of 1 bytes, but the file holds only 0 bytes of them"),
        ("vast", "its chunks of 3221225472 elements are far larger than the "),
    ])
    func damage(_ name: String, _ reason: String) throws {
        let dataset = try Fixture.open("hostile.h5").root.dataset(name)
        let error = try hdf5Error { _ = try values(dataset, along: 0, step: 1_000) }
        #expect(error.kind == .badFile)
        #expect(error.reason.hasPrefix(reason))
        #expect(error.path.hasSuffix("hostile.h5:/\(name)"))
    }

    /// A chunk that was never written is zeros, as the library has it.
    @Test func neverWritten() throws {
        let dataset = try Fixture.open("hostile.h5").root.dataset("empty")
        #expect(try values(dataset, along: 0, step: 7) == [Float](repeating: 0, count: 100))
    }

    @Test func stringsOfAnyLengthAreNoTiles() throws {
        let dataset = try Fixture.open("strings.h5").root.dataset("variable_utf8")
        let error = try hdf5Error { _ = try TileReader(dataset, parts: dataset.parts, along: 0) }
        #expect(error.kind == .wrongObject)
    }
}
