import Descent
import Foundation
import TestSupport
import Testing

/// Networks from files: `--architecture` and `--init-from`.
@Suite("train with a network from a file")
struct NetworkFromFileTests {
    let directory: TemporaryDirectory
    let iris: String

    init() throws {
        directory = try TemporaryDirectory()
        iris = Examples.iris
    }

    /// Keras' JSON of a graph: what we write into models is what `to_json` gives.
    private func architecture(_ graph: Graph, _ activation: OutputActivation = .linear) throws -> String {
        let model = Model(graph: graph, parameters: Parameters(of: graph, seed: 1), outputActivation: activation)
        return try directory.write(model.architectureJSON(), to: "network.json")
    }

    private func train(_ flags: [String], output: String = "model.h5") throws -> Model {
        let path = directory.path(output)
        try Command.succeed(
            ["train", iris, "--target", "species", "--epochs", "2", "--quiet", "--output", path] + flags)
        return try Model(contentsOf: path)
    }

    @Test("The network is that of the file, with and without its last activation")
    func architecture() throws {
        let graph = Graph(inputs: 4) { x in
            let hidden = Dense(5, activation: .tanh)(x)
            return Dense(3)(Concatenate()(hidden, x))
        }
        for activation in [OutputActivation.linear, .softmax] {
            let model = try train(["--architecture", architecture(graph, activation)])
            #expect(model.graph == graph)
            #expect(model.outputActivation == .softmax)
            #expect(model.settings?["network"]?["layers"] == nil)
        }
        // A sigmoid for each class asks for another loss.
        #expect(try train(["--architecture", architecture(graph, .sigmoid)]).outputActivation == .sigmoid)
    }

    @Test("The same layers as --layers give the same bytes of weights")
    func sameAsLayers() throws {
        let drawn = try train(["--layers", "6,5", "--dropout", "0.25"])
        let graph = Graph(inputs: 4) {
            Dense(6, activation: .relu)
            Dropout(0.25)
            Dense(5, activation: .relu)
            Dropout(0.25)
            Dense(3)
        }
        let read = try train(["--architecture", architecture(graph, .softmax)])
        #expect(read.parameters.values.elements == drawn.parameters.values.elements)
    }

    @Test("Weights to start from are those of the model, ours and Keras'")
    func weights() throws {
        let first = try train(["--layers", "6", "--learning-rate", "0.01"])
        let unchanged = try train(
            ["--init-from", directory.path("model.h5"), "--learning-rate", "1e-30"], output: "second.h5")
        #expect(unchanged.parameters.values.elements == first.parameters.values.elements)
        #expect(unchanged.graph == first.graph)

        let keras = Examples.keras("keras3_mlp.h5")
        let given = try Model(contentsOf: keras)
        let from = try train(["--init-from", keras, "--learning-rate", "1e-30"], output: "third.h5")
        #expect(from.parameters.values.elements == given.parameters.values.elements)
        #expect(from.graph == given.graph)
    }

    @Test(
        "With --init-optimizer two runs are one, from the model itself and from what is exported",
        arguments: ["adamw --weight-decay 0.01", "rmsprop --momentum 0.5"])
    func optimizer(_ optimizer: String) throws {
        func run(_ epochs: Int, _ output: String, _ start: [String]) throws -> Model {
            try train(
                ["--no-shuffle", "--epochs", "\(epochs)", "--optimizer"]
                    + optimizer.split(separator: " ").map(String.init) + start, output: output)
        }
        let whole = try run(4, "whole.h5", ["--layers", "6"])
        _ = try run(2, "half.h5", ["--layers", "6"])
        var starts = [directory.path("half.h5")]
        for suffix in [".h5", ".keras"] {
            starts.append(directory.path("out" + suffix))
            let result = try Command.succeed(["export", starts[0], starts[starts.count - 1]])
            #expect(result.errors.contains("note: with the optimizer as it stood after step 4"))
        }
        for start in starts {
            let model = try run(2, "rest.h5", ["--init-from", start, "--init-optimizer"])
            #expect(model.parameters.values.elements == whole.parameters.values.elements, "\(start)")
        }
        let alone = try run(2, "alone.h5", ["--init-from", starts[0]])
        #expect(alone.parameters.values.elements != whole.parameters.values.elements)
    }

