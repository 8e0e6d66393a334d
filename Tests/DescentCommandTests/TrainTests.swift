import Descent
import Foundation
import TestSupport
import Testing

@Suite("descent train")
struct TrainTests {
    let directory: TemporaryDirectory
    let model: String

    init() throws {
        directory = try TemporaryDirectory()
        model = directory.path("model.h5")
    }

    @Test("Training on digits learns, says what it decided, and writes one file")
    func digits() throws {
        let result = try Command.succeed([
            "train", Examples.digits, "--target", "label", "--layers", "32", "--epochs", "6", "--learning-rate", "0.01",
            "--output", model,
        ])
        #expect(try directory.contents == ["model.h5"])
        #expect(result.errors.contains("note: target 'label' is 10 different integers: classification into 10 classes"))
        #expect(result.errors.contains("1,617 rows to train on, 180 held out, 64 inputs, 10 outputs, 2,410 parameters"))
        #expect(result.errorLines.count { $0.hasPrefix("epoch ") } == 6)
        #expect(!result.errors.contains("\r"))
        #expect(result.output.hasPrefix("6 epochs in "))
        #expect(result.output.hasSuffix("saved \(model)\n"))
        let trained = try Model(contentsOf: model)
        #expect(trained.graph.outputSize == 10)
        #expect(trained.history.count == 6)
        let accuracy = try #require(trained.history.last?["val_accuracy"])
        #expect(accuracy > 0.9)
    }

