import Descent
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("descent inspect")
struct InspectTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("A CSV: rows, columns, and what each holds")
    func csv() throws {
        let path = try directory.write("id,size,kind\n1,2.5,x\n2,NA,y\n3,4.5,x\n", to: "table.csv")
        let result = try Command.succeed(["inspect", path])
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines[0] == ["3", "rows,", "3", "columns"])
        #expect(lines[2] == ["0", "id", "integer", "0", "3", "1.0000", "2.0000", "3.0000"])
        #expect(lines[3] == ["1", "size", "number", "1", "2", "2.5000", "3.5000", "4.5000"])
        #expect(lines[4] == ["2", "kind", "text", "0", "2"])
        #expect(result.errors == "")
    }

    @Test("A CSV with another separator and no header")
    func format() throws {
        let path = try directory.write("1|2\n3|4\n", to: "table.csv")
        let result = try Command.succeed(["inspect", path, "--separator", "|", "--header", "no"])
        #expect(result.output.contains("2 rows, 2 columns"))
    }

    @Test("An HDF5 file: its tree, and what it is as a table")
    func hdf5() throws {
        let file = try File(inMemoryNamed: "table")
        try file.root.createDataset("deep/below", shape: [], values: [Int64(1)])
        try file.root.createDataset("x", shape: [4, 2], values: (0..<8).map(Float.init))
        try file.root.createDataset("y", shape: [4], values: [Int32(0), 1, 0, 1])
        let path = try directory.write(Data(file.image()), to: "table.h5")
        let result = try Command.succeed(["inspect", path])
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines[0] == "deep/")
        #expect(lines[1].hasPrefix("  below  scalar"))
        #expect(lines[2].hasPrefix("x  4 x 2"))
        #expect(lines[3].hasPrefix("y  4"))
        #expect(result.output.contains("4 rows, 3 columns"))
    }

    @Test("A model: layers, shapes, parameters, schema, history and settings")
    func model() throws {
        let path = directory.path("model.h5")
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "7", "--activation", "tanh", "--epochs", "2",
            "--seed", "11", "--quiet", "--output", path,
        ])
        let output = try Command.succeed(["inspect", path]).output
        for fragment in [
            "dense, tanh", "59 parameters", "predictions: softmax of the outputs",
            "target: 'species', one of 3 classes: 'setosa', 'versicolor', 'virginica'", "features: 4 columns, 4 inputs",
            "  petal_width: number", "output shape", "rows x 7", "checksum: the SHA-256", "training configuration",
            "  optimizer.name           adam", "history: 2 epochs", "● loss  ○ val_loss",
            "state: 4 steps taken, 2 of 2 epochs complete",
        ] {
            #expect(output.contains(fragment), "\(fragment)")
        }
        let model = try Model(contentsOf: path)
        let loss = try #require(model.history.last?["val_loss"])
        #expect(output.contains(String(format: "%.4f", loss)))
        #expect(output.contains(/\n\ \ seed\ +11\n/))
        let json = try JSONValue(parsing: Command.succeed(["inspect", path, "--json"]).output)
        #expect(json["checksum"]?.string == "verified")
        #expect(json["layers"]?.array?.compactMap { $0["parameters"]?.integer } == [0, 35, 24])
        #expect(json["history"]?.array?.last?["val_loss"]?.number == loss)
        #expect(json["features"]?.array?.count == 4 && json["classes"]?.array?.count == 3)
        #expect(json["settings"]?["seed"]?.integer == 11)
        #expect(json["state"]?["step"]?.integer == 4 && json["state"]?["steps_per_epoch"]?.integer == 2)
    }

    @Test("A run that was stopped in the middle of an epoch: where it stands")
    func interrupted() throws {
        let path = directory.path("model.h5")
        try Command.succeed([
            "train", Examples.digits, "--target", "label", "--layers", "300", "--batch-size", "1", "--epochs", "1000",
            "--max-time", "0.2s", "--quiet", "--output", path,
        ])
        let state = try #require(try Checkpoint(contentsOf: path).run).state
        let steps = state.step - 1617 * state.history.count
        try #require((1..<1617).contains(steps))
        let output = try Command.succeed(["inspect", path]).output
        #expect(output.contains("epoch \(state.history.count + 1) of 1000 after \(steps) of 1617 steps"))
        let json = try JSONValue(parsing: Command.succeed(["inspect", path, "--json"]).output)
        #expect(json["state"]?["step_in_epoch"]?.integer == steps)
    }

    @Test("A damaged model is an error, whatever is asked for", arguments: [[], ["--json"]])
    func damaged(_ more: [String]) throws {
        let path = try Examples.model(in: directory)
        var bytes = try Array(Data(contentsOf: URL(filePath: path)))
        bytes[bytes.count / 2] ^= 4
        try Data(bytes).write(to: URL(filePath: path))
        try Command.fail(65, naming: [path, "is damaged: its checksum"], ["inspect", path] + more)
        bytes.removeLast(64)
        try Data(bytes).write(to: URL(filePath: path))
        try Command.fail(65, naming: [path, "has lost the checksum"], ["inspect", path] + more)
    }

    @Test("Losses are drawn, by orders of magnitude where they fall so far; a long history is thinned out")
    func history() throws {
        var model = Graph(inputs: 1) { Dense(1) }.model
        model.history = (1...100).map { epoch in
            EpochRecord(
                epoch: epoch,
                metrics: [Metric("loss", pow(0.9, Double(epoch))), Metric("val_loss", epoch == 3 ? .nan : 0.001)],
                learningRate: 0.1, seconds: 0, samplesPerSecond: 0)
        }
        let path = directory.path("model.h5")
        try model.write(to: path)
        let lines = try Command.succeed(["inspect", path]).output.split(separator: "\n").map(String.init)
        #expect(lines.contains("history: 100 epochs, every 5 of them"))
        #expect(lines.count { $0.contains("0.1000") } == 20)
        let plot = lines.filter { $0.contains("│") }
        #expect(plot.count == 8)
        #expect(plot[0].contains("│●") && plot[7].hasSuffix("●"))
        // A straight line down, and one across.
        let columns = plot.map { line in line.firstIndex { "●◉".contains($0) }.map { line[..<$0].count } ?? -1 }
        #expect(columns == columns.sorted())
        #expect(plot.count { $0.contains("○○○○") } == 1)
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.contains { $0.hasSuffix("● loss  ○ val_loss  (logarithmic)") })
    }

    @Test("A model that Keras wrote has no schema")
    func keras() throws {
        let output = try Command.succeed(["inspect", Examples.keras("keras3_mlp.h5")]).output
        #expect(output.contains("78 parameters"))
        #expect(output.contains("no schema"))
        #expect(output.contains("checksum: none"))
        let json = try JSONValue(
            parsing: Command.succeed(["inspect", Examples.keras("keras3_mlp.h5"), "--json"]).output)
        #expect(json["checksum"]?.string == "none" && json["parameters"]?.integer == 78)
        let archive = directory.path("model.keras")
        try Command.succeed(["export", Examples.keras("keras3_mlp.h5"), archive])
        #expect(try Command.succeed(["inspect", archive]).output == output)
    }

    @Test("An audit: classes, leaks, columns that tell nothing, and the command to train with")
    func audit() throws {
        let text =
            "a,b,same,kind,flag\n"
            + (0..<90).map { "\($0 % 11),1,\($0 % 11),\($0 % 3 == 0 ? "x y" : "z"),\($0 % 3 == 0 ? 1 : 0)\n" }.joined()
        let path = try directory.write(text, to: "a table.csv")
        let output = try Command.succeed(["inspect", path, "--target", "kind"]).output
        for line in [
            "target: 'kind', one of 2 classes: 'z' 60 (66.7 %), 'x y' 30 (33.3 %)", "constant: 'b'",
            "the same in every row: 'a', 'same'", "leak: 'flag' is the target under other names",
            "train with: descent train '\(path)' --target kind --ignore b,flag,same",
        ] {
            #expect(output.contains(line), "\(line)")
        }
        let json = try JSONValue(parsing: Command.succeed(["inspect", path, "--json"]).output)
        #expect(json["rows"]?.number == 90)
        #expect(json["target"] == nil)
        #expect(json["constant"] == .array([.string("b")]))
        #expect(json["duplicates"] == .array([.array([.string("a"), .string("same")])]))
        guard case .array(let columns)? = json["columns"] else {
            Issue.record("no columns")
            return
        }
        #expect(columns.map { $0["type"]?.string } == ["integer", "integer", "integer", "text", "integer"])
        #expect(columns[0]["mean"]?.number.map { abs($0 - 4.9) < 0.1 } == true)
    }

    @Test("The suggested command trains")
    func suggestion() throws {
        let output = try Command.succeed(["inspect", Examples.iris, "--target", "species"]).output
        let line = try #require(output.split(separator: "\n").last { $0.hasPrefix("train with: descent ") })
        let words = line.dropFirst("train with: descent ".count).split(separator: " ").map(String.init)
        try Command.succeed(words + ["--epochs", "1", "--quiet", "--output", directory.path("model.h5")])
    }

    @Test("HDF5: chunks and what they cost")
    func storage() throws {
        let path = directory.path("iris.h5")
        try Command.succeed([
            "convert", Examples.iris, path, "--compression", "gzip:1", "--chunk-rows", "10", "--quiet",
        ])
        let output = try Command.succeed(["inspect", path]).output
        #expect(output.contains(": chunks of 10, shuffle, deflate"))
        #expect(output.contains("to read a row, 10 are unpacked"))
        let json = try JSONValue(parsing: Command.succeed(["inspect", path, "--json", "--target", "species"]).output)
        #expect(json["classes"]?["setosa"]?.number == 50)
        guard case .array(let datasets)? = json["datasets"] else {
            Issue.record("no datasets")
            return
        }
        #expect(datasets.count == 5)
    }

    @Test("A target that is not there")
    func noTarget() throws {
        try Command.fail(64, naming: ["--target", "'nothing'"], ["inspect", Examples.iris, "--target", "nothing"])
    }
}

extension Graph {
    /// A model of it, not trained.
    fileprivate var model: Model {
        Model(graph: self, parameters: Parameters(of: self, seed: 1), outputActivation: .linear)
    }
}
