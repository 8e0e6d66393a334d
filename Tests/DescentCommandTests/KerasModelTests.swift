import Descent
import Foundation
import HDF5
import TestSupport
import Testing

/// Models without a schema: features go by position, unscaled.
@Suite("A model that Keras wrote")
struct KerasModelTests {
    /// What Keras predicts with a fixture.
    private struct Expected: Decodable {
        let x: [[Double]]
        let outputs: [[Double]]
    }

    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func expected(_ name: String) throws -> Expected {
        try JSONDecoder().decode(Expected.self, from: bytes(Examples.keras("\(name).json")))
    }

    private func table(_ expected: Expected) throws -> String {
        try directory.write(
            "p,q,r,s\n" + expected.x.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined(), to: "x.csv")
    }

    @Test("Classes by index and their probabilities", arguments: ["keras2_mlp", "keras3_mlp"])
    func classifier(_ name: String) throws {
        let expected = try expected(name)
        let model = Examples.keras("\(name).h5")
        let table = try table(expected)
        let rows = records(
            try Command.succeed(["predict", model, table, "--proba", "--output", "-", "--quiet"]).output)
        #expect(rows[0] == ["prediction", "p_0", "p_1", "p_2"])
        #expect(
            rows.dropFirst().map { Int($0[0]) } == expected.outputs.map { row in row.firstIndex(of: row.max() ?? 0) })
        let found = rows.dropFirst().flatMap { $0.dropFirst().compactMap(Float.init) }
        #expect(Tolerance(relative: 1e-6).disagreement(of: found, with: expected.outputs.flatMap { $0 }) == nil)

        let path = directory.path("answers.h5")
        try Command.succeed(["predict", model, table, "--proba", "--output", path, "--quiet"])
        let root = try File(opening: path).root
        #expect(try root.dataset("prediction").read(as: Int64.self) == rows.dropFirst().compactMap { Int64($0[0]) })
        #expect(try root.dataset("probability").read(as: Float.self) == found)
    }

    @Test("Outputs of a model that ends in no activation")
    func regression() throws {
        let expected = try expected("keras3_functional")
        let model = Examples.keras("keras3_functional.h5")
        let table = try table(expected)
        let rows = records(try Command.succeed(["predict", model, table, "--output", "-", "--quiet"]).output)
        #expect(rows[0] == ["prediction_0", "prediction_1"])
        let found = rows.dropFirst().flatMap { $0.compactMap(Float.init) }
        let tolerance = Tolerance(absolute: 1e-6)
        #expect(tolerance.disagreement(of: found, with: expected.outputs.flatMap { $0 }) == nil)
        let path = directory.path("answers.h5")
        try Command.succeed(["predict", model, table, "--output", path, "--quiet"])
        let prediction = try File(opening: path).root.dataset("prediction")
        #expect(prediction.shape == [6, 2])
        #expect(try prediction.read(as: Float.self) == found)
    }

    @Test("Another number of columns is refused")
    func columns() throws {
        let model = Examples.keras("keras2_mlp.h5")
        let narrow = try directory.write("1,2,3\n4,5,6\n", to: "narrow.csv")
        try Command.fail(65, naming: [narrow, "4 features", "3 columns"], ["predict", model, narrow, "--output", "-"])
    }

    @Test("What is not a dense network, or lies in other files, is refused by every verb in one sentence")
    func refusals() throws {
        struct Network: Decodable { var archive: String }
        let networks = try JSONDecoder().decode(
            [String: Network].self, from: bytes(Examples.keras("refused_keras3.json")))
        let table = try directory.write("a,b,y\n1,2,0\n3,4,1\n", to: "t.csv")
        let output = directory.path("out.h5")
        for (name, className) in [("lambda", "Lambda"), ("attention", "MultiHeadAttention"), ("registered", "Tripled")]
        {
            let network = try directory.write(try #require(networks[name]).archive, to: "\(name).json")
            try Command.fail(
                65, naming: [network, className],
                ["train", table, "--target", "y", "--architecture", network, "--output", output])
        }
        for name in ["outside_link.h5", "outside_storage.h5", "outside_virtual.h5", "outside.keras"] {
            let model = Examples.keras(name)
            try Command.fail(65, naming: [model], ["predict", model, table, "--output", output])
            try Command.fail(65, naming: [model], ["evaluate", model, table])
            try Command.fail(65, naming: [model], ["export", model, output])
            try Command.fail(
                65, naming: [model], ["train", table, "--target", "y", "--init-from", model, "--output", output])
        }
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test("Scores against a last column of class indices")
    func evaluate() throws {
        let expected = try expected("keras3_mlp")
        let rows = expected.x.enumerated().map { index, row in
            row.map { "\($0)" }.joined(separator: ",") + ",\(index % 3)\n"
        }
        let table = try directory.write("p,q,r,s,t\n" + rows.joined(), to: "t.csv")
        let result = try Command.succeed(["evaluate", Examples.keras("keras3_mlp.h5"), table, "--json", "--quiet"])
        let metrics = try JSONValue(parsing: result.output)
        let losses = expected.outputs.enumerated().map { index, row in -log(row[index % 3]) }
        let loss = try #require(metrics["loss"]?.number)
        // The first layer has a penalty, which Keras counts too.
        let kernel = try Model(contentsOf: Examples.keras("keras3_mlp.h5")).parameters["h1/kernel"].elements.map(
            Double.init)
        let penalty = kernel.reduce(0) { $0 + 1e-5 * abs($1) + 1e-4 * $1 * $1 }
        #expect(abs(loss - losses.reduce(penalty * 6, +) / 6) < 1e-5)
        let right = expected.outputs.enumerated().count { index, row in row.firstIndex(of: row.max() ?? 0) == index % 3
        }
        #expect(metrics["accuracy"]?.number == Double(right) / 6)
    }

    @Test("A model of two inputs takes their columns side by side, or is refused")
    func twoInputs() throws {
        let graph = Graph(inputs: [2, 3]) { inputs in Dense(2)(inputs[0]) + Dense(2)(inputs[1]) }
        let model = Model(graph: graph, parameters: Parameters(of: graph, seed: 1), outputActivation: .linear)
        let path = directory.path("two.h5")
        try model.write(to: path)
        let table = try directory.write("a,b,c,d,e\n1,2,3,4,5\n-1,0.5,2,0,1\n", to: "two.csv")
        let result = try Command.run(["predict", path, table, "--output", "-", "--quiet"])
        if result.exitCode == 65 {
            #expect(result.failure?.contains(path) == true)
            return
        }
        let outputs = graph.forward([[1, 2], [-1, 0.5]], [[3, 4, 5], [2, 0, 1]], parameters: model.parameters)
        let found = records(result.output).dropFirst().flatMap { $0.compactMap(Float.init) }
        #expect(Tolerance(absolute: 1e-6).disagreement(of: found, with: outputs.elements) == nil)
    }
}
