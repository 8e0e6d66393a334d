import Foundation
import HDF5
import Testing

@Suite("Datasets that grow")
struct GrowingDatasetTests {
    @Test("Rows are appended, across the borders of chunks", arguments: [1, 3, 64])
    func numbers(_ chunkRows: Int) throws {
        let file = try File(inMemoryNamed: "growing")
        var vector = try file.root.createGrowingDataset("v", kind: .int64, chunkRows: chunkRows)
        var matrix = try file.root.createGrowingDataset("m", rowShape: [2], kind: .float, chunkRows: chunkRows)
        var texts = try file.root.createGrowingStrings("s", chunkRows: chunkRows)
        var first = 0
        for count in [0, 1, 2, 7, 20] {
            let rows = first..<first + count
            try vector.append(rows.map { Int64($0) })
            try matrix.append(rows.flatMap { [Float($0), -Float($0)] })
            try texts.append(rows.map { "t\($0)" })
            first += count
        }
        #expect(vector.rowCount == 30)
        let image = try File(image: file.image())
        #expect(try image.root.dataset("v").read(as: Int64.self) == Array(0..<30))
        let found = try image.root.dataset("m")
        #expect(found.shape == [30, 2])
        #expect(found.layout == .chunked([chunkRows, 2]))
        #expect(try found.read(as: Float.self) == (0..<30).flatMap { [Float($0), -Float($0)] })
        #expect(try image.root.dataset("s").readStrings() == (0..<30).map { "t\($0)" })
    }
}

@Suite("Chunks packed here")
struct ChunkWriterTests {
    @Test("The library unpacks what was packed here", arguments: [nil, 1, 9] as [Int?])
    func packed(_ deflate: Int?) throws {
        let file = try File(inMemoryNamed: "chunks")
        let options = DatasetOptions(chunkShape: [4, 3], deflate: deflate, shuffle: deflate != nil)
        let dataset = try file.root.createDataset("x", shape: [10, 3], kind: .int32, options: options)
        let writer = ChunkWriter(dataset)
        #expect(writer.chunkByteCount == 48)
        for first in stride(from: 0, to: 10, by: 4) {
            let values = (0..<12).map { Int32(first * 3 + $0 < 30 ? first * 3 + $0 : 0) * 1_000_003 }
            try values.withUnsafeBytes { try writer.write(writer.packed($0), at: [first, 0]) }
        }
        #expect(
            try File(image: file.image()).root.dataset("x").read(as: Int32.self)
                == (0..<30).map { Int32($0) * 1_000_003 })
    }
}