    @Test("Nothing but results with --quiet")
    func quiet() throws {
        let result = try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "4", "--epochs", "1", "--quiet", "--output",
            model,
        ])
        #expect(result.errors == "")
        #expect(result.output.hasSuffix("saved \(model)\n"))
    }

    @Test("The network and the settings with --verbose, no epochs with --progress none")
    func verbose() throws {
        let result = try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "5", "--activation", "tanh", "--epochs", "2",
            "--verbose", "--progress", "none", "--output", model,
        ])
        #expect(result.errors.contains("dense, tanh"))
        #expect(result.errors.contains("settings: {"))
        #expect(!result.errorLines.contains { $0.hasPrefix("epoch ") })
    }

    @Test("The network is what the options say")
    func network() throws {
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "6, 5", "--activation", "gelu", "--dropout",
            "0.25",
            "--input-dropout", "0.125", "--l1", "0.5", "--l2", "0.25", "--epochs", "1", "--quiet", "--output", model,
        ])
        let regularizer = Regularizer(l1: 0.5, l2: 0.25)
        let expected = Graph(inputs: 4) {
            Dropout(0.125)
            Dense(6, activation: .gelu, kernelRegularizer: regularizer)
            Dropout(0.25)
            Dense(5, activation: .gelu, kernelRegularizer: regularizer)
            Dropout(0.25)
            Dense(3, kernelRegularizer: regularizer)
        }
        let trained = try Model(contentsOf: model)
        #expect(trained.graph.nodes.map(\.operation) == expected.nodes.map(\.operation))
        #expect(trained.outputActivation == .softmax)
    }

    @Test("Without hidden layers the network is linear")
    func linear() throws {
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "none", "--epochs", "1", "--quiet", "--output",
            model,
        ])
        #expect(try Model(contentsOf: model).parameters.layout.parameterCount == 4 * 3 + 3)
    }

    @Test("A binary target with binary cross-entropy has one output")
    func binary() throws {
        let result = try Command.succeed([
            "train", Examples.breastCancer, "--target", "diagnosis", "--loss", "binary-cross-entropy", "--layers", "8",
            "--epochs", "3", "--learning-rate", "0.01", "--output", model,
        ])
        #expect(result.errors.contains("1 output,"))
        let trained = try Model(contentsOf: model)
        #expect(trained.outputActivation == .sigmoid)
        #expect(try #require(trained.history.last?["val_accuracy"]) > 0.85)
    }

    @Test("Rows to validate on come from a file, from a share, or not at all")
    func validation() throws {
        let common = [
            "train", Examples.iris, "--target", "species", "--layers", "4", "--epochs", "1", "--output", model,
        ]
        #expect(
            try Command.succeed(common + ["--validation-split", "0.2"]).errors.contains("120 rows to train on, 30 held")
        )
        let without = try Command.succeed(common + ["--validation-split", "0"])
        #expect(without.errors.contains("150 rows to train on, 4 inputs"))
        #expect(!without.errors.contains("val_loss"))
        #expect(try Model(contentsOf: model).history[0]["val_loss"] == nil)
        let separate = try Command.succeed(common + ["--valid", Examples.iris])
        #expect(separate.errors.contains("150 rows to train on, 4 inputs"))
        #expect(separate.errors.contains("val_loss"))
    }

    @Test("Early stopping keeps the best weights")
    func patience() throws {
        let log = directory.path("log.jsonl")
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "16", "--learning-rate", "0.3", "--epochs", "60",
            "--patience", "2", "--monitor", "val_accuracy", "--log", log, "--quiet", "--output", model,
        ])
        let trained = try Model(contentsOf: model)
        #expect(trained.history.count < 60)
        let accuracies = trained.history.compactMap { $0["val_accuracy"] }
        let best = try #require(accuracies.max())
        #expect(trained.history.count == (accuracies.firstIndex(of: best) ?? 0) + 3)
        let end = try #require(try EventLines(log).last)
        #expect(end["best_epoch"] == .number(Double((accuracies.firstIndex(of: best) ?? 0) + 1)))
    }

    @Test("Time runs out at --max-time, and the model is saved")
    func maxTime() throws {
        let result = try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "4", "--epochs", "1000000", "--max-time", "0.3s",
            "--progress", "none", "--output", model,
        ])
        #expect(result.output.contains("stopped by --max-time"))
        #expect(try Model(contentsOf: model).history.count < 1_000_000)
    }

    @Test("Class weights and sample weights change what is learnt")
    func weights() throws {
        let table = try directory.write(
            "a,w,kind\n"
                + (0..<40).map { "\($0 % 5),\($0 % 4 == 0 ? 9 : 0.1),\($0 % 4 == 0 ? "rare" : "common")\n" }.joined(),
            to: "table.csv")
        let common = [
            "train", table, "--target", "kind", "--layers", "none", "--epochs", "40", "--learning-rate", "0.1",
            "--quiet",
            "--validation-split", "0", "--output", model,
        ]
        func predicted(_ arguments: [String]) throws -> Set<String> {
            try Command.succeed(common + arguments)
            let answers = try Command.succeed(["predict", model, table, "--output", "-", "--quiet"])
            return Set(records(answers.output).dropFirst().map { $0[0] })
        }
        #expect(try predicted(["--ignore", "w"]) == ["common"])
        #expect(try predicted(["--ignore", "w", "--class-weight", "{\"rare\": 30}"]) == ["rare"])
        #expect(try predicted(["--weight", "w"]) == ["rare"])
        try Command.succeed(common + ["--ignore", "w", "--class-weight", "balanced"])
        let balanced = try Model(contentsOf: model)
        #expect(balanced.settings?["class_weight"] == "balanced")
    }

    @Test("Several files are one table, whatever the order of their columns")
    func severalFiles() throws {
        let whole = Examples.table(rows: 40)
        let lines = whole.split(separator: "\n").map(String.init)
        let first = try directory.write(lines[0...20].joined(separator: "\n") + "\n", to: "first.csv")
        let swapped = lines[21...].map { line in
            let fields = line.split(separator: ",")
            return "\(fields[2]),\(fields[0]),\(fields[1])"
        }
        let second = try directory.write("kind,a,b\n" + swapped.joined(separator: "\n") + "\n", to: "second.csv")
        let one = try directory.write(whole, to: "whole.csv")
        let options = ["--target", "kind", "--layers", "4", "--epochs", "2", "--quiet", "--output"]
        try Command.succeed(["train", first, second] + options + [model])
        try Command.succeed(["train", one] + options + [directory.path("whole.h5")])
        #expect(try bytes(model) == bytes(directory.path("whole.h5")))
    }

    @Test("A table comes from standard input")
    func standardInput() throws {
        let table = try directory.write(Examples.table(), to: "table.csv")
        let options = ["--target", "kind", "--layers", "4", "--epochs", "2", "--output"]
        let result = try Command.succeed(["train", "-"] + options + [model], input: Examples.table())
        #expect(result.errors.contains("standard input: 27 rows to train on, 3 held out"))
        try Command.succeed(["train", table] + options + [directory.path("file.h5")])
        #expect(try bytes(model) == bytes(directory.path("file.h5")))
    }

    @Test("Without a header, columns are named by their indices")
    func headerless() throws {
        let table = try directory.write(Examples.table(header: nil), to: "table.csv")
        try Command.succeed(["train", table, "--target", "2", "--layers", "4", "--epochs", "1", "--output", model])
        let schema = try #require(try Model(contentsOf: model).encoding?.schema)
        #expect(schema.features.count == 2)
        #expect(schema.target == .classes(column: schema.target.columns[0], labels: ["high", "low"]))
    }

    @Test("Columns are chosen by names, indices and globs")
    func columns() throws {
        func features(_ arguments: [String]) throws -> [String] {
            try Command.succeed(
                ["train", Examples.iris, "--target", "species", "--layers", "none", "--epochs", "1", "--output", model]
                    + arguments)
            return try #require(try Model(contentsOf: model).encoding).schema.features.map(\.column)
        }
        let names = try records(read(Examples.iris))[0]
        #expect(try features(["--features", "petal*"]) == names.filter { $0.hasPrefix("petal") })
        #expect(try features(["--ignore", "*width*"]) == names.filter { !$0.contains("width") && $0 != "species" })
        #expect(try features(["--features", "0,3", "--ignore", names[3]]) == [names[0]])
    }

    @Test("Columns of yes and no are learnt together")
    func multilabel() throws {
        let table = try directory.write(
            "a,b,p,q\n" + (0..<40).map { "\($0 % 7),\($0 % 5),\($0 % 7 > 3 ? 1 : 0),\($0 % 5 > 1 ? 1 : 0)\n" }.joined(),
            to: "table.csv")
        let result = try Command.succeed([
            "train", table, "--target", "p", "--target", "q", "--layers", "16", "--epochs", "60", "--learning-rate",
            "0.03", "--output", model,
        ])
        #expect(result.errors.contains("targets 'p', 'q' are 0 and 1: multilabel classification"))
        let answers = try Command.succeed(["predict", model, table, "--output", "-", "--proba", "--quiet"])
        let rows = records(answers.output)
        #expect(rows[0] == ["p", "q", "p_p", "p_q"])
        let given = try records(read(table))
        #expect(zip(rows.dropFirst(), given.dropFirst()).count { $0.prefix(2) == $1.suffix(2) } >= 38)
    }

    @Test("An existing model is replaced whole, with its permissions")
    func replaces() throws {
        _ = try directory.write("old", to: "model.h5")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: model)
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "4", "--epochs", "1", "--quiet", "--output",
            model,
        ])
        #expect(try Model(contentsOf: model).graph.outputSize == 3)
        let attributes = try FileManager.default.attributesOfItem(atPath: model)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try directory.contents == ["model.h5", "model.previous.h5"])
        #expect(try read(directory.path("model.previous.h5")) == "old")
    }
}
