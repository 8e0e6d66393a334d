import Descent
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Runs that are killed at random moments, among them while they save. `DESCENT_KILLS` says how often each configuration is
/// killed; a few times unless it is set.
@Suite("Training that is killed goes on to the same bytes")
struct KillTests {
    static let kills = ProcessInfo.processInfo.environment["DESCENT_KILLS"].flatMap { Int($0) } ?? 3

    /// A way to train. A run of it lasts for a second or more, and saves all the time.
    struct Configuration: Sendable, CustomTestStringConvertible {
        var name: String
        var isLarge = false
        var options: [String]

        var testDescription: String { name }
    }

    static let configurations = [
        Configuration(
            name: "plain",
            options: ["--layers", "48", "--epochs", "60", "--optimizer", "sgd", "--checkpoint-every", "3steps"]),
        Configuration(
            name: "dropout, Adam and a schedule",
            options: [
                "--layers", "48", "--epochs", "60", "--dropout", "0.3", "--schedule", "cosine", "--patience", "30",
                "--checkpoint-every", "7steps", "--keep", "3",
            ]),
        Configuration(
            name: "windows of rows",
            options: [
                "--layers", "48", "--epochs", "60", "--optimizer", "rmsprop", "--shuffle-window", "300",
                "--checkpoint-every", "1epoch", "--l2", "0.001",
            ]),
        Configuration(
            name: "a table larger than memory", isLarge: true,
            options: [
                "--layers", "8", "--epochs", "4", "--shuffle-window", "8000", "--momentum", "0.9",
                "--optimizer", "sgd",
                "--checkpoint-every", "10steps",
            ]),
        Configuration(
            name: "going back from numbers that are not finite",
            options: [
                "--layers", "48", "--epochs", "60", "--activation", "relu", "--task", "regression", "--optimizer",
                "sgd",
                "--learning-rate", "10", "--warmup", "300", "--on-nonfinite", "rollback", "--rollbacks", "30",
                "--checkpoint-every", "5steps",
            ]),
    ]

    @Test("A file that opens after every kill, and the final file of a run that was let be", arguments: configurations)
    func killed(_ configuration: Configuration) throws {
        let directory = try TemporaryDirectory()
        let data =
            try configuration.isLarge
            ? [Examples.largeTable(in: directory)] : [Examples.digits, "--target", "label"]
        func arguments(_ model: String, workers: Int) -> [String] {
            // What is left for rows holds no more than half of the large table.
            ["train"] + data + (configuration.isLarge ? ["--memory", workers == 1 ? "84M" : "96M"] : []) + [
                "--output", directory.path(model), "--resume", "--workers", "\(workers)",
            ]
                + configuration.options
        }
        let whole = try Command.succeed(arguments("whole.h5", workers: 1))
        #expect(whole.errors.contains("stay on disk") == configuration.isLarge)
        #expect(whole.errors.contains("back to step") == configuration.options.contains("rollback"))
        let expected = try bytes(directory.path("whole.h5"))
        let model = directory.path("killed.h5")
        func isWhole() throws -> Bool { try bytes(model) == expected }
        var random = CounterRandom(seed: UInt64(Date().timeIntervalSince1970 * 1e6), purpose: .testing)
        var (kills, killsInSaves, ends, tries) = (0, 0, 0, 0)
        var isThere = false
        while kills < Self.kills, tries < 4 * Self.kills {
            tries += 1
            let command = try RunningCommand(arguments("killed.h5", workers: 1 + tries % 2))
            usleep(UInt32(random.next() % 900_000))
            command.interrupt(SIGKILL)
            let result = try command.result(within: 30)
            if result.signal == SIGKILL {
                kills += 1
                killsInSaves += try directory.contents.contains { $0.hasSuffix("tmp") } ? 1 : 0
            } else {
                #expect(result.exitCode == 0, "\(result.errors)")
            }
            isThere = isThere || FileManager.default.fileExists(atPath: model)
            if isThere {
                let saved = try Checkpoint(contentsOf: model)
                #expect(saved.run != nil)
            }
            if result.exitCode == 0 {
                // Finished: it starts again.
                #expect(try isWhole())
                try FileManager.default.removeItem(atPath: model)
                isThere = false
                ends += 1
            }
        }
        try Command.succeed(arguments("killed.h5", workers: 2))
        #expect(try isWhole())
        let leftovers = try directory.contents.filter { $0.contains("tmp") }
        #expect(leftovers.isEmpty)
        if Self.kills >= 50 {
            print(
                "\(configuration.name): \(kills) kills, \(killsInSaves) of them inside saves, \(ends + 1) runs to the end"
            )
        }
    }

    @Test("Other settings and other data are refused with what differs, unless forced")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("m.h5")
        let common = ["train", Examples.iris, "--target", "species", "--layers", "5", "--output", model]
        _ = try Command.succeed(common + ["--epochs", "2"])
        try Command.fail(
            64, naming: ["the setting epochs is 3, and was 2 in the checkpoint", "--force"],
            common + ["--epochs", "3", "--resume"])
        try Command.fail(
            65, naming: ["fingerprint"], common + ["--epochs", "2", "--ignore", "sepal_length", "--resume"])
        // Of the file before, where the newest is damaged: both are named.
        var damaged = try bytes(model)
        damaged[damaged.count / 2] ^= 1
        let sound = try bytes(model)
        try sound.write(to: URL(filePath: directory.path("m.previous.h5")))
        try damaged.write(to: URL(filePath: model))
        try Command.fail(
            64, naming: ["\(model): is damaged", "m.previous.h5 is used instead; that one is of another run"],
            common + ["--epochs", "3", "--resume"])
        try sound.write(to: URL(filePath: model))
        let more = try Command.succeed(common + ["--epochs", "3", "--resume", "--force"])
        #expect(more.errors.contains("going on after step 4, with 2 of 3 epochs complete"))
        #expect(try Model(contentsOf: model).history.count == 3)
    }

    @Test("Nothing to go on from: training begins, and says so; a model without a state is refused")
    func nothing() throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("m.h5")
        let common = [
            "train", Examples.iris, "--target", "species", "--layers", "5", "--epochs", "2", "--output", model,
            "--resume",
        ]
        #expect(try Command.succeed(common).errors.contains("training starts from the beginning"))
        try Model(contentsOf: model).write(to: model)
        try Command.fail(65, naming: ["nothing from which its training could go on"], common)
    }

    @Test("The log of a run that goes on is continued")
    func log() throws {
        let directory = try TemporaryDirectory()
        let log = directory.path("log.jsonl")
        let common = [
            "train", Examples.iris, "--target", "species", "--layers", "5", "--epochs", "2", "--output",
            directory.path("m.h5"), "--resume", "--log", log,
        ]
        _ = try Command.succeed(common)
        _ = try Command.succeed(common)
        #expect(try EventLines(log).map { $0["event"]?.string } == ["start", "epoch", "epoch", "end", "start", "end"])
    }

    @Test(
        "Intervals that are none are refused", arguments: ["0steps", "epoch", "5", "-1min", "1.5epochs", "10 parsecs"])
    func intervals(_ text: String) throws {
        let result = try Command.run(["train", Examples.iris, "--checkpoint-every=\(text)"])
        #expect(result.exitCode == 64)
    }
}
