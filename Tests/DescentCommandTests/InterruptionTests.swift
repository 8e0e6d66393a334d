import Descent
import Foundation
import TestSupport
import Testing

@Suite("Control-C")
struct InterruptionTests {
    @Test("Training stops, saves a model that opens, and says so with 130")
    func interrupt() throws {
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
        command.interrupt()
        let start = Date()
        let result = try command.result(within: 20)
        #expect(Date().timeIntervalSince(start) < 5)
        #expect(result.exitCode == 130)
        #expect(result.failure?.contains("interrupted") == true)
        #expect(result.failure?.contains(model) == true)
        let saved = try Model(contentsOf: model)
        #expect(!saved.history.isEmpty)
        #expect(try EventLines(log).last?["interrupted"] == true)
        #expect(try directory.contents == ["log.jsonl", "model.h5"])
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
}
