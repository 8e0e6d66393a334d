import Descent
import Foundation
import TestSupport
import Testing

@Suite("Signals")
struct InterruptionTests {
    @Test(
        "Training stops, saves a model that opens, and says so with 128 and the signal's number",
        arguments: zip([SIGINT, SIGTERM, SIGHUP], [130, 143, 129] as [Int32]))
    func interrupt(_ signal: Int32, _ exitCode: Int32) throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("model.h5")
        let log = directory.path("log.jsonl")
        let command = try RunningCommand([
            "train", Examples.digits, "--target", "label", "--layers", "64", "--epochs", "1000000", "--log", log,
            "--output", model,
        ])
        let deadline = Date(timeIntervalSinceNow: 20)
        while !command.errors.contains("epoch "), Date() < deadline { usleep(10_000) }
        try #require(command.errors.contains("epoch "))
        command.interrupt(SIGUSR1)
        command.interrupt(signal)
        let start = Date()
        let result = try command.result(within: 20)
        #expect(Date().timeIntervalSince(start) < 2)
        #expect(result.exitCode == exitCode)
        #expect(result.failure?.contains("interrupted") == true)
        #expect(result.failure?.contains(model) == true)
        let saved = try Model(contentsOf: model)
        #expect(!saved.history.isEmpty)
        #expect(try EventLines(log).last?["interrupted"] == true)
        #expect(try Set(directory.contents).subtracting(["model.previous.h5"]) == ["log.jsonl", "model.h5"])
        let answers = try Command.succeed(["predict", model, Examples.digits, "--output", "-", "--quiet"])
        #expect(records(answers.output).count == 1798)
    }

    @Test("An epoch that is not over is stopped too")
    func withinEpoch() throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("model.h5")
        // Millions of one-row steps: the first epoch would last far longer than this test may.
        let table = "a,t\n" + (0..<20_000).map { "\($0 % 100),\($0 % 2)\n" }.joined()
        let command = try RunningCommand(
            [
                "train", "-", "--target", "t", "--layers", "512,512", "--batch-size", "1", "--epochs", "1000",
                "--output",
                model,
            ], input: table)
        let deadline = Date(timeIntervalSinceNow: 20)
        while !command.errors.contains("parameters"), Date() < deadline { usleep(10_000) }
        usleep(300_000)
        command.interrupt()
        let result = try command.result(within: 20)
        #expect(result.exitCode == 130)
        #expect(!result.errorLines.contains { $0.hasPrefix("epoch ") })
        #expect(try Model(contentsOf: model).history.isEmpty)
    }

    @Test("SIGUSR1 saves, and training goes on")
    func saveAndGoOn() throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("model.h5")
        let command = try RunningCommand([
            "train", Examples.digits, "--target", "label", "--layers", "64", "--epochs", "1000000", "--output", model,
        ])
        try wait { command.errors.contains("epoch ") }
        #expect(try !directory.contents.contains("model.h5"))
        var steps: [Int] = []
        for save in 1...3 {
            command.interrupt(SIGUSR1)
            try wait { (try? Checkpoint(contentsOf: model).run?.state.step).map { $0 > steps.last ?? 0 } ?? false }
            steps.append(try #require(try Checkpoint(contentsOf: model).run).state.step)
            #expect(steps.count == save && steps == steps.sorted())
        }
        command.interrupt(SIGTERM)
        #expect(try command.result(within: 20).exitCode == 143)
        #expect(try #require(try Checkpoint(contentsOf: model).run).state.step > steps[2])
    }

    @Test("A second signal ends the run at once, in the middle of a step, and harms no file")
    func second() throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("model.h5")
        // One step lasts for a second and more.
        let command = try RunningCommand([
            "train", Examples.largeTable(in: directory), "--layers", "512,512", "--validation-split", "0.5",
            "--batch-size", "30000", "--shards", "1", "--epochs", "1000", "--checkpoint-every", "1step", "--output",
            model,
        ])
        try wait { command.errors.contains("parameters") }
        usleep(300_000)
        command.interrupt(SIGINT)
        usleep(100_000)
        command.interrupt(SIGHUP)
        let start = Date()
        #expect(try command.result(within: 20).exitCode == 129)
        #expect(Date().timeIntervalSince(start) < 1)
        #expect(try !directory.contents.contains("model.h5"))
    }

    @Test("Scoring held-out rows is stopped too, and the epoch is completed by the run that goes on")
    func withinValidation() throws {
        let directory = try TemporaryDirectory()
        let model = directory.path("model.h5")
        // One row to train on, and so many to score that an epoch is little else.
        let table = try directory.write("a,t\n1,2\n2,3\n", to: "table.csv")
        let held = try directory.write(
            "a,t\n" + (0..<60_000).map { "\($0 % 100),\($0 % 7).5\n" }.joined(), to: "held.csv")
        let arguments = [
            "train", table, "--target", "t", "--task", "regression", "--valid", held, "--layers", "1024,1024",
            "--epochs", "2", "--output",
            model,
            "--resume",
        ]
        let command = try RunningCommand(arguments)
        try wait { command.errors.contains("parameters") }
        usleep(300_000)
        command.interrupt(SIGTERM)
        let start = Date()
        #expect(try command.result(within: 20).exitCode == 143)
        #expect(Date().timeIntervalSince(start) < 2)
        let state = try #require(try Checkpoint(contentsOf: model).run).state
        #expect(state.step == 1 && state.history.isEmpty)
    }

    private func wait(
        sourceLocation: SourceLocation = #_sourceLocation, until holds: () throws -> Bool
    ) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while try !holds(), Date() < deadline { usleep(10_000) }
        try #require(try holds(), sourceLocation: sourceLocation)
    }

    @Test("Before there is anything to save, a signal ends the run at once", arguments: [SIGINT, SIGTERM, SIGHUP])
    func whileReading(_ signal: Int32) throws {
        let directory = try TemporaryDirectory()
        // A pipe that nobody writes to holds the run up where it reads its table.
        let pipe = directory.path("table.csv")
        try #require(mkfifo(pipe, 0o600) == 0)
        let command = try RunningCommand(["train", pipe, "--target", "t", "--output", directory.path("model.h5")])
        let deadline = Date(timeIntervalSinceNow: 20)
        while try !directory.contents.contains(".model.h5.lock"), Date() < deadline { usleep(10_000) }
        usleep(100_000)
        command.interrupt(signal)
        #expect(try command.result(within: 20).exitCode == 128 + signal)
        #expect(try !directory.contents.contains("model.h5"))
    }

    @Test("A second run on the same output is refused, and the first goes on")
    func secondRun() throws {
        let directory = try TemporaryDirectory()
        let model = try directory.write("old", to: "model.h5")
        let arguments = [
            "train", Examples.digits, "--target", "label", "--layers", "64", "--epochs", "1000000", "--output", model,
        ]
        let first = try RunningCommand(arguments)
        let deadline = Date(timeIntervalSinceNow: 20)
        while !first.errors.contains("epoch "), Date() < deadline { usleep(10_000) }
        try Command.fail(73, naming: [model, "is being written by another run"], arguments)
        #expect(try read(model) == "old")
        first.interrupt()
        #expect(try first.result(within: 20).exitCode == 130)
        #expect(try directory.contents == ["model.h5", "model.previous.h5"])
    }
}