    @Test("Moments that are not there, or of another optimizer, are refused; other rates are mentioned")
    func otherMoments() throws {
        _ = try train(["--layers", "6"])
        let model = directory.path("model.h5")
        func arguments(_ flags: [String]) -> [String] {
            ["train", iris, "--target", "species", "--epochs", "1", "--output", directory.path("next.h5")] + flags
        }
        try Command.fail(64, naming: ["--init-optimizer", "--init-from"], arguments(["--init-optimizer"]))
        let start = ["--init-from", model, "--init-optimizer"]
        try Command.fail(64, naming: [model, "adam", "rmsprop"], arguments(start + ["--optimizer", "rmsprop"]))
        let keras = Examples.keras("keras3_mlp.h5")
        try Command.fail(64, naming: [keras, "sgd", "adam"], arguments(["--init-from", keras, "--init-optimizer"]))
        let same = try Command.succeed(arguments(start))
        #expect(same.errors.contains("the optimizer goes on after step"))
        #expect(!same.errors.contains("its settings"))
        #expect(try Command.succeed(arguments(start + ["--learning-rate", "0.1"])).errors.contains("its settings"))
        // Without its moments the exported model is not compiled.
        let exported = directory.path("out.h5")
        try Command.succeed(["export", model, exported, "--no-optimizer", "--quiet"])
        try Command.fail(
            65, naming: [exported, "no moments"], arguments(["--init-from", exported, "--init-optimizer"]))
    }

    @Test("What does not fit is refused, with the sizes")
    func refusals() throws {
        func refuse(_ fragments: [String], _ flags: [String], target: String = "species", code: Int32 = 64) throws {
            try Command.fail(
                code, naming: fragments,
                ["train", iris, "--target", target, "--epochs", "1", "--quiet", "--output", directory.path("no.h5")]
                    + flags)
        }
        let network = try architecture(Graph(inputs: 5) { Dense(3) })
        try refuse([network, "5 features", "4"], ["--architecture", network])
        _ = try architecture(Graph(inputs: 4) { Dense(2) })
        try refuse([network, "2 outputs", "3 classes"], ["--architecture", network])
        _ = try architecture(Graph(inputs: 4) { Dense(3) }, .softmax)
        try refuse(
            [network, "softmax", "binary cross-entropy"], ["--architecture", network, "--loss", "binary-cross-entropy"])
        _ = try architecture(Graph(inputs: 4) { Dense(3) }, .sigmoid)
        try refuse(
            [network, "sigmoid", "softmax cross-entropy"],
            ["--architecture", network, "--loss", "softmax-cross-entropy"])
        try refuse(["--layers", "--architecture"], ["--architecture", network, "--layers", "3"])
        try refuse(["--dropout", "--init-from"], ["--init-from", network, "--dropout", "0.5"])
        try refuse(["nothing.json"], ["--architecture", directory.path("nothing.json")], code: 66)

        // Weights of another network.
        let model = directory.path("other.h5")
        try Graph(inputs: 4) { [Dense(7), Dense(3)] as [any Layer] }.model.write(to: model)
        try refuse([model, "4 weights", "has 2"], ["--architecture", network, "--init-from", model])
        try Graph(inputs: 4) { Dense(3, usesBias: false) }.model.write(to: model)
        try refuse([model, "1 weight", "has 2"], ["--architecture", network, "--init-from", model])
        try Graph(inputs: 3) { Dense(3) }.model.write(to: model)
        try refuse([model, "[3, 3]", "[4, 3]"], ["--architecture", network, "--init-from", model])
    }

    @Test("A sigmoid before a number needs targets that are not scaled")
    func sigmoidRegression() throws {
        let network = try architecture(Graph(inputs: 4) { Dense(1) }, .sigmoid)
        let table = try directory.write(
            "a,b,c,d,y\n" + (0..<40).map { "\($0),\($0 % 3),\($0 % 7),1,0.\($0 + 10)\n" }.joined(), to: "t.csv")
        let flags = [
            "train", table, "--target", "y", "--architecture", network, "--epochs", "1", "--quiet", "--output",
            directory.path("r.h5"),
        ]
        try Command.fail(64, naming: [network, "sigmoid", "--target-scale none"], flags)
        try Command.succeed(flags + ["--target-scale", "none"])
        #expect(try Model(contentsOf: directory.path("r.h5")).outputActivation == .sigmoid)
    }

    @Test("A model of other classes or features is refused as a start")
    func otherData() throws {
        _ = try train(["--layers", "6"])
        let text = try String(contentsOfFile: iris, encoding: .utf8)
        let model = directory.path("model.h5")
        let classes = try directory.write(text.replacingOccurrences(of: "setosa", with: "rose"), to: "classes.csv")
        let lines = text.split(separator: "\n")
        let columns = try directory.write(
            "w" + lines[0].dropFirst(1) + "\n" + lines.dropFirst().joined(separator: "\n") + "\n", to: "columns.csv")
        for (table, fragments) in [(classes, ["rose", "setosa"]), (columns, [String(lines[0].prefix { $0 != "," })])] {
            try Command.fail(
                64, naming: fragments + [model],
                [
                    "train", table, "--target", "species", "--init-from", model, "--quiet", "--output",
                    directory.path("no.h5"),
                ])
        }
    }
}

extension Graph {
    fileprivate var model: Model {
        Model(graph: self, parameters: Parameters(of: self, seed: 1), outputActivation: .linear)
    }
}
