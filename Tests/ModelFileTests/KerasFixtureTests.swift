import Foundation
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("Files that Keras wrote")
struct KerasFixtureTests {
    private struct Expected: Decodable {
        let layers: [String]
        let parameters: Int
        let x: [[Float]]
        let outputs: [[Double]]
    }

    private func expected(_ name: String) throws -> Expected {
        try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(filePath: ModelFiles.fixture("\(name).json"))))
    }

    @Test("Outputs are those of Keras", arguments: ["keras2_mlp", "keras3_mlp", "keras3_functional"])
    func outputs(_ name: String) throws {
        let expected = try expected(name)
        let model = try Model(contentsOf: ModelFiles.fixture("\(name).h5"))
        #expect(model.encoding == nil)
        #expect(model.history.isEmpty)
        #expect(model.parameters.layout.parameterCount == expected.parameters)
        let exact = expected.outputs.flatMap { $0 }
        let found = model.predictions([Matrix(expected.x)])
        let tolerance = Tolerance(absolute: 1e-6 * (exact.map(abs).max() ?? 0))
        #expect(tolerance.disagreement(of: found, with: exact) == nil)
    }

    @Test(
        "A model of Keras that is written again predicts the same",
        arguments: [
            "keras2_mlp", "keras3_mlp", "keras3_functional",
        ])
    func rewritten(_ name: String) throws {
        let expected = try expected(name)
        let model = try Model(contentsOf: ModelFiles.fixture("\(name).h5"))
        let again = try ModelFiles.roundTrip(model)
        #expect(bitDifference(again.predictions([Matrix(expected.x)]), model.predictions([Matrix(expected.x)])) == nil)
        #expect(again.outputActivation == model.outputActivation)
    }

    @Test("Layers, regularizers and rates are read", arguments: [("keras2_mlp", 0.2), ("keras3_mlp", 0.2)])
    func layers(_ name: String, _ slope: Float) throws {
        let model = try Model(contentsOf: ModelFiles.fixture("\(name).h5"))
        #expect(model.graph.nodes.map(\.name) == ["h1", "drop", "h2", "leaky", "out"])
        let operations = model.graph.nodes.map(\.operation)
        guard case .dense(let first) = operations[0], case .dense(let second) = operations[2] else {
            Issue.record("no dense layers: \(operations)")
            return
        }
        #expect(first.activation == .silu)
        #expect(abs(first.kernelRegularizer.l1 - 1e-5) < 1e-10)
        #expect(abs(first.kernelRegularizer.l2 - 1e-4) < 1e-9)
        #expect(!second.usesBias)
        #expect(operations[1] == .dropout(Dropout(0.25)))
        #expect(operations[3] == .activation(.leakyReLU(slope: slope)))
        #expect(model.outputActivation == .softmax)
    }
}
