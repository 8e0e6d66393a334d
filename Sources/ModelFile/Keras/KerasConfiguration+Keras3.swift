extension KerasConfiguration {
    /// A configuration as `encode` writes it, the dialect of Keras 2, in that of Keras 3.
    ///
    /// - Parameter sizes: The numbers per row of each layer's output.
    static func inKeras3(_ configuration: JSONValue, sizes: [String: Int]) -> JSONValue {
        guard case .object(var model) = configuration, case .object(var config)? = model["config"],
            let layers = config["layers"]?.array
        else { return configuration }
        let isSequential = model["class_name"]?.string == "Sequential"
        config["layers"] = .array(layers.map { layer($0, sizes: sizes) })
        for key in ["input_layers", "output_layers"] {
            // One alone is not in a list.
            if let list = config[key]?.array, list.count == 1 { config[key] = list[0] }
        }
        model["config"] = .object(config)
        model["module"] = isSequential ? "keras" : "keras.src.models.functional"
        model["registered_name"] = isSequential ? "Sequential" : "Functional"
        return .object(model)
    }

    private static func layer(_ layer: JSONValue, sizes: [String: Int]) -> JSONValue {
        guard case .object(var layer) = layer, case .object(var config)? = layer["config"] else { return layer }
        layer["module"] = "keras.layers"
        layer["registered_name"] = .null
        if let shape = config.removeValue(forKey: "batch_input_shape") { config["batch_shape"] = shape }
        if layer["class_name"]?.string == "LeakyReLU", let slope = config.removeValue(forKey: "alpha") {
            config["negative_slope"] = slope
        }
        if config["activation"] == "swish" { config["activation"] = "silu" }
        for (key, module) in [("initializer", "keras.initializers"), ("regularizer", "keras.regularizers")] {
            for name in config.keys where name.hasSuffix(key) {
                guard case .object(var object)? = config[name] else { continue }
                object["module"] = .string(module)
                object["registered_name"] = .null
                config[name] = .object(object)
            }
        }
        layer["config"] = .object(config)
        if let calls = layer["inbound_nodes"]?.array, let sources = calls.first?.array {
            let tensors = sources.compactMap { $0.array?.first?.string }.map { tensor($0, sizes: sizes) }
            // Layers of several inputs take them as one list.
            let takesList = ["Add", "Multiply", "Concatenate"].contains(layer["class_name"]?.string)
            layer["inbound_nodes"] = [["args": .array(takesList ? [.array(tensors)] : tensors), "kwargs": [:]]]
        }
        return .object(layer)
    }

    private static func tensor(_ name: String, sizes: [String: Int]) -> JSONValue {
        [
            "class_name": "__keras_tensor__",
            "config": [
                "shape": [nil, .number(Double(sizes[name] ?? 1))], "dtype": "float32",
                "keras_history": [.string(name), 0, 0],
            ],
        ]
    }
}
