import Foundation
import HDF5
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

/// The tree that both generations of Keras need, as `Tests/Interoperability/write_reference_model.py` describes it.
@Suite("The written tree")
struct WrittenTreeTests {
    private static let variableString = ElementType.variableString(encoding: .utf8)

    private func root(_ model: Model) throws -> Group {
        try File(image: model.image()).root
    }

    private var sequential: Model {
        Graph(inputs: 3) {
            Dense(4, activation: .leakyReLU(slope: 0.25))
            Dropout(0.5)
            Dense(2, usesBias: false)
        }.model(20, outputActivation: .softmax)
    }

    @Test("Groups, datasets and attributes, no more and no less")
    func tree() throws {
        let root = try root(sequential)
        #expect(try root.childNames == ["descent", "model_weights"])
        #expect(try root.attributes.names == ["backend", "keras_version", "model_config"])
        #expect(try root.attributes.string("keras_version") == "2.15.0")
        #expect(try root.attributes.string("backend") == "tensorflow")

        let weights = try root.group("model_weights")
        #expect(try weights.attributes.names == ["backend", "keras_version", "layer_names"])
        let layers = try weights.attributes.strings("layer_names")
        #expect(layers == ["input_1", "dense", "dense_activation", "dropout", "dense_1"])
        #expect(try weights.childNames == (layers + ["top_level_model_weights"]).sorted())
        for name in ["input_1", "dense_activation", "dropout", "top_level_model_weights"] {
            let group = try weights.group(name)
            #expect(try group.childNames == [], "\(name)")
            #expect(try group.attributes.names == ["weight_names"])
            #expect(try group.attributes.shape(of: "weight_names") == [0])
            #expect(try group.attributes.elementType(of: "weight_names") == .float(bytes: 8, order: .littleEndian))
        }
        let dense = try weights.group("dense")
        #expect(try dense.attributes.strings("weight_names") == ["dense/kernel:0", "dense/bias:0"])
        #expect(try dense.childNames == ["dense"])
        #expect(try dense.group("dense").childNames == ["bias:0", "kernel:0"])
        #expect(try weights.group("dense_1").attributes.strings("weight_names") == ["dense_1/kernel:0"])
        #expect(try weights.group("dense_1/dense_1").childNames == ["kernel:0"])

        let descent = try root.group("descent")
        #expect(try descent.childNames == [])
        #expect(try descent.attributes.number("format_version", as: Int64.self) == 2)
    }

    @Test("Kernels are float32, inputs x outputs, in one piece")
    func weights() throws {
        let model = sequential
        let weights = try root(model).group("model_weights")
        for (path, shape) in [("dense/dense/kernel:0", [3, 4]), ("dense/dense/bias:0", [4])] {
            let dataset = try weights.dataset(path)
            #expect(dataset.shape == shape)
            #expect(dataset.elementType == .float(bytes: 4, order: .littleEndian))
            #expect(dataset.layout == .contiguous)
            #expect(dataset.filters.isEmpty)
        }
        #expect(
            try weights.dataset("dense/dense/kernel:0").read(as: Float.self)
                == model.parameters["dense/kernel"].elements)
    }

    @Test("Strings have variable length")
    func strings() throws {
        let root = try root(sequential)
        for name in ["model_config", "keras_version", "backend"] {
            #expect(try root.attributes.shape(of: name) == [])
            #expect(try root.attributes.elementType(of: name) == Self.variableString)
        }
        let weights = try root.group("model_weights")
        #expect(try weights.attributes.elementType(of: "layer_names") == Self.variableString)
    }

    @Test("The configuration of a sequence, in the dialect of Keras 2")
    func sequentialConfiguration() throws {
        let config = try JSONValue(parsing: root(sequential).attributes.string("model_config"))
        #expect(config["class_name"] == "Sequential")
        let layers = try #require(config["config"]?["layers"]?.array)
        #expect(layers.map { $0["class_name"] } == ["InputLayer", "Dense", "LeakyReLU", "Dropout", "Dense"])
        #expect(layers[0]["config"]?["batch_input_shape"] == [nil, 3])
        #expect(layers[0]["config"]?["batch_shape"] == nil)
        #expect(layers[1]["config"]?["units"] == 4)
        #expect(layers[1]["config"]?["activation"] == "linear")
        #expect(layers[1]["config"]?["use_bias"] == true)
        #expect(layers[1]["config"]?["dtype"] == "float32")
        #expect(layers[2]["config"]?["alpha"] == 0.25)
        #expect(layers[2]["config"]?["negative_slope"] == nil)
        #expect(layers[3]["config"]?["rate"] == 0.5)
        #expect(layers[4]["config"]?["activation"] == "softmax")
        #expect(layers[4]["config"]?["use_bias"] == false)
        // Numbers of units are whole, which Keras insists on.
        #expect(try root(sequential).attributes.string("model_config").contains("\"units\":4,"))
    }

    @Test("The configuration of a graph, its layers as Keras orders them")
    func functionalConfiguration() throws {
        let graph = Graph(inputs: 4) { x in
            let a = Dense(4, activation: .silu)(x)
            let b = Dense(4)(x)
            let c = ReLU()(b)
            return Dense(2)(a + c)
        }
        let root = try root(graph.model(21, outputActivation: .sigmoid))
        let config = try JSONValue(parsing: root.attributes.string("model_config"))
        #expect(config["class_name"] == "Functional")
        let layers = try #require(config["config"]?["layers"]?.array)
        // "dense_1" lies deeper than "dense", by the layer after it.
        let names = ["input_1", "dense_1", "dense", "re_lu", "add", "dense_2"]
        #expect(layers.compactMap { $0["name"]?.string } == names)
        #expect(layers.compactMap { $0["config"]?["name"]?.string } == names)
        #expect(try root.group("model_weights").attributes.strings("layer_names") == names)
        #expect(layers[0]["inbound_nodes"] == [])
        #expect(layers[1]["inbound_nodes"] == [[["input_1", 0, 0, [:]]]])
        #expect(layers[4]["inbound_nodes"] == [[["dense", 0, 0, [:]], ["re_lu", 0, 0, [:]]]])
        #expect(layers[2]["config"]?["activation"] == "swish")
        #expect(layers[5]["config"]?["activation"] == "sigmoid")
        #expect(config["config"]?["input_layers"] == [["input_1", 0, 0]])
        #expect(config["config"]?["output_layers"] == [["dense_2", 0, 0]])
    }

    @Test("Equal models are equal bytes, more than a second apart")
    func bytes() throws {
        let first = try sequential.image()
        Thread.sleep(forTimeInterval: 1.1)
        let second = try sequential.image()
        #expect(first == second)
        var other = sequential
        other.settings = "other"
        #expect(try other.image() != first)
    }
}
