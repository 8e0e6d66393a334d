internal import NeuralNetwork

/// Optimizers and losses as Keras' JSON describes them.
extension KerasOptimizer {
    /// The dialects.
    enum Generation {
        case keras2
        case keras3
    }

    /// The optimizer that a model was compiled with.
    ///
    /// - Throws: `ModelError` that names the optimizer, for all but those that Descent has.
    static func decode(_ description: JSONValue) throws(ModelError) -> KerasOptimizer {
        guard let fullName = description["class_name"]?.string else {
            throw ModelError("describes an optimizer without class_name")
        }
        let name = fullName.split(separator: ">").last.map(String.init) ?? fullName
        let config = description["config"] ?? [:]
        func number(_ key: String, _ usual: Double) -> Double { (config[key]?.number).map(shortest) ?? usual }
        for key in ["amsgrad", "use_ema"] where config[key]?.bool == true {
            throw ModelError("holds the moments of \(name) with \(key), which is not supported")
        }
        let epsilon = number("epsilon", 1e-7)
        let momentum = number("momentum", 0)
        let rule: Optimizer.Rule
        switch name {
        case "SGD":
            rule = .sgd(
                momentum: momentum == 0
                    ? .none : config["nesterov"]?.bool == true ? .nesterov(momentum) : .heavyBall(momentum))
        case "Adam", "AdamW":
            rule = .adam(beta1: number("beta_1", 0.9), beta2: number("beta_2", 0.999), epsilon: epsilon)
        case "RMSprop":
            rule = .rmsprop(
                rho: number("rho", 0.9), momentum: momentum, epsilon: epsilon,
                centered: config["centered"]?.bool ?? false)
        case "Adagrad":
            rule = .adagrad(initialAccumulator: number("initial_accumulator_value", 0.1), epsilon: epsilon)
        default:
            throw ModelError(
                "holds the moments of the optimizer '\(fullName)'; those of SGD, Adam, AdamW, RMSprop and Adagrad can be read"
            )
        }
        var optimizer = Optimizer(
            rule: rule, learningRate: number("learning_rate", name == "SGD" ? 0.01 : 0.001),
            weightDecay: number("weight_decay", 0))
        if let norm = config["global_clipnorm"]?.number {
            optimizer.clipping = .norm(norm)
        } else if let limit = config["clipvalue"]?.number {
            optimizer.clipping = .value(limit)
        }
        return KerasOptimizer(
            optimizer: optimizer, isLegacy: config["is_legacy_optimizer"]?.bool ?? (config["decay"] != nil))
    }

    /// Keras 2 writes settings rounded to single precision: 0.009999999776482582 is 0.01 again.
    private static func shortest(_ number: Double) -> Double {
        Double(Float(number)) == number ? Double("\(Float(number))") ?? number : number
    }

    /// The optimizer for the training configuration of a model.
    func encode(_ generation: Generation) -> JSONValue {
        var config: [String: JSONValue] = [
            "name": .string(generation == .keras2 ? className : className.lowercased()),
            "learning_rate": Self.fraction(optimizer.learningRate),
            "weight_decay": optimizer.weightDecay > 0 ? .number(optimizer.weightDecay) : .null,
            "clipnorm": .null, "global_clipnorm": .null, "clipvalue": .null, "use_ema": false, "ema_momentum": 0.99,
            "ema_overwrite_frequency": .null,
        ]
        switch optimizer.clipping {
        case .none: break
        case .norm(let norm): config["global_clipnorm"] = .number(norm)
        case .value(let limit): config["clipvalue"] = .number(limit)
        }
        switch optimizer.rule {
        case .sgd(let momentum):
            let (factor, isNesterov) =
                switch momentum {
                case .none: (0.0, false)
                case .heavyBall(let factor): (factor, false)
                case .nesterov(let factor): (factor, true)
                }
            if factor != 0 { config["momentum"] = .number(factor) }
            config["nesterov"] = .bool(isNesterov)
        case .adam(let beta1, let beta2, let epsilon):
            config["beta_1"] = .number(beta1)
            config["beta_2"] = .number(beta2)
            config["epsilon"] = .number(epsilon)
            config["amsgrad"] = false
        case .rmsprop(let rho, let momentum, let epsilon, let centered):
            config["rho"] = .number(rho)
            config["momentum"] = .number(momentum)
            config["epsilon"] = .number(epsilon)
            config["centered"] = .bool(centered)
        case .adagrad(let initial, let epsilon):
            config["initial_accumulator_value"] = .number(initial)
            config["epsilon"] = .number(epsilon)
        }
        switch generation {
        case .keras2:
            // Without the prefix Keras 2 takes it for the kind before TensorFlow 2.11, with another order of moments.
            config["jit_compile"] = false
            config["is_legacy_optimizer"] = false
            return ["class_name": .string("Custom>" + className), "config": .object(config)]
        case .keras3:
            return [
                "module": "keras.optimizers", "class_name": .string(className), "config": .object(config),
                "registered_name": nil,
            ]
        }
    }

    /// A number that JSON does not write as an integer, which Keras 3 takes for no rate, and the same in single precision.
    private static func fraction(_ number: Double) -> JSONValue {
        .number(number == number.rounded() ? number.nextUp : number)
    }

    /// What a model is compiled with: `training_config` of Keras 2, `compile_config` of Keras 3.
    func training(_ loss: Loss, _ generation: Generation) -> JSONValue {
        let measures: JSONValue =
            switch loss {
            case .softmaxCrossEntropy, .binaryCrossEntropy: ["accuracy"]
            default: .null
            }
        var members: [String: JSONValue] = [
            "loss": Self.loss(loss, generation), "loss_weights": .null, "metrics": measures, "weighted_metrics": .null,
        ]
        switch generation {
        case .keras2:
            members["optimizer_config"] = encode(.keras2)
        case .keras3:
            members["optimizer"] = encode(.keras3)
            members["run_eagerly"] = false
            members["steps_per_execution"] = 1
            members["jit_compile"] = false
        }
        return .object(members)
    }

    /// Long names, the only ones that both generations take; `null` for a loss that Keras does not have.
    private static func loss(_ loss: Loss, _ generation: Generation) -> JSONValue {
        func object(_ className: String, _ config: JSONValue) -> JSONValue {
            switch generation {
            case .keras2: ["class_name": .string(className), "config": config]
            case .keras3:
                [
                    "module": "keras.losses", "class_name": .string(className), "config": config,
                    "registered_name": nil,
                ]
            }
        }
        return switch loss {
        case .softmaxCrossEntropy(labelSmoothing: 0): "sparse_categorical_crossentropy"
        case .softmaxCrossEntropy(let smoothing):
            object("CategoricalCrossentropy", ["label_smoothing": .number(Double(smoothing))])
        case .binaryCrossEntropy(labelSmoothing: 0): "binary_crossentropy"
        case .binaryCrossEntropy(let smoothing):
            object("BinaryCrossentropy", ["label_smoothing": .number(Double(smoothing))])
        case .crossEntropy: "categorical_crossentropy"
        case .meanSquaredError: "mean_squared_error"
        case .meanAbsoluteError: "mean_absolute_error"
        case .huber(let delta): object("Huber", ["delta": .number(Double(delta))])
        case .halfSquaredError, .squaredError: .null
        }
    }
}
