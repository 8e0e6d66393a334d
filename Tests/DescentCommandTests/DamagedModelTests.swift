import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// The library for HDF5 files may itself fall over damaged ones; the command does not (`HostileHDF5Tests`).
@Suite("Damaged model files")
struct DamagedModelTests {
    private func inspect(_ image: Data, in directory: TemporaryDirectory) throws -> Command.Result {
        let path = try directory.write(image, to: "damaged.h5")
        let result = try Command.run(["inspect", path])
        let code = try #require(result.exitCode, "signal \(result.signal ?? 0): \(result.errors)")
        #expect([0, 65].contains(code), "\(result.errors)")
        if code == 65 { #expect(result.failure?.contains(path) == true, "\(result.errors)") }
        return result
    }

    @Test("Cut short", arguments: [0, 1, 8, 95, 96, 512, 800, 2048, 4096, 6000, -2000, -100, -8, -1])
    func truncated(_ length: Int) throws {
        let directory = try TemporaryDirectory()
        let image = try bytes(Examples.model(in: directory))
        let kept = length < 0 ? image.count + length : length
        try #require(kept >= 0 && kept < image.count)
        let result = try inspect(image.prefix(kept), in: directory)
        #expect(result.exitCode != 0)
    }

    @Test("A byte changed", arguments: 0..<60)
    func mutated(_ number: Int) throws {
        let directory = try TemporaryDirectory()
        var image = try bytes(Examples.keras("keras2_mlp.h5"))
        var random = CounterRandom.test(7000 + number)
        // Twice as often among the first bytes, where the structure is.
        let limit = number.isMultiple(of: 2) ? 2048 : image.count
        let position = image.startIndex + random.int(in: 0...limit - 1)
        image[position] ^= UInt8(1 << random.int(in: 0...7))
        _ = try inspect(image, in: directory)
    }
}
