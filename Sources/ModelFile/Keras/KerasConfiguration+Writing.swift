internal import NeuralNetwork

/// A graph as Keras configuration JSON, the dialect of Keras 2 that Keras 3 reads as well.
enum KerasConfiguration {
    /// The name of the input layer of a written model; a number follows where there are several.
    static let inputName = "input_1"

    /// The configuration of a graph with its output activation.
    ///
    /// The activation goes into the last layer where that is a linear dense one, and becomes a layer of its own otherwise.
    static func encode(_ graph: Graph, outputActivation: OutputActivation) -> JSONValue {
        let order = graph.kerasOrder
        let outputNode = graph.output - graph.inputSizes.count
        let last = outputNode >= 0 ? graph.nodes[outputNode] : nil
        var fused: OutputActivation = .linear
        if case .dense(let dense)? = last?.operation, dense.activation == .linear,
            !graph.nodes.contains(where: { $0.inputs.contains(graph.output) })
        {
            fused = outputActivation
        }
        let separate: OutputActivation = fused == outputActivation ? .linear : outputActivation
        var layers = order.map { index -> (name: String, layer: JSONValue, inputs: [String]) in
            let node = graph.nodes[index]
            let activation = index == outputNode ? fused : .linear
            return (
                node.name, layer(node, size: graph.sizes[graph.inputSizes.count + index], outputActivation: activation),
                node.inputs.map { valueName($0, of: graph) }
            )
        }
        var outputName = valueName(graph.output, of: graph)
        if separate != .linear {
            var names = LayerNames()
            var name = names.next(for: separate.rawValue)
            while graph.nodes.contains(where: { $0.name == name }) { name = names.next(for: separate.rawValue) }
            let config: JSONValue = [
                "name": .string(name), "trainable": true, "dtype": "float32", "activation": .string(separate.rawValue),
            ]
            layers.append((name, ["class_name": "Activation", "config": config], [outputName]))
            outputName = name
        }
        let inputs = graph.inputSizes.indices.map { index -> JSONValue in
            [
                "class_name": "InputLayer",
                "config": [
                    "batch_input_shape": [nil, .number(Double(graph.inputSizes[index]))], "dtype": "float32",
                    "sparse": false, "ragged": false, "name": .string(valueName(index, of: graph)),
                ],
            ]
        }
        if graph.isSequential {
            return [
                "class_name": "Sequential",
                "config": ["name": "descent", "layers": .array(inputs + layers.map(\.layer))],
            ]
        }
        let placed =
            inputs.enumerated().map { index, layer in
                place(layer, name: valueName(index, of: graph), inputs: [])
            } + layers.map { place($0.layer, name: $0.name, inputs: $0.inputs) }
        return [
            "class_name": "Functional",
            "config": [
                "name": "descent", "trainable": true, "layers": .array(placed),
                "input_layers": .array(graph.inputSizes.indices.map { [.string(valueName($0, of: graph)), 0, 0] }),
                "output_layers": [[.string(outputName), 0, 0]],
            ],
        ]
    }

    /// The name of a value in a file: an input's or a layer's.
    static func valueName(_ value: Int, of graph: Graph) -> String {
        if value >= graph.inputSizes.count { return graph.nodes[value - graph.inputSizes.count].name }
        return value == 0 ? inputName : "input_\(value + 1)"
    }

    private static func place(_ layer: JSONValue, name: String, inputs: [String]) -> JSONValue {
        guard case .object(var members) = layer else { return layer }
        members["name"] = .string(name)
        members["inbound_nodes"] = inputs.isEmpty ? [] : [.array(inputs.map { [.string($0), 0, 0, [:]] })]
        return .object(members)
    }

    /// Keras' class of a layer.
    static func className(of node: Graph.Node) -> String {
        layer(node, size: 1, outputActivation: .linear)["class_name"]?.string ?? ""
    }

