internal import NeuralNetwork

extension KerasConfiguration {
    /// The operations that a Keras layer becomes; a dense layer with softmax becomes two.
    static func operations(
        _ className: String, _ config: JSONValue, _ name: String
    ) throws(ModelError) -> [(suffix: String, operation: Operation)] {
        switch className {
        case "Dense":
            guard let units = config["units"]?.integer, units > 0, units <= Graph.sizeLimit else {
                throw ModelError("layer '\(name)' has no valid number of units")
            }
            var dense = Dense(units)
            dense.usesBias = config["use_bias"]?.bool ?? true
            dense.kernelInitializer = try initializer(config["kernel_initializer"], name) ?? .glorotUniform
            dense.biasInitializer = try initializer(config["bias_initializer"], name) ?? .zeros
            dense.kernelRegularizer = try regularizer(config["kernel_regularizer"], name)
            dense.biasRegularizer = try regularizer(config["bias_regularizer"], name)
            for key in [
                "activity_regularizer", "kernel_constraint", "bias_constraint", "lora_rank", "quantization_config",
            ]
            where config[key] != nil {
                throw ModelError("layer '\(name)' has a \(key), which is not supported")
            }
            let activation = activationName(config["activation"])
            if activation == "softmax" { return [("", .dense(dense)), ("_softmax", .softmax(Softmax()))] }
            dense.activation = try namedActivation(activation, name)
            return [("", .dense(dense))]
        case "Activation":
            let activation = activationName(config["activation"])
            if activation == "softmax" { return [("", .softmax(Softmax()))] }
            return [("", .activation(try namedActivation(activation, name)))]
        case "ReLU":
            guard config["max_value"] == nil, (config["threshold"]?.number ?? 0) == 0 else {
                throw ModelError("layer '\(name)' is a ReLU with a maximum or a threshold, which is not supported")
            }
            let slope = number(config["negative_slope"]) ?? 0
            return [("", .activation(slope == 0 ? .relu : try leaky(slope, name)))]
        case "LeakyReLU":
            let slope = number(config["negative_slope"]) ?? number(config["alpha"]) ?? 0.3
            return [("", .activation(try leaky(slope, name)))]
        case "ELU":
            let alpha = number(config["alpha"]) ?? 1
            guard alpha >= 0, alpha.isFinite else { throw ModelError("layer '\(name)' has the alpha \(alpha)") }
            return [("", .activation(.elu(alpha: Float(alpha))))]
        case "Softmax":
            let axis = config["axis"]?.integer ?? config["axis"]?.array?.first?.integer ?? -1
            guard axis == -1 || axis == 1 else {
                throw ModelError("layer '\(name)' is a softmax along axis \(axis); along the last it can be read")
            }
            return [("", .softmax(Softmax()))]
        case "Dropout":
            guard let rate = config["rate"]?.number, rate >= 0, rate < 1, config["noise_shape"] == nil else {
                throw ModelError("layer '\(name)' has no valid drop rate, or a noise shape")
            }
            return [("", .dropout(Dropout(rate)))]
        case "Add": return [("", .add(Add()))]
        case "Multiply": return [("", .multiply(Multiply()))]
        default:
            throw ModelError("layer '\(name)' is of class '\(className)', which is not supported")
        }
    }

    /// Keras writes `0`, `0.1` or a tensor-like object.
    private static func number(_ value: JSONValue?) -> Double? {
        value?.number ?? value?["config"]?["value"]?.number
    }

    private static func leaky(_ slope: Double, _ layer: String) throws(ModelError) -> Activation {
        guard slope >= 0, slope.isFinite else { throw ModelError("layer '\(layer)' has the slope \(slope)") }
        return .leakyReLU(slope: Float(slope))
    }

    private static func activationName(_ value: JSONValue?) -> String {
        value?.string ?? value?["class_name"]?.string ?? value?["config"]?.string ?? "linear"
    }

    private static func namedActivation(_ name: String, _ layer: String) throws(ModelError) -> Activation {
        switch name {
        case "linear": .linear
        case "relu": .relu
        // The function's default differs from that of the layer of the same name.
        case "leaky_relu": .leakyReLU(slope: 0.2)
        case "sigmoid": .sigmoid
        case "tanh": .tanh
        case "elu": .elu(alpha: 1)
        case "selu": .selu
        case "softplus": .softplus
        case "gelu": .gelu
        case "silu", "swish": .silu
        default: throw ModelError("layer '\(layer)' has the activation '\(name)', which is not supported")
        }
    }

    private static func initializer(_ value: JSONValue?, _ layer: String) throws(ModelError) -> Initializer? {
        guard let value else { return nil }
        switch value["class_name"]?.string ?? value.string {
        case "Zeros", "zeros": return .zeros
        case "Ones", "ones": return .constant(1)
        case "Constant": return .constant(Float(value["config"]?["value"]?.number ?? 0))
        case "GlorotUniform", "glorot_uniform": return .glorotUniform
        case "GlorotNormal", "glorot_normal": return .glorotNormal
        case "HeUniform", "he_uniform": return .heUniform
        case "HeNormal", "he_normal": return .heNormal
        case "LecunNormal", "lecun_normal": return .lecunNormal
        // How a network was initialised does not matter once it has weights.
        default: return nil
        }
    }

    private static func regularizer(_ value: JSONValue?, _ layer: String) throws(ModelError) -> Regularizer {
        guard let value else { return .none }
        guard let className = value["class_name"]?.string, ["L1", "L2", "L1L2"].contains(className) else {
            throw ModelError("layer '\(layer)' has a regularizer that is not L1 or L2")
        }
        let config = value["config"]
        return Regularizer(l1: Float(number(config?["l1"]) ?? 0), l2: Float(number(config?["l2"]) ?? 0))
    }
}
