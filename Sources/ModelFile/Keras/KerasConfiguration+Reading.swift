internal import NeuralNetwork

extension KerasConfiguration {
    /// The network of a configuration.
    ///
    /// Takes the dialects of Keras 2 and 3, Sequential and Functional.
    ///
    /// - Parameter inputs: The inputs per row of a Sequential model that does not say.
    /// - Throws: `ModelError` that names the layer, for everything that is not a dense network.
    static func decode(_ configuration: JSONValue, inputs: Int? = nil) throws(ModelError) -> KerasNetwork {
        guard let className = configuration["class_name"]?.string, let config = configuration["config"] else {
            throw ModelError("is not a Keras configuration: it has no class_name and config")
        }
        var reader = Reader(missingInputs: inputs)
        switch className {
        case "Sequential":
            try reader.readSequential(config)
        case "Functional", "Model":
            try reader.readFunctional(config)
        default:
            throw ModelError("holds a model of class '\(className)'; only Sequential and Functional models can be read")
        }
        return try reader.result()
    }

    /// Collects nodes while a configuration is read.
    private struct Reader {
        private let missingInputs: Int?
        private var inputSizes: [Int] = []
        /// The value of each layer, by name: an input's index, or -1 minus the node's index until all inputs are known.
        private var values: [String: Value] = [:]
        private var output: Value?

        private enum Value {
            case input(Int)
            case node(Int)
        }

        /// The nodes read so far.
        private var pending: [(name: String, operation: Operation, inputs: [Value], isTrainable: Bool)] = []
        private var layers: [KerasNetwork.Layer] = []

        init(missingInputs: Int?) {
            self.missingInputs = missingInputs
        }

        mutating func readSequential(_ config: JSONValue) throws(ModelError) {
            guard let layers = config["layers"]?.array else { throw ModelError("lists no layers") }
            var last: Value?
            for layer in layers {
                let (className, config, name) = try parts(layer)
                if className == "InputLayer" {
                    last = try addInput(config, name, of: layers)
                } else {
                    if last == nil { last = try addInput(config, name + "_input", of: layers, isLayer: false) }
                    guard let source = last else { throw ModelError("does not say how many inputs it takes") }
                    last = try add(className, config, name, inputs: [source])
                }
            }
            output = last
        }

        mutating func readFunctional(_ config: JSONValue) throws(ModelError) {
            guard let layers = config["layers"]?.array else { throw ModelError("lists no layers") }
            // Inputs are numbered as the model takes them, which is not the order in which their layers are listed.
            let inputNames = references(config["input_layers"])
            var listed: [(className: String, config: JSONValue, name: String, sources: [String])] = []
            var positions: [String: Int] = [:]
            for layer in layers {
                let (className, config, name) = try parts(layer)
                guard positions.updateValue(listed.count, forKey: name) == nil else {
                    throw ModelError("calls two layers '\(name)'")
                }
                let sources = className == "InputLayer" ? [] : try inbound(layer, name)
                listed.append((className, config, name, sources))
            }
            let inputLayers = listed.filter { $0.className == "InputLayer" }
            guard Set(inputNames).count == inputNames.count, Set(inputNames) == Set(inputLayers.map(\.name)) else {
                throw ModelError("lists other inputs than it has")
            }
            for name in inputNames {
                guard let layer = inputLayers.first(where: { $0.name == name }) else { continue }
                values[name] = try addInput(layer.config, name, of: layers)
            }
            let outputs = references(config["output_layers"])
            guard outputs.count == 1, let result = positions[outputs[0]] else {
                throw ModelError("has \(outputs.count) outputs; models with one output can be read")
            }
            var inputs: [[Int]] = []
            for layer in listed {
                let known = layer.sources.compactMap { positions[$0] }
                guard known.count == layer.sources.count else {
                    throw ModelError("layer '\(layer.name)' takes the output of a layer that is not there")
                }
                inputs.append(known)
            }
            for index in KerasOrder.order(output: result, inputs: inputs) where listed[index].className != "InputLayer"
            {
                let layer = listed[index]
                let sources = layer.sources.compactMap { values[$0] }
                guard sources.count == layer.sources.count else {
                    throw ModelError("layer '\(layer.name)' takes its own output, by way of others")
                }
                values[layer.name] = try add(layer.className, layer.config, layer.name, inputs: sources)
            }
            output = values[outputs[0]]
        }