    private static func layer(_ node: Graph.Node, size: Int, outputActivation: OutputActivation) -> JSONValue {
        var config: [String: JSONValue] = [
            "name": .string(node.name), "trainable": .bool(node.isTrainable), "dtype": "float32",
        ]
        let className: String
        switch node.operation {
        case .dense(let dense):
            className = "Dense"
            config["units"] = .number(Double(dense.units))
            let own = denseActivation(dense.activation)
            config["activation"] = .string(outputActivation == .linear ? own : outputActivation.rawValue)
            config["use_bias"] = .bool(dense.usesBias)
            config["kernel_initializer"] = initializer(dense.kernelInitializer)
            config["bias_initializer"] = initializer(dense.biasInitializer)
            config["kernel_regularizer"] = regularizer(dense.kernelRegularizer)
            config["bias_regularizer"] = regularizer(dense.biasRegularizer)
            config["activity_regularizer"] = .null
            config["kernel_constraint"] = .null
            config["bias_constraint"] = .null
        case .activation(let activation):
            switch activation {
            case .relu:
                className = "ReLU"
                config["max_value"] = .null
                config["negative_slope"] = 0
                config["threshold"] = 0
            case .leakyReLU(let slope):
                className = "LeakyReLU"
                config["alpha"] = .number(Double(slope))
            case .elu(let alpha):
                className = "ELU"
                config["alpha"] = .number(Double(alpha))
            case .linear, .sigmoid, .tanh, .selu, .softplus, .gelu, .silu:
                className = "Activation"
                config["activation"] = .string(denseActivation(activation))
            }
        case .softmax:
            className = "Softmax"
            config["axis"] = -1
        case .dropout(let dropout):
            className = "Dropout"
            config["rate"] = .number(dropout.probability)
            config["noise_shape"] = .null
            config["seed"] = .null
        case .add: className = "Add"
        case .multiply: className = "Multiply"
        case .concatenate:
            className = "Concatenate"
            config["axis"] = -1
        case .rescaling(let rescaling):
            className = "Rescaling"
            config["scale"] = numbers(rescaling.scale)
            config["offset"] = numbers(rescaling.offset)
        case .normalization(let normalization):
            className = "Normalization"
            // Without an axis one number stands for all columns.
            config["axis"] = normalization.mean.count == 1 && !(normalization.isAdapted && size == 1) ? .null : -1
            config["mean"] = normalization.isAdapted ? .null : numbers(normalization.mean)
            config["variance"] = normalization.isAdapted ? .null : numbers(normalization.variance)
            config["invert"] = false
        case .layerNormalization(let layer):
            className = "LayerNormalization"
            config["axis"] = -1
            config["epsilon"] = .number(Double(layer.epsilon))
            config["center"] = .bool(layer.centers)
            config["scale"] = .bool(layer.scales)
            config["gamma_regularizer"] = regularizer(layer.gammaRegularizer)
            config["beta_regularizer"] = regularizer(layer.betaRegularizer)
        case .batchNormalization(let layer):
            className = "BatchNormalization"
            config["axis"] = -1
            config["momentum"] = .number(Double(layer.momentum))
            config["epsilon"] = .number(Double(layer.epsilon))
            config["center"] = .bool(layer.centers)
            config["scale"] = .bool(layer.scales)
            config["gamma_regularizer"] = regularizer(layer.gammaRegularizer)
            config["beta_regularizer"] = regularizer(layer.betaRegularizer)
        }
        return ["class_name": .string(className), "config": .object(config)]
    }

    /// The name that both generations know. `Graph.spelledForKeras` has moved the parametrised ones into layers.
    private static func denseActivation(_ activation: Activation) -> String {
        switch activation {
        case .silu: "swish"
        case .linear, .relu, .leakyReLU, .sigmoid, .tanh, .elu, .selu, .softplus, .gelu: activation.name
        }
    }

    /// A number alone, or a list.
    private static func numbers(_ values: [Float]) -> JSONValue {
        values.count == 1 ? .number(Double(values[0])) : .array(values.map { .number(Double($0)) })
    }

    private static func initializer(_ initializer: Initializer) -> JSONValue {
        switch initializer {
        case .zeros: ["class_name": "Zeros", "config": [:]]
        case .constant(let value): ["class_name": "Constant", "config": ["value": .number(Double(value))]]
        case .glorotUniform: ["class_name": "GlorotUniform", "config": ["seed": nil]]
        case .glorotNormal: ["class_name": "GlorotNormal", "config": ["seed": nil]]
        case .heUniform: ["class_name": "HeUniform", "config": ["seed": nil]]
        case .heNormal: ["class_name": "HeNormal", "config": ["seed": nil]]
        case .lecunNormal: ["class_name": "LecunNormal", "config": ["seed": nil]]
        }
    }

    private static func regularizer(_ regularizer: Regularizer) -> JSONValue {
        if regularizer == .none { return .null }
        return [
            "class_name": "L1L2",
            "config": ["l1": .number(Double(regularizer.l1)), "l2": .number(Double(regularizer.l2))],
        ]
    }
}

extension Graph {
    /// The same function with activations that Keras has no name for inside a dense layer (LeakyReLU and ELU with their
    /// parameters) as layers of their own.
    func spelledForKeras() throws(GraphError) -> Graph {
        var renumbered = Array(0..<inputSizes.count)
        var spelled: [Node] = []
        let taken = Set(nodes.map(\.name))
        for node in nodes {
            var node = node
            node.inputs = node.inputs.map { renumbered[$0] }
            guard case .dense(var dense) = node.operation, dense.activation.needsLayerInKeras else {
                spelled.append(node)
                renumbered.append(inputSizes.count + spelled.count - 1)
                continue
            }
            let activation = dense.activation
            dense.activation = .linear
            node.operation = .dense(dense)
            spelled.append(node)
            var name = node.name + "_activation"
            while taken.contains(name) { name += "_" }
            spelled.append(
                Node(name: name, operation: .activation(activation), inputs: [inputSizes.count + spelled.count - 1]))
            renumbered.append(inputSizes.count + spelled.count - 1)
        }
        return try Graph(inputSizes: inputSizes, nodes: spelled, output: renumbered[output])
    }
}

extension Activation {
    fileprivate var needsLayerInKeras: Bool {
        switch self {
        case .leakyReLU: true
        case .elu(let alpha): alpha != 1
        case .linear, .relu, .sigmoid, .tanh, .selu, .softplus, .gelu, .silu: false
        }
    }
}
