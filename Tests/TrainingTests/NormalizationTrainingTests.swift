import Foundation
import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("Training with batch and layer normalization")
struct NormalizationTrainingTests {
    /// What Keras 3 computed; `make_normalization_fixtures.py` says how.
    struct File: Decodable {
        struct Case: Decodable {
            var name: String
            var epoch_losses: [Float]
            var final_weights: [String: [Float]]
            var outputs: [[Float]]
        }

        var batch_size: Int
        var epochs: Int
        var x: [[Float]]
        var classes: [Int32]
        var initial_weights: [String: [Float]]
        var cases: [Case]
    }

    static let network = Graph(inputs: 4) { x in
        let a = ReLU()(BatchNormalization(momentum: 0.9)(Dense(6, usesBias: false)(x)))
        let b = Tanh()(LayerNormalization()(Dense(5)(a)))
        let c = Dense(5, usesBias: false)(
            BatchNormalization(momentum: 0.5, epsilon: 0.01, scales: false, centers: false)(x))
        return Dense(3)(BatchNormalization()(b + c))
    }

    static func load() throws -> File {
        let path = Datasets.repository.appending(path: "Tests/TrainingTests/Fixtures/normalization.json")
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
    }

    @Test(
        "Three epochs end in Keras' weights, moving averages and losses, whatever the shards",
        arguments: [nil, 1, 2, 3, 8])
    func againstKeras(shards: Int?) throws {
        let file = try Self.load()
        let optimizers: [String: Optimizer] = [
            "sgd": .sgd(learningRate: 0.05), "momentum": .sgd(learningRate: 0.05, momentum: .heavyBall(0.9)),
            "adam": .adam(learningRate: 0.01), "adamw": .adamW(learningRate: 0.01, weightDecay: 0.05),
            "rmsprop": .rmsprop(learningRate: 0.005),
        ]
        #expect(file.cases.count == optimizers.count)
        let samples = Samples(
            rowCount: 20, featureCount: 4, features: SharedBuffer(file.x.flatMap { $0 }),
            targets: .labels(SharedBuffer(file.classes), classes: 3))
        for example in file.cases {
            let parameters = Parameters(layout: ParameterLayout(Self.network))
            for slice in parameters.layout.slices {
                parameters.setElements(try #require(file.initial_weights[slice.path], "\(slice.path)"), of: slice)
            }
            let training = try Training(
                of: Self.network, on: SampleSelection(samples),
                configuration: TrainingConfiguration(
                    loss: .softmaxCrossEntropy(), optimizer: try #require(optimizers[example.name]),
                    batchSize: file.batch_size, shards: shards, shuffles: false),
                epochs: file.epochs, parameters: parameters, workers: 2)
            try training.run()
            for slice in training.parameters.layout.slices {
                let problem = Tolerance(absolute: 2e-5).disagreement(
                    of: training.parameters.elements(of: slice), with: try #require(example.final_weights[slice.path]))
                #expect(problem == nil, "\(example.name): \(slice.path)")
            }
            let losses = training.history.compactMap { $0["loss"] }.map { Float($0) }
            let problem = Tolerance(absolute: 2e-5).disagreement(of: losses, with: example.epoch_losses)
            #expect(problem == nil, "\(example.name): losses")
            let outputs = Self.network.forward(Matrix(file.x), parameters: training.parameters)
            let wrong = Tolerance(absolute: 1e-4).disagreement(
                of: outputs.elements, with: example.outputs.flatMap { $0 })
            #expect(wrong == nil, "\(example.name): predictions")
        }
    }

    private func run(workers: Int, shards: Int, optimizer: Optimizer = .adam(learningRate: 0.01)) throws -> Training {
        let norm = BatchNormalization(momentum: 0.9)
        let graph = Graph(inputs: 9) { x in
            let a = Dropout(0.2)(ReLU()(norm(Dense(17)(x))))
            let b = norm(Dense(17)(a)) + norm(Dense(17)(x))
            return Dense(4)(LayerNormalization()(b))
        }
        let training = try Training(
            of: graph, on: SampleSelection(RandomRows.classes(4, rows: 100, features: 9)),
            configuration: TrainingConfiguration(
                loss: .softmaxCrossEntropy(), optimizer: optimizer, batchSize: 32, shards: shards, seed: 9),
            epochs: 3, workers: workers)
        #expect(training.workers == min(workers, shards))
        try training.run()
        return training
    }

    @Test(
        "The same bits on any number of workers", arguments: [3, 7, 32],
        [Optimizer.adam(learningRate: 0.01), .sgd(learningRate: 0.05, clipping: .norm(0.1))])
    func sameBits(shards: Int, optimizer: Optimizer) throws {
        let one = try run(workers: 1, shards: shards, optimizer: optimizer)
        #expect(one.parameters.values.elements.allSatisfy { $0.isFinite })
        for workers in [2, 3, 5, 8] {
            let other = try run(workers: workers, shards: shards, optimizer: optimizer)
            let difference = bitDifference(other.parameters.values.elements, one.parameters.values.elements)
            #expect(difference == nil, "\(workers) workers")
            #expect(other.history.map(\.metrics) == one.history.map(\.metrics))
        }
    }

    @Test("A network without batch normalization has one phase per shard, and each one after another two more")
    func phases() throws {
        func phases(_ layers: [any Layer]) throws -> Int {
            Plan(try Graph(inputs: 4, layers: layers), capacity: 8, trains: true).phaseCount
        }
        #expect(try phases([Dense(3), LayerNormalization(), Dropout(0.5), Dense(2)]) == 1)
        #expect(try phases([Dense(3), BatchNormalization(), Dense(2)]) == 3)
        #expect(try phases([BatchNormalization(), Dense(3), BatchNormalization(), Dense(2)]) == 5)
        let beside = Graph(inputs: 4) { x in BatchNormalization()(Dense(2)(x)) + BatchNormalization()(Dense(2)(x)) }
        #expect(Plan(beside, capacity: 8, trains: true).phaseCount == 3)
        let plain = Graph(inputs: 4) { [Dense(3), ReLU(), Dense(2)] as [any Layer] }
        #expect(Plan(plain, capacity: 8, trains: true, cuttingBackwardAt: [15]).phaseCount == 2)
    }

    @Test("A number that is not finite is found at its layer and row")
    func failure() throws {
        let samples = RandomRows.classes(3, rows: 40, features: 4)
        let graph = Graph(inputs: 4) { [Dense(5), BatchNormalization(), ReLU(), Dense(3)] as [any Layer] }
        let parameters = Parameters(of: graph, seed: 1)
        parameters["batch_normalization/gamma"] = Matrix([[1e38, 1e38, 1e38, 1e38, 1e38]])
        let training = try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(
                loss: .softmaxCrossEntropy(), batchSize: 16, shards: 4, shuffles: false),
            epochs: 1, parameters: parameters, workers: 2)
        let failure = #expect(throws: NumericalFailure.self) { try training.run() }
        #expect(
            failure?.description.contains("batch_normalization") == true
                || failure?.description.contains("dense") == true)
        #expect(parameters["batch_normalization/moving_mean"] == Matrix(rows: 1, columns: 5))
    }
}