        func result() throws(ModelError) -> KerasNetwork {
            func number(_ value: Value) -> Int {
                switch value {
                case .input(let index): index
                case .node(let index): inputSizes.count + index
                }
            }
            guard let output else { throw ModelError("has no layers") }
            var nodes = pending.map {
                Graph.Node(
                    name: $0.name, operation: $0.operation, inputs: $0.inputs.map(number), isTrainable: $0.isTrainable)
            }
            var result = number(output)
            var activation = OutputActivation.linear
            // The last softmax or sigmoid belongs to the loss: without it the network gives logits.
            let last = result - inputSizes.count
            if last >= 0, last == nodes.count - 1, !nodes.contains(where: { $0.inputs.contains(result) }) {
                switch nodes[last].operation {
                case .softmax:
                    activation = .softmax
                    result = nodes[last].inputs[0]
                    nodes.removeLast()
                case .activation(.sigmoid):
                    activation = .sigmoid
                    result = nodes[last].inputs[0]
                    nodes.removeLast()
                case .dense(var dense) where dense.activation == .sigmoid:
                    dense.activation = .linear
                    nodes[last].operation = .dense(dense)
                    activation = .sigmoid
                default: break
                }
            }
            do throws(GraphError) {
                let graph = try Graph(inputSizes: inputSizes, nodes: nodes, output: result)
                return KerasNetwork(graph: graph, outputActivation: activation, layers: layers)
            } catch {
                throw ModelError("holds layers that do not fit together: \(error.reason)")
            }
        }

        private func parts(_ layer: JSONValue) throws(ModelError) -> (String, JSONValue, String) {
            guard let className = layer["class_name"]?.string, let config = layer["config"],
                let name = config["name"]?.string ?? layer["name"]?.string
            else { throw ModelError("describes a layer without class_name, config or name") }
            guard !name.contains("/") else {
                throw ModelError("calls a layer '\(name)'; the name of a layer has no '/'")
            }
            return (className, config, name)
        }

        private mutating func addInput(
            _ config: JSONValue, _ name: String, of layers: [JSONValue], isLayer: Bool = true
        ) throws(ModelError) -> Value {
            let shape = config["batch_input_shape"]?.array ?? config["batch_shape"]?.array
            if isLayer { self.layers.append(KerasNetwork.Layer(className: "InputLayer", name: name, node: nil)) }
            if shape == nil, !isLayer, let missingInputs {
                inputSizes.append(missingInputs)
                return .input(inputSizes.count - 1)
            }
            guard let shape, shape.count == 2, let size = shape[1].integer, size > 0 else {
                // Images and sequences come with layers for them, which say more about the model.
                for layer in layers where layer["class_name"]?.string != "InputLayer" {
                    let (className, config, name) = try parts(layer)
                    _ = try KerasConfiguration.operations(className, config, name)
                }
                throw ModelError(
                    "layer '\(name)' does not take rows of numbers; models with inputs of shape (rows, features) can be read"
                )
            }
            inputSizes.append(size)
            return .input(inputSizes.count - 1)
        }

        private mutating func add(
            _ className: String, _ config: JSONValue, _ name: String, inputs: [Value]
        ) throws(ModelError) -> Value {
            layers.append(
                KerasNetwork.Layer(
                    className: className, name: name, node: pending.count,
                    isAdapted: KerasConfiguration.isAdapted(className, config)))
            let isTrainable = config["trainable"]?.bool ?? true
            for (index, operation) in try KerasConfiguration.operations(className, config, name).enumerated() {
                // A dense layer's softmax is a node of its own.
                let suffix = index == 0 ? "" : "_softmax"
                let sources = index == 0 ? inputs : [.node(pending.count - 1)]
                pending.append((name + suffix, operation, sources, isTrainable))
            }
            return .node(pending.count - 1)
        }

        /// The names of the layers that a layer takes its inputs from, in either dialect.
        private func inbound(_ layer: JSONValue, _ name: String) throws(ModelError) -> [String] {
            guard let calls = layer["inbound_nodes"]?.array, calls.count == 1 else {
                throw ModelError(
                    "layer '\(name)' is used \(layer["inbound_nodes"]?.array?.count ?? 0) times; layers used once can be read"
                )
            }
            if let arguments = calls[0]["args"]?.array {
                let tensors = arguments.flatMap { $0.array ?? [$0] }
                let names = tensors.compactMap { $0["config"]?["keras_history"]?.array?.first?.string }
                guard names.count == tensors.count, !names.isEmpty else {
                    throw ModelError("layer '\(name)' takes something else than the outputs of layers")
                }
                return names
            }
            let names = (calls[0].array ?? []).compactMap { $0.array?.first?.string }
            guard !names.isEmpty, names.count == calls[0].array?.count else {
                throw ModelError("layer '\(name)' takes something else than the outputs of layers")
            }
            return names
        }

        /// `["out",0,0]` or `[["out",0,0]]`.
        private func references(_ value: JSONValue?) -> [String] {
            guard let list = value?.array else { return [] }
            if let name = list.first?.string { return [name] }
            return list.compactMap { $0.array?.first?.string }
        }
    }
}
