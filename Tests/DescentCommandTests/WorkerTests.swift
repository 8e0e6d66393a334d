import TestSupport
import Testing

@Suite("The same bytes on any number of workers")
struct WorkerTests {
    static let optimizers = [
        ["--optimizer", "sgd", "--momentum", "0.9", "--nesterov"], ["--optimizer", "adam", "--l2", "0.001"],
        ["--optimizer", "adamw", "--weight-decay", "0.01", "--schedule", "one-cycle"],
        ["--optimizer", "rmsprop", "--momentum", "0.5", "--clip-norm", "1"],
        ["--optimizer", "adagrad", "--clip-value", "0.01", "--schedule", "cosine", "--warmup", "3"],
    ]

    @Test("With dropout, a partial batch and several shards", arguments: optimizers)
    func classification(_ optimizer: [String]) throws {
        let directory = try TemporaryDirectory()
        var models: [String] = []
        // Two counts for each optimizer; all of them in the test below.
        let index = Self.optimizers.firstIndex(of: optimizer) ?? 0
        for workers in [1, [2, 3, 5, 8, 7][index]] {
            let model = directory.path("\(workers).h5")
            try Command.succeed(
                [
                    "train", Examples.breastCancer, "--target", "diagnosis", "--layers", "24,16", "--dropout", "0.2",
                    "--input-dropout", "0.1", "--epochs", "2", "--batch-size", "100", "--shards", "7", "--seed", "3",
                    "--workers", "\(workers)", "--quiet", "--output", model,
                ] + optimizer)
            models.append(model)
        }
        let first = try bytes(models[0])
        for model in models.dropFirst() { #expect(try bytes(model) == first, "\(model)") }
    }

    @Test("For a regression with weights, and by the shards of the rule")
    func regression() throws {
        let directory = try TemporaryDirectory()
        var models: [String] = []
        for workers in [1, 2, 3, 5, 8] {
            let model = directory.path("\(workers).h5")
            try Command.succeed([
                "train", Examples.diabetes, "--target", "progression", "--weight", "sex", "--layers", "64", "--epochs",
                "2",
                "--batch-size", "256", "--workers", "\(workers)", "--scale", "minmax", "--quiet", "--output", model,
            ])
            models.append(model)
        }
        let first = try bytes(models[0])
        for model in models.dropFirst() { #expect(try bytes(model) == first, "\(model)") }
    }

    @Test("Another seed gives other bytes")
    func seed() throws {
        let directory = try TemporaryDirectory()
        for seed in ["1", "2"] {
            try Command.succeed([
                "train", Examples.iris, "--target", "species", "--layers", "4", "--epochs", "1", "--seed", seed,
                "--quiet",
                "--output", directory.path(seed),
            ])
        }
        let first = try bytes(directory.path("1"))
        #expect(try bytes(directory.path("2")) != first)
    }
}
