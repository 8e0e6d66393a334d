import Descent
import Foundation
import TestSupport
import Testing

@Suite("Training goes on with the moments of an optimizer that has worked before")
struct ContinuedOptimizerTests {
    /// What Keras made of its own files; `make_optimizer_fixtures.py` says how.
    private struct Fixtures: Decodable {
        var x: [Float]
        var y: [Float]
        var continued: [String: [String: [Float]]]
    }

    static let optimizers: [String: Optimizer] = [
        "keras2_adam.h5": .adam(learningRate: 0.05, beta1: 0.8, beta2: 0.9),
        "keras2_legacy.h5": .adam(learningRate: 0.05, beta1: 0.8, beta2: 0.9),
        "keras2_rmsprop.keras": .rmsprop(learningRate: 0.01, rho: 0.7, momentum: 0.5, centered: true),
        "keras3_adamw.keras": .adamW(learningRate: 0.05, beta1: 0.8, beta2: 0.9, weightDecay: 0.1),
        "keras3_sgd.h5": .sgd(learningRate: 0.05, momentum: .nesterov(0.9)),
    ]

    private func fixture(_ name: String) -> String {
        Datasets.repository.appending(path: "Tests/TrainingTests/Fixtures/\(name)").path()
    }

    private func samples(_ fixtures: Fixtures) -> SampleSelection {
        SampleSelection(
            Samples(
                rowCount: 12, featureCount: 3, features: SharedBuffer(fixtures.x),
                targets: .values(SharedBuffer(fixtures.y), columns: 2)))
    }

    private func training(
        _ model: Model, _ optimizer: Optimizer, on data: SampleSelection, epochs: Int = 1, workers: Int = 1
    ) throws -> Training {
        try Training(
            of: model.graph, on: data,
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: optimizer, batchSize: 4, shards: 2, shuffles: false),
            epochs: epochs,
            parameters: model.parameters.copy(), workers: workers)
    }

    @Test("Three steps from a file of Keras' end in Keras' weights", arguments: [2, 3])
    func againstKeras(_ generation: Int) throws {
        let text = try Data(contentsOf: URL(filePath: fixture("optimizers_keras\(generation).json")))
        let fixtures = try JSONDecoder().decode(Fixtures.self, from: text)
        #expect(Set(fixtures.continued.keys) == Set(Self.optimizers.keys.filter { $0.hasPrefix("keras\(generation)") }))
        for (name, weights) in fixtures.continued {
            let model = try Model(contentsOf: fixture(name))
            let optimizer = try #require(Self.optimizers[name])
            let state = try #require(try OptimizerState(contentsOf: fixture(name), of: model))
            #expect(state.step == 3)
            #expect(state.optimizer == optimizer)
            let training = try training(model, optimizer, on: samples(fixtures))
            try training.takeOver(state)
            try training.run()
            #expect(training.state.earlierSteps == 3)
            func worst(_ training: Training) throws -> Double {
                try training.parameters.layout.slices.flatMap { slice in
                    zip(training.parameters.elements(of: slice), try #require(weights[slice.path])).map {
                        abs(Double($0) - Double($1))
                    }
                }.max() ?? .infinity
            }
            #expect(try worst(training) < 1e-6, "\(name)")
            // Without the moments it would be another place.
            let alone = try self.training(model, optimizer, on: samples(fixtures))
            try alone.run()
            #expect(try worst(alone) > 1e-3, "\(name)")
        }
    }

    private let model = {
        let graph = Graph(inputs: 3) { [Dense(4, activation: .tanh), Dense(2)] as [any Layer] }
        return Model(graph: graph, parameters: Parameters(of: graph, seed: 3), outputActivation: .linear)
    }()

    private var data: SampleSelection {
        var random = CounterRandom.test(9)
        return SampleSelection(
            Samples(
                rowCount: 12, featureCount: 3, features: SharedBuffer(random.floats(36)),
                targets: .values(SharedBuffer(random.floats(24)), columns: 2)))
    }

    @Test("Two runs of two epochs are one of four, to the bit")
    func halves() throws {
        for optimizer in [
            Optimizer.sgd(momentum: .heavyBall(0.9)), .adam(), .adamW(), .rmsprop(momentum: 0.5, centered: true),
            .adagrad(),
        ] {
            let whole = try training(model, optimizer, on: data, epochs: 4)
            try whole.run()
            let first = try training(model, optimizer, on: data, epochs: 2)
            try first.run()
            let state = first.state
            let half = Model(graph: model.graph, parameters: first.parameters, outputActivation: .linear)
            let second = try training(half, optimizer, on: data, epochs: 2, workers: 2)
            try second.takeOver(OptimizerState(optimizer: optimizer, step: state.step, moments: state.moments))
            // Interrupted in the middle, and continued from its state.
            _ = try second.nextEpoch()
            let third = try training(half, optimizer, on: data, epochs: 2)
            try third.resume(from: second.state)
            try third.run()
            #expect(third.parameters.values.elements == whole.parameters.values.elements, "\(optimizer)")
            #expect(third.earlierSteps == 6)
            #expect(third.state.moments.elements == whole.state.moments.elements)
        }
    }

    @Test("Moments of another optimizer or network are refused")
    func refusals() throws {
        func refusal(_ own: Optimizer, _ given: Optimizer, count: Int = 2) throws -> String {
            let training = try training(model, own, on: data)
            let moments = SharedBuffer<Float>(count: count * training.parameters.layout.bufferCount)
            let error = #expect(throws: TrainingError.self) {
                try training.takeOver(OptimizerState(optimizer: given, step: 1, moments: moments))
            }
            return error?.reason ?? ""
        }
        let kinds = try refusal(.adam(), .rmsprop(momentum: 0.5))
        #expect(kinds.contains("rmsprop with momentum") && kinds.contains("uses adam"))
        #expect(try refusal(.sgd(momentum: .heavyBall(0.9)), .sgd(), count: 0).contains("uses sgd with momentum"))
        #expect(try refusal(.adam(), .adam(), count: 1).contains("another network"))
        // What is not needed may be there.
        let plain = try training(model, .sgd(), on: data)
        let moments = SharedBuffer<Float>(count: plain.parameters.layout.bufferCount)
        try plain.takeOver(OptimizerState(optimizer: .sgd(momentum: .heavyBall(0.9)), step: 5, moments: moments))
        #expect(plain.earlierSteps == 5)
    }
}
