import ModelFile
import Testing

@Suite("In what a run differs from the one that wrote a checkpoint")
struct RunIdentityTests {
    private let written = CheckpointTests.identity

    private func sentences(_ change: (inout RunIdentity) -> Void) -> [String] {
        var run = written
        change(&run)
        return run.differences(from: written).map(\.description)
    }

    @Test("In nothing")
    func equal() {
        #expect(sentences { _ in } == [])
    }

    @Test("Settings are named by their path, with both values")
    func settings() {
        let found = sentences {
            $0.settings = ["optimizer": ["name": "sgd", "learning_rate": 0.1, "momentum": 0.9], "seed": nil]
        }
        #expect(
            found == [
                "the setting optimizer.momentum is 0.9, and was not there in the checkpoint",
                "the setting optimizer.name is \"sgd\", and was \"adam\" in the checkpoint",
                "the setting seed is null, and was 7 in the checkpoint",
            ])
    }

    @Test("Data, kernel, version, and what settings do not hold")
    func others() {
        #expect(
            sentences { $0.dataFingerprint = "f" }
                == [
                    "the fingerprint of the training rows (their values, order and preparation) is f, and was "
                        + "0123456789abcdef in the checkpoint"
                ])
        #expect(
            sentences { ($0.dataFingerprint, $0.rowCount) = ("f", 3) }
                == ["the number of training rows is 3, and was 1000000007 in the checkpoint"])
        #expect(
            sentences { $0.blasKernel = "Haswell" }
                == ["the BLAS kernel is Haswell, and was SkylakeX in the checkpoint"])
        #expect(sentences { $0.shuffles = false } == ["shuffling is false, and was true in the checkpoint"])
        #expect(
            sentences { ($0.settings, $0.seed) = ([:], 1) }.last
                == "the seed is 1, and was 18446744073709551615 in the checkpoint")
        var run = written
        run.version = "9"
        #expect(run.differences(from: written).map(\.kind) == [.version])
    }
}
