import Foundation
import NeuralNetwork

/// What Keras 3 computed; the scripts beside the files say how.
enum KerasFixtures {
    static func load<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }
}

/// The options of a Keras optimizer, in Keras' words.
struct KerasOptimizer: Decodable, Sendable {
    struct Options: Decodable, Sendable {
        var learning_rate: Double
        var momentum: Double?
        var nesterov: Bool?
        var weight_decay: Double?
        var clipvalue: Double?
        var global_clipnorm: Double?
        var beta_1: Double?
        var beta_2: Double?
        var epsilon: Double?
        var rho: Double?
        var centered: Bool?
        var initial_accumulator_value: Double?
    }

    var class_name: String
    var options: Options

    /// The same optimizer here.
    var optimizer: Optimizer {
        get throws {
            let clipping: Optimizer.Clipping =
                if let limit = options.global_clipnorm {
                    .norm(limit)
                } else if let limit = options.clipvalue {
                    .value(limit)
                } else {
                    .none
                }
            return Optimizer(
                rule: try rule, learningRate: options.learning_rate, weightDecay: options.weight_decay ?? 0,
                clipping: clipping)
        }
    }

    private var rule: Optimizer.Rule {
        get throws {
            let momentum = options.momentum ?? 0
            switch class_name {
            case "SGD":
                let nesterov = options.nesterov ?? false
                return .sgd(momentum: momentum == 0 ? .none : nesterov ? .nesterov(momentum) : .heavyBall(momentum))
            case "Adam", "AdamW":
                return .adam(
                    beta1: try known(options.beta_1), beta2: try known(options.beta_2),
                    epsilon: try known(options.epsilon))
            case "RMSprop":
                return .rmsprop(
                    rho: try known(options.rho), momentum: momentum, epsilon: try known(options.epsilon),
                    centered: options.centered ?? false)
            case "Adagrad":
                return .adagrad(
                    initialAccumulator: try known(options.initial_accumulator_value),
                    epsilon: try known(options.epsilon))
            default: throw UnknownOption(optimizer: class_name)
            }
        }
    }

    private func known(_ value: Double?) throws -> Double {
        guard let value else { throw UnknownOption(optimizer: class_name) }
        return value
    }

    struct UnknownOption: Error {
        var optimizer: String
    }
}
