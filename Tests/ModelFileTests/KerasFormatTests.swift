import Foundation
import HDF5
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("Keras' own formats")
struct KerasFormatTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    static let graph = Graph(inputs: 3) { x in
        let hidden = LeakyReLU(slope: 0.2)(BatchNormalization()(Dense(4)(x)))
        let other = Dense(4, activation: .silu, kernelRegularizer: Regularizer(l1: 0.5))(x)
        let scaled = Normalization(mean: [1, 2, 3], variance: [1, 2, 3], isAdapted: true)(x)
        return Dense(2)(Concatenate()(hidden + other, LayerNormalization()(other), scaled))
    }

    private func write(_ model: Model, _ format: KerasFormat) throws -> String {
        try directory.write(Data(model.kerasImage(format)), to: "model" + format.rawValue)
    }

    @Test("A model comes back from each format", arguments: [OutputActivation.linear, .softmax, .sigmoid])
    func roundTrips(_ activation: OutputActivation) throws {
        for graph in [Self.graph, Graph(inputs: 3) { [Dense(4), ReLU(), Dense(4), Dense(2)] as [any Layer] }] {
            let model = graph.model(1, outputActivation: activation)
            let inputs = model.sampleInputs()
            let architecture = try Architecture(
                contentsOf: directory.write(model.architectureJSON(), to: "network.json"), weightsFollow: true)
            for format in KerasFormat.allCases {
                let path = try write(model, format)
                #expect(KerasFormat(path: path) == format)
                #expect(try Model.holdsNetwork(path) == (format != .weights))
                let again = try Model(contentsOf: path, architecture: architecture)
                #expect(bitDifference(again.predictions(inputs), model.predictions(inputs)) == nil, "\(format)")
                #expect(again.outputActivation == activation)
                #expect(again.encoding == nil)
                #expect(
                    try again.kerasImage(format)
                        == Model(contentsOf: path, architecture: architecture).kerasImage(format))
            }
        }
    }

    @Test("Weights alone need a network, and one that fits")
    func weightsAlone() throws {
        let path = try write(Self.graph.model(2), .weights)
        let missing = #expect(throws: ModelError.self) { _ = try Model(contentsOf: path) }
        #expect(missing?.description.contains("--architecture") == true)
        let other = Graph(inputs: 3) { [Dense(4), Dense(2)] as [any Layer] }
        let architecture = try Architecture(
            contentsOf: directory.write(other.model(3).architectureJSON(), to: "other.json"), weightsFollow: true)
        let unfit = #expect(throws: ModelError.self) { _ = try Model(contentsOf: path, architecture: architecture) }
        #expect(unfit?.file == path)
    }

    @Test("The weights stand under the names of their classes, numbered")
    func names() throws {
        let root = try File(opening: write(Self.graph.model(4), .weights)).root
        let layers = try root.group("layers")
        for (name, shapes) in [
            ("dense", [[3, 4], [4]]), ("dense_1", [[3, 4], [4]]), ("dense_2", [[11, 2], [2]]),
            ("batch_normalization", [[4], [4], [4], [4]]), ("layer_normalization", [[4], [4]]), ("leaky_re_lu", []),
            ("normalization", [[3], [3], []]), ("add", []), ("concatenate", []), ("input_layer", []),
        ] {
            let variables = try layers.group(name).group("vars")
            #expect(try variables.childNames.count == shapes.count, "\(name)")
            for (index, shape) in shapes.enumerated() {
                #expect(try variables.dataset("\(index)").shape == shape, "\(name)/\(index)")
            }
        }
    }

    @Test("The archive's configuration is in Keras 3's dialect")
    func dialect() throws {
        let image = try Self.graph.model(5, outputActivation: .softmax).kerasImage(.archive)
        let text = String(decoding: image, as: UTF8.self)
        for part in [
            #""batch_shape":[null,3]"#, #""negative_slope":"#, #""keras_history":["input_1",0,0]"#,
            #""activation":"silu""#, #""module":"keras.layers""#, #""input_layers":["input_1",0,0]"#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains("batch_input_shape"))
        #expect(!text.contains(#""alpha":"#))
    }

    @Test("An archive that is none of a model, or is cut off, is refused by name")
    func hostile() throws {
        let image = try Self.graph.model(6).kerasImage(.archive)
        for count in stride(from: 4, to: image.count, by: 97) {
            let path = try directory.write(Data(image.prefix(count)), to: "cut.keras")
            let error = #expect(throws: ModelError.self) { _ = try Model(contentsOf: path) }
            #expect(error?.file == path)
        }
    }
}
