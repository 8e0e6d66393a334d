internal import NeuralNetwork

extension KerasConfiguration {
    /// The operations that a Keras layer becomes; a dense layer with softmax becomes two. The first has the weights.
    static func operations(
        _ className: String, _ config: JSONValue, _ name: String
    ) throws(ModelError) -> [Operation] {
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
            try refuse(
                ["activity_regularizer", "kernel_constraint", "bias_constraint", "lora_rank", "quantization_config"],
                in: config, name)
            switch try activation(config["activation"], name) {
            case .activation(let activation):
                dense.activation = activation
                return [.dense(dense)]
            case let other: return [.dense(dense), other]
            }
        case "Activation": return [try activation(config["activation"], name)]
        case "ReLU":
            guard config["max_value"] == nil, (config["threshold"]?.number ?? 0) == 0 else {
                throw ModelError("layer '\(name)' is a ReLU with a maximum or a threshold, which is not supported")
            }
            let slope = number(config["negative_slope"]) ?? 0
            return [.activation(slope == 0 ? .relu : try leaky(slope, name))]
        case "LeakyReLU":
            let slope = number(config["negative_slope"]) ?? number(config["alpha"]) ?? 0.3
            return [.activation(try leaky(slope, name))]
        case "ELU":
            let alpha = number(config["alpha"]) ?? 1
            guard alpha >= 0, alpha.isFinite else { throw ModelError("layer '\(name)' has the alpha \(alpha)") }
            return [.activation(.elu(alpha: Float(alpha)))]
        case "Softmax":
            let axis = config["axis"] ?? -1
            guard isLast(axis) else {
                throw ModelError("layer '\(name)' is a softmax along axis \(axis.text); along the last it can be read")
            }
            return [.softmax(Softmax())]
        case "Dropout":
            guard let rate = config["rate"]?.number, rate >= 0, rate < 1, config["noise_shape"] == nil else {
                throw ModelError("layer '\(name)' has no valid drop rate, or a noise shape")
            }
            return [.dropout(Dropout(rate))]
        case "Add": return [.add(Add())]
        case "Multiply": return [.multiply(Multiply())]
        case "Concatenate":
            guard isLast(config["axis"] ?? -1) else {
                throw ModelError("layer '\(name)' concatenates along the rows; along the last axis it can be read")
            }
            return [.concatenate(Concatenate())]
        case "Rescaling":
            guard let scale = numbers(config["scale"]), let offset = numbers(config["offset"] ?? 0),
                scale.count == offset.count || scale.count == 1 || offset.count == 1
            else { throw ModelError("layer '\(name)' has no valid scale and offset") }
            return [.rescaling(Rescaling(scale: scale, offset: offset))]
        case "Normalization": return [try normalization(config, name)]
        case "BatchNormalization": return [.batchNormalization(try batchNormalization(config, name))]
        case "LayerNormalization": return [.layerNormalization(try layerNormalization(config, name))]
        default:
            throw ModelError("layer '\(name)' is of class '\(className)', which is not supported")
        }
    }

    private static func batchNormalization(
        _ config: JSONValue, _ name: String
    ) throws(ModelError) -> BatchNormalization {
        guard isLast(config["axis"] ?? -1) else {
            throw ModelError("layer '\(name)' normalizes along the rows; along the last axis it can be read")
        }
        guard config["renorm"]?.bool != true else {
            throw ModelError("layer '\(name)' is a batch renormalization, which is not supported")
        }
        try refuse(["beta_constraint", "gamma_constraint", "virtual_batch_size", "adjustment"], in: config, name)
        return BatchNormalization(
            momentum: Float(number(config["momentum"]) ?? 0.99), epsilon: Float(number(config["epsilon"]) ?? 1e-3),
            scales: config["scale"]?.bool ?? true, centers: config["center"]?.bool ?? true,
            gammaRegularizer: try regularizer(config["gamma_regularizer"], name),
            betaRegularizer: try regularizer(config["beta_regularizer"], name))
    }

    private static func layerNormalization(
        _ config: JSONValue, _ name: String
    ) throws(ModelError) -> LayerNormalization {
        guard isLast(config["axis"] ?? -1) else {
            throw ModelError("layer '\(name)' normalizes along the rows; along the last axis it can be read")
        }
        guard config["rms_scaling"]?.bool != true else {
            throw ModelError("layer '\(name)' scales by the root mean square, which is not supported")
        }
        try refuse(["beta_constraint", "gamma_constraint"], in: config, name)
        return LayerNormalization(
            epsilon: Float(number(config["epsilon"]) ?? 1e-3), scales: config["scale"]?.bool ?? true,
            centers: config["center"]?.bool ?? true,
            gammaRegularizer: try regularizer(config["gamma_regularizer"], name),
            betaRegularizer: try regularizer(config["beta_regularizer"], name))
    }

    private static func refuse(_ keys: [String], in config: JSONValue, _ name: String) throws(ModelError) {
        for key in keys where config[key] != nil {
            throw ModelError("layer '\(name)' has a \(key), which is not supported")
        }
    }

    /// Mean and variance from the configuration; where they are weights, 0 and 1 stand in until those are read.
    private static func normalization(_ config: JSONValue, _ name: String) throws(ModelError) -> Operation {
        // Without an axis, null or an empty list, one mean and one variance stand for all columns.
        guard config["axis"].map({ isLast($0) || $0 == [] }) ?? true else {
            throw ModelError("layer '\(name)' normalizes along the rows; along the last axis it can be read")
        }
        guard let mean = numbers(config["mean"] ?? 0), let variance = numbers(config["variance"] ?? 1),
            mean.count == variance.count, variance.allSatisfy({ $0 >= 0 })
        else { throw ModelError("layer '\(name)' has no valid mean and variance") }
        let layer = Normalization(mean: mean, variance: variance)
        guard config["invert"]?.bool == true else { return .normalization(layer) }
        guard config["mean"] != nil else {
            throw ModelError("layer '\(name)' inverts a normalization by weights, which is not supported")
        }
        return .rescaling(layer.inverse)
    }

    /// Whether a normalization takes its mean and variance from weights.
    static func isAdapted(_ className: String, _ config: JSONValue) -> Bool {
        className == "Normalization" && config["mean"] == nil
    }

    /// Whether an axis, alone or in a list, is the one behind the rows.
    private static func isLast(_ axis: JSONValue) -> Bool {
        let axes = axis.array ?? [axis]
        return axes.count == 1 && [-1, 1].contains(axes[0].integer)
    }

    /// Keras writes `0`, `0.1` or a tensor-like object.
    private static func number(_ value: JSONValue?) -> Double? {
        value?.number ?? value?["config"]?["value"]?.number
    }

    /// A number, a list, a list of lists or a tensor-like object; `nil` for anything else and for an empty list.
    private static func numbers(_ value: JSONValue?) -> [Float]? {
        guard let value else { return nil }
        if let number = value.number { return Float(number).isFinite ? [Float(number)] : nil }
        if let inner = value["config"]?["value"] { return numbers(inner) }
        guard let parts = value.array?.map({ numbers($0) }), !parts.isEmpty, !parts.contains(nil) else { return nil }
        return parts.flatMap { $0 ?? [] }
    }

    private static func leaky(_ slope: Double, _ layer: String) throws(ModelError) -> Activation {
        guard slope >= 0, slope.isFinite else { throw ModelError("layer '\(layer)' has the slope \(slope)") }
        return .leakyReLU(slope: Float(slope))
    }

    /// An activation by name, or a layer in its place.
    private static func activation(_ value: JSONValue?, _ layer: String) throws(ModelError) -> Operation {
        guard let value else { return .activation(.linear) }
        // Keras 3 writes an object for a function, too.
        let name = value.string ?? value["config"]?.string
        if name == "softmax" { return .softmax(Softmax()) }
        if let name { return .activation(try namedActivation(name, layer)) }
        guard let className = value["class_name"]?.string,
            ["ReLU", "LeakyReLU", "ELU", "Softmax", "Activation"].contains(className)
        else {
            let what = value["class_name"]?.string ?? value["registered_name"]?.string ?? "of an unknown kind"
            throw ModelError("layer '\(layer)' has the activation '\(what)', which is not supported")
        }
        return try operations(className, value["config"] ?? [:], layer)[0]
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
