import HDF5
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

/// Files of other programs list layers in orders of their own; Keras puts them in its order before it hands out weights.
@Suite("Layers in another order")
struct ForeignOrderTests {
    private func dense(_ name: String, _ input: String, _ activation: String = "linear") -> JSONValue {
        [
            "class_name": "Dense", "name": .string(name),
            "config": ["name": .string(name), "units": 2, "activation": .string(activation), "use_bias": false],
            "inbound_nodes": [[[.string(input), 0, 0, [:]]]],
        ]
    }

    private func layer(_ className: String, _ name: String, _ inputs: [String]) -> JSONValue {
        [
            "class_name": .string(className), "name": .string(name),
            "config": ["name": .string(name), "activation": "tanh", "batch_input_shape": [nil, 2]],
            "inbound_nodes": inputs.isEmpty ? [] : [.array(inputs.map { [.string($0), 0, 0, [:]] })],
        ]
    }

    private func model(
        _ layers: [JSONValue], output: String, weights: [(layer: String, kernel: [Float])]
    ) throws -> Model {
        let config: JSONValue = [
            "class_name": "Functional",
            "config": [
                "name": "net", "layers": .array(layers), "input_layers": [["in", 0, 0]],
                "output_layers": [[.string(output), 0, 0]],
            ],
        ]
        let file = try File(inMemoryNamed: "model")
        try file.root.attributes.write(config.text, to: "model_config")
        let group = try file.root.createGroup("model_weights")
        try group.attributes.write(weights.map(\.layer), to: "layer_names")
        for (name, kernel) in weights {
            let layer = try group.createGroup(name)
            try layer.attributes.write(["\(name)/kernel:0"], to: "weight_names")
            try layer.createDataset("\(name)/kernel:0", shape: [2, 2], values: kernel)
        }
        return try ModelFiles.read(file.image())
    }

    @Test("Kernels of equal shape reach the layers of their names")
    func kernels() throws {
        // "b" lies deeper than "a", so Keras lists it first, whatever the configuration does.
        let layers = [
            layer("InputLayer", "in", []), dense("a", "in"), dense("b", "in"), layer("Activation", "t", ["b"]),
            layer("Add", "sum", ["a", "t"]),
        ]
        let model = try model(layers, output: "sum", weights: [("b", [0, 0, 0, 0]), ("a", [1, 0, 0, 1])])
        #expect(model.predictions([[[3, 5]]]) == [3, 5])
    }

    @Test("A last softmax or sigmoid is split off wherever it is listed", arguments: ["softmax", "sigmoid"])
    func outputActivation(_ activation: String) throws {
        let layers = [
            layer("InputLayer", "in", []), dense("hidden", "in"), dense("out", "hidden", activation),
            layer("Activation", "unused", ["hidden"]),
        ]
        let model = try model(
            layers, output: "out", weights: [("hidden", [1, 0, 0, 1]), ("out", [1, 0, 0, 1])])
        #expect(model.outputActivation == (activation == "softmax" ? .softmax : .sigmoid))
        #expect(model.graph.outputs([[[3, 5]]], parameters: model.parameters) == [[3, 5]])
    }
}
