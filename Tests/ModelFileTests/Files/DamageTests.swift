import Foundation
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("Damaged files are found out, whatever the damage")
struct DamageTests {
    private let image: [UInt8]
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        image = try CheckpointTests.checkpoint().image()
        directory = try TemporaryDirectory()
        path = directory.path("model.h5")
    }

    /// Reads bytes that are not those that were written.
    private func expectRefusal(_ bytes: [UInt8], _ context: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
        for read in [{ _ = try Model(contentsOf: path) }, { _ = try Checkpoint(contentsOf: path) }] {
            do {
                try read()
                Issue.record("\(context) went unnoticed")
            } catch let error as ModelError {
                #expect(error.kind == .badData && error.description.contains(path), "\(context): \(error)")
            }
        }
    }

    @Test("10,000 mutants: bits, bytes and runs of zeros changed, parts moved")
    func mutants() throws {
        var random = CounterRandom.test(90)
        for mutant in 0..<10_000 {
            var bytes = image
            // A third at the start, where the structure is, and a third around the checksum.
            let places = [0..<min(2048, bytes.count), bytes.count - 100..<bytes.count, 0..<bytes.count][mutant % 3]
            let position = random.int(in: places.lowerBound...places.upperBound - 1)
            switch random.int(in: 0...3) {
            case 0: bytes[position] ^= 1 << UInt8(random.int(in: 0...7))
            case 1:
                for _ in 0...random.int(in: 0...7) {
                    bytes[random.int(in: places.lowerBound...places.upperBound - 1)] = UInt8(random.int(in: 0...255))
                }
            case 2:
                for index in position..<min(bytes.count, position + random.int(in: 1...512)) { bytes[index] = 0 }
            default: bytes.swapAt(position, random.int(in: 0...bytes.count - 1))
            }
            guard bytes != image else { continue }
            try expectRefusal(bytes, "mutant \(mutant)")
        }
    }

    @Test("Cut at 200 lengths")
    func truncations() throws {
        for cut in 0..<200 { try expectRefusal(Array(image[..<(cut * image.count / 200)]), "cut \(cut)") }
        for count in (image.count - 130)..<image.count { try expectRefusal(Array(image[..<count]), "\(count) bytes") }
        try expectRefusal(image + [0], "one byte more")
        try expectRefusal(image + image.suffix(64), "two checksums")
    }
}
