import Foundation
import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("A run trains as in Keras")
struct AgainstKerasTests {
    @Test("Three epochs end in Keras' weights and losses, whatever the shards", arguments: [nil, 1, 2, 3, 5])
    func training(shards: Int?) throws {
        let file = try KerasRuns.load()
        #expect(file.cases.count == 17)
        for example in file.cases {
            let training = try run(example, file, shards: shards)
            try training.run()
            for (slice, expected) in zip(training.parameters.layout.slices, example.final_weights) {
                // Both sides sum in single precision, each in its own order.
                let problem = Tolerance(absolute: 3e-6)
                    .disagreement(of: training.parameters.elements(of: slice), with: expected)
                #expect(problem == nil, "\(example.name): \(slice.path)")
            }
            let losses = training.history.compactMap { $0["loss"] }
            let problem = Tolerance(absolute: 5e-6).disagreement(
                of: losses.map { Float($0) }, with: example.epoch_losses)
            #expect(problem == nil, "\(example.name): losses")
        }
    }

    /// An implementation that ignored them would pass the cases only if they had no effect.
    @Test("Penalties, weights and smoothing have an effect")
    func effects() throws {
        let file = try KerasRuns.load()
        let plain = try #require(file.cases.first { $0.name == "sgd" })
        for name in ["sgd l1", "sgd l2", "sgd sample weights", "sgd label smoothing"] {
            let other = try #require(file.cases.first { $0.name == name })
            let difference = zip(plain.final_weights.joined(), other.final_weights.joined()).map { abs($0 - $1) }.max()
            #expect((difference ?? 0) > 1e-3, "\(name)")
        }
    }

    private func run(_ example: KerasRuns.Case, _ file: KerasRuns, shards: Int?) throws -> Training {
        let regularizer = Regularizer(l1: example.l1, l2: example.l2)
        let isClassifier = example.task == "classification"
        let graph = Graph(inputs: 4) {
            Dense(5, activation: example.activation == "relu" ? .relu : .tanh, kernelRegularizer: regularizer)
            Dense(isClassifier ? 3 : 2, kernelRegularizer: regularizer)
        }
        let parameters = Parameters(layout: ParameterLayout(graph))
        let start = try #require(file.initial_weights[example.task])
        for (slice, elements) in zip(parameters.layout.slices, start) { parameters.setElements(elements, of: slice) }
        let samples = Samples(
            rowCount: 20, featureCount: 4, features: SharedBuffer(file.x.flatMap { $0 }),
            targets: isClassifier
                ? .labels(SharedBuffer(file.classes), classes: 3)
                : .values(SharedBuffer(file.targets.flatMap { $0 }), columns: 2),
            weights: example.sample_weights ? SharedBuffer(file.sample_weights) : nil)
        return try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(
                loss: try #require(example.lossHere), optimizer: try #require(example.optimizer.optimizerHere),
                batchSize: file.batch_size, shards: shards, shuffles: false),
            epochs: file.epochs, parameters: parameters, workers: 2)
    }
}

/// What Keras 3 computed; `make_optimizer_fixtures.py` says how.
private struct KerasRuns: Decodable {
    struct Case: Decodable {
        var name: String
        var task: String
        var activation: String
        var loss: String
        var label_smoothing: Float
        var l1: Float
        var l2: Float
        var sample_weights: Bool
        var optimizer: Algorithm
        var epoch_losses: [Float]
        var final_weights: [[Float]]

        var lossHere: Loss? {
            switch loss {
            case "sparse_categorical_crossentropy", "categorical_crossentropy":
                .softmaxCrossEntropy(labelSmoothing: label_smoothing)
            case "mean_squared_error": .meanSquaredError
            case "mean_absolute_error": .meanAbsoluteError
            case "huber": .huber()
            default: nil
            }
        }
    }

    struct Algorithm: Decodable {
        struct Options: Decodable {
            var learning_rate: Double
        }

        var class_name: String
        var options: Options

        /// The cases use these two alone, with Keras' other defaults.
        var optimizerHere: Optimizer? {
            switch class_name {
            case "SGD": .sgd(learningRate: options.learning_rate)
            case "Adam": .adam(learningRate: options.learning_rate)
            default: nil
            }
        }
    }

    var batch_size: Int
    var epochs: Int
    var x: [[Float]]
    var classes: [Int32]
    var targets: [[Float]]
    var sample_weights: [Float]
    var initial_weights: [String: [[Float]]]
    var cases: [Case]

    static func load() throws -> KerasRuns {
        let file = Datasets.repository.appendingPathComponent("Tests/NeuralNetworkTests/Fixtures/training.json")
        return try JSONDecoder().decode(KerasRuns.self, from: Data(contentsOf: file))
    }
}
