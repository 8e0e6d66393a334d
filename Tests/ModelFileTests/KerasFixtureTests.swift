import Foundation
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("Files that Keras wrote")
struct KerasFixtureTests {
    static let names = [
        "keras2_mlp", "keras3_mlp", "keras3_functional", "keras2_layers", "keras3_layers", "keras2_norms",
        "keras3_norms",
    ]

    private struct Expected: Decodable {
        let architecture: String
        let layers: [String]
        let parameters: Int
        let x: [[Float]]
        let outputs: [[Double]]
    }

    private func expected(_ name: String) throws -> Expected {
        try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(filePath: ModelFiles.fixture("\(name).json"))))
    }

    @Test("Outputs are those of Keras", arguments: names)
    func outputs(_ name: String) throws {
        let expected = try expected(name)
        let model = try Model(contentsOf: ModelFiles.fixture("\(name).h5"))
        #expect(model.encoding == nil)
        #expect(model.history.isEmpty)
        // Keras counts what an adapted Normalization holds: mean, variance and a count. Here they are constants.
        let constants = name.hasSuffix("layers") ? 4 + 4 + 1 : 0
        #expect(model.parameters.layout.parameterCount == expected.parameters - constants)
        let exact = expected.outputs.flatMap { $0 }
        let found = model.predictions([Matrix(expected.x)])
        let tolerance = Tolerance(absolute: 1e-6 * (exact.map(abs).max() ?? 0))
        #expect(tolerance.disagreement(of: found, with: exact) == nil)
    }

    @Test(
        "A model of Keras that is written again predicts the same",
        arguments: names)
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

    @Test("model.to_json() gives the same network as the whole model", arguments: names)
    func architecture(_ name: String) throws {
        let expected = try expected(name)
        let directory = try TemporaryDirectory()
        let model = try Model(contentsOf: ModelFiles.fixture("\(name).h5"))
        // Dumped as a string once more, as json.dump(model.to_json()) does.
        for text in [expected.architecture, JSONValue.string(expected.architecture).text] {
            let path = try directory.write(text, to: "network.json")
            guard !name.hasSuffix("layers") else {
                let refusal = #expect(throws: ModelError.self) { _ = try Architecture(contentsOf: path) }
                #expect(refusal?.description.contains("layer 'adapted'") == true)
                continue
            }
            let network = try Architecture(contentsOf: path).network(inputs: 4)
            #expect(network == model.network)
        }
    }

    @Test("Scaling by constants and by adapted statistics, frozen layers", arguments: [2, 3])
    func scaling(_ generation: Int) throws {
        let model = try Model(contentsOf: ModelFiles.fixture("keras\(generation)_layers.h5"))
        func node(_ name: String) throws -> Graph.Node { try #require(model.graph.nodes.first { $0.name == name }) }
        #expect(
            try node("each").operation == .rescaling(Rescaling(scale: [0.5, 2, -1, 0.25], offset: [0, 1, 2, -0.5])))
        #expect(try node("all").operation == .rescaling(Rescaling(scale: 1 / 255)))
        let fixed = Normalization(mean: [0.5, 1, -2, 0], variance: [1, 4, 0.25, 2])
        #expect(try node("fixed").operation == .normalization(fixed))
        #expect(try node("one").operation == .normalization(Normalization(mean: [0.25], variance: [0.0625])))
        guard case .normalization(let adapted) = try node("adapted").operation else {
            Issue.record("no normalization")
            return
        }
        #expect(adapted.isAdapted)
        // The rows it was adapted to: (1, 2, 3, 4), (2, 2, -3, 8), (4, 1, 0, 9).
        let means: [Double] = [7.0 / 3, 5.0 / 3, 0, 7]
        let variances: [Double] = [14.0 / 9, 2.0 / 9, 6, 14.0 / 3]
        #expect(Tolerance(absolute: 1e-6).disagreement(of: adapted.mean, with: means) == nil)
        #expect(Tolerance(absolute: 1e-5).disagreement(of: adapted.variance, with: variances) == nil)
        #expect(try !node("a").isTrainable)
        #expect(model.graph.nodes.filter { !$0.isTrainable }.map(\.name) == ["a"])
        #expect(model.outputActivation == .sigmoid)
        // An activation that is a layer in place of a name.
        guard case .dense(let dense) = try node("b").operation else { return }
        #expect(dense.activation == .leakyReLU(slope: 0.2))
    }

    @Test("Batch and layer normalization with what they are made of", arguments: [2, 3])
    func normalizations(_ generation: Int) throws {
        let model = try Model(contentsOf: ModelFiles.fixture("keras\(generation)_norms.h5"))
        func node(_ name: String) throws -> Graph.Node { try #require(model.graph.nodes.first { $0.name == name }) }
        #expect(try node("first").operation == .batchNormalization(BatchNormalization()))
        let centred = BatchNormalization(momentum: 0.9, epsilon: 0.01, scales: false)
        #expect(try node("centred").operation == .batchNormalization(centred))
        #expect(
            try node("bare").operation == .batchNormalization(BatchNormalization(scales: false, centers: false)))
        #expect(try node("frozen").operation == .batchNormalization(BatchNormalization(centers: false)))
        #expect(try !node("frozen").isTrainable)
        #expect(try node("rows").operation == .layerNormalization(LayerNormalization()))
        let scaled = LayerNormalization(epsilon: 0.02, centers: false)
        #expect(try node("scaled").operation == .layerNormalization(scaled))
        #expect(
            try node("plain").operation == .layerNormalization(LayerNormalization(scales: false, centers: false)))
    }
}
