import Descent
import Foundation
import TestSupport
import Testing

@Suite("descent train --log")
struct EventLogTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func log(_ arguments: [String]) throws -> EventLines {
        let path = directory.path("log.jsonl")
        try Command.succeed(
            ["train"] + arguments + ["--log", path, "--quiet", "--output", directory.path("model.h5")])
        return try EventLines(path)
    }

    private func names(of event: JSONValue) -> Set<String> {
        guard case .object(let members) = event else { return [] }
        return Set(members.keys)
    }

    @Test("A start, an epoch after the other, an end, with the members that the contract names")
    func classification() throws {
        let events = try log([
            Examples.iris, "--target", "species", "--test", Examples.iris, "--layers", "8", "--epochs", "3",
            "--batch-size",
            "32", "--seed", "5",
        ])
        #expect(events.map { $0["event"] } == ["start", "epoch", "epoch", "epoch", "end"])

        let start = events[0]
        for name in ["descent", "hdf5", "blas_kernel"] { #expect(start[name]?.string?.isEmpty == false, "\(name)") }
        #expect(start["configuration"]?["seed"] == 5)
        #expect(start["configuration"]?["batch_size"] == 32)
        #expect(start["configuration"]?["optimizer"]?["learning_rate"] == 0.001)
        #expect(start["configuration"]?["loss"] == "softmax-cross-entropy")
        #expect(start["data"]?["rows"] == 135)
        #expect(start["data"]?["validation_rows"] == 15)
        #expect(start["data"]?["fingerprint"]?.string?.count == 16)
        #expect(start["parameters"] == .number(67))

        let wanted: Set = [
            "event", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds",
            "samples_per_second",
        ]
        for epoch in 1...3 {
            let event = events[epoch]
            #expect(names(of: event).isSuperset(of: wanted), "\(event.text)")
            #expect(event["epoch"]?.integer == epoch)
            #expect(event["learning_rate"]?.number == 0.001)
            let seconds = try #require(event["seconds"]?.number)
            let rate = try #require(event["samples_per_second"]?.number)
            #expect(abs(seconds * rate - 135) < 1e-6)
        }
        let end = events[4]
        #expect(end["epochs"] == 3)
        #expect(end["interrupted"] == false)
        #expect(names(of: end).isSuperset(of: ["test_loss", "test_accuracy", "seconds", "output"]))
    }

    @Test("The log and the model tell the same history")
    func history() throws {
        let events = try log([Examples.diabetes, "--target", "progression", "--layers", "8", "--epochs", "2"])
        let history = try Model(contentsOf: directory.path("model.h5")).history
        try #require(history.count == 2)
        for (record, event) in zip(history, events[1...2]) {
            #expect(!record.metrics.isEmpty)
            for metric in record.metrics { #expect(event[metric.name]?.number == metric.value, "\(metric.name)") }
        }
        #expect(names(of: events[1]).isSuperset(of: ["loss", "mse", "val_mse", "val_mae", "val_rmse", "val_r2"]))
    }

    @Test("Equal data have equal fingerprints, other data others")
    func fingerprint() throws {
        func fingerprint(_ arguments: [String]) throws -> String? {
            try log([Examples.iris, "--target", "species", "--layers", "none", "--epochs", "1"] + arguments)[0][
                "data"]?[
                    "fingerprint"]?.string
        }
        let first = try fingerprint([])
        #expect(first?.count == 16)
        #expect(try fingerprint(["--layers", "8"]) == first)
        #expect(try fingerprint(["--ignore", "0"]) != first)
        #expect(try fingerprint(["--seed", "9"]) != first)
    }

    @Test("A run that fails leaves a log that says why")
    func failure() throws {
        let path = directory.path("log.jsonl")
        try Command.fail(
            70, naming: ["learning rate"],
            [
                "train", Examples.iris, "--target", "species", "--layers", "8", "--learning-rate", "1e30", "--log",
                path,
                "--quiet", "--output", directory.path("model.h5"),
            ])
        let events = try EventLines(path)
        #expect(events.first?["event"] == "start")
        #expect(events.last?["event"] == "end")
        #expect(events.last?["error"]?.string?.contains("not a finite number") == true)
    }
}
