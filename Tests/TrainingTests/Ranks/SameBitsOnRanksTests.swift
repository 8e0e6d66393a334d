import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("The same bits on any number of ranks")
struct SameBitsOnRanksTests {
    @Test("Weights and history do not depend on the ranks, nor on their workers", arguments: SameBitsTests.cases)
    func ranks(example: SameBitsTests.Case) throws {
        let one = try Run(example, workers: 1)
        #expect(one.history.count == 2)
        for (ranks, workers) in [(2, 1), (3, 2), (7, 1), (9, 2)] {
            let all = try onRanks(ranks) { try Run(example, workers: workers, communicator: $0) }
            #expect(all.count == ranks)
            for other in all {
                #expect(bitDifference(other.weights, one.weights) == nil, "\(ranks) ranks")
                #expect(other.history == one.history, "\(ranks) ranks")
            }
        }
    }

    @Test("Nor do statistics over the whole batch, and their moving averages", arguments: [1, 2, 5, 8])
    func batchNormalization(shards: Int) throws {
        let one = try Self.normalized(shards: shards, InProcessCommunicator())
        for ranks in [2, 3, 5] {
            let all = try onRanks(ranks) { try Self.normalized(shards: shards, $0) }
            for other in all { #expect(bitDifference(other, one) == nil, "\(ranks) ranks") }
        }
    }

    private static func normalized(shards: Int, _ communicator: any Communicator) throws -> [Float] {
        let network = Graph(inputs: 6) {
            Dense(20, usesBias: false)
            BatchNormalization()
            ReLU()
            Dense(20)
            BatchNormalization(momentum: 0.9)
            Dense(3)
        }
        let training = try Training(
            of: network, on: SampleSelection(RandomRows.classes(3, rows: 100, features: 6)),
            configuration: TrainingConfiguration(
                loss: .softmaxCrossEntropy(), optimizer: .adam(learningRate: 0.01), batchSize: 32, shards: shards),
            epochs: 2, workers: 2, communicator: communicator)
        try training.run()
        return training.parameters.values.elements
    }

    @Test("Nor does a network whose gradients leave while others are computed", arguments: [false, true])
    func buckets(clips: Bool) throws {
        let one = try Self.branched(clips: clips, InProcessCommunicator())
        for ranks in [2, 3] {
            let all = try onRanks(ranks) { try Self.branched(clips: clips, $0) }
            for other in all { #expect(bitDifference(other, one) == nil, "\(ranks) ranks") }
        }
    }

    /// With several buckets, of which the borders lie within a branch.
    private static func branched(clips: Bool, _ communicator: any Communicator) throws -> [Float] {
        let network = Graph(inputs: 6) { x in
            let wide = Dense(512)(x)
            return Dense(3)(wide + Dense(512)(Dropout(0.25)(Dense(512)(ReLU()(wide)))))
        }
        let training = try Training(
            of: network, on: SampleSelection(RandomRows.classes(3, rows: 50, features: 6)),
            configuration: TrainingConfiguration(
                loss: .softmaxCrossEntropy(),
                optimizer: .adam(learningRate: 0.01, clipping: clips ? .norm(0.1) : .none), batchSize: 32, shards: 5),
            epochs: 1, workers: 2, communicator: communicator)
        #expect(training.trainer.plan.phaseCount == (communicator.isAlone ? 1 : 3))
        try training.run()
        return training.parameters.values.elements
    }

    @Test("A state of some ranks goes on on others, and is the state of one")
    func states() throws {
        let example = SameBitsTests.Case(
            name: "", optimizer: .adagrad(learningRate: 0.1, clipping: .norm(0.5)), regularizer: Regularizer(l2: 0.01))
        let whole = try Run(example, workers: 1)
        let single = try #require(try Run(example, workers: 1, stopAfter: 4).state)
        let state = try #require(
            try onRanks(3) { try Run(example, workers: 1, communicator: $0, stopAfter: 4).state }.compactMap { $0 }
                .first)
        #expect(bitDifference(state.parameters.elements, single.parameters.elements) == nil)
        #expect(bitDifference(state.moments.elements, single.moments.elements) == nil)
        #expect(state.epochSums == single.epochSums)
        for ranks in [1, 2, 4] {
            let all = try onRanks(ranks) { try Run(example, workers: 2, communicator: $0, from: state) }
            for other in all {
                #expect(bitDifference(other.weights, whole.weights) == nil, "\(ranks) ranks")
                #expect(other.history == whole.history, "\(ranks) ranks")
            }
        }
    }

    @Test("One rank that wants to stop stops all, after the same step")
    func stopping() throws {
        let steps = try onRanks(3) { communicator in
            let training = try Run.training(SameBitsTests.Case(name: ""), workers: 1, communicator)
            training.progressSteps = 1
            training.onProgress = { [unowned training] _ in communicator.rank != 1 || training.step < 2 }
            try training.run()
            return training.step
        }
        #expect(steps == [2, 2, 2])
    }

    @Test("A number that is not finite stops all ranks at the same step, and the rank that has it says where")
    func failure() throws {
        let rows = RandomRows.classes(3, rows: 90, features: 24)
        // In the second batch, in the last of its seven shards.
        rows.features[63 * 24 + 5] = .infinity
        let failures = try onRanks(3) { communicator -> String in
            let example = SameBitsTests.Case(name: "", shuffles: false)
            let training = try Run.training(example, workers: 1, communicator, rows: rows)
            do {
                try training.run()
                return "none"
            } catch {
                return "\(training.step): \(error)"
            }
        }
        #expect(failures.allSatisfy { $0.hasPrefix("1: ") || $0.hasPrefix("0: ") })
        #expect(failures[0].contains("rank 2 failed") && failures[1].contains("rank 2 failed"))
        #expect(failures[2].contains("step 2: a feature is not a finite number, in row 63"))
    }
}

/// As in `SameBitsTests`.
private struct Run: Sendable {
    var weights: [Float]
    var history: [[Metric]]
    var state: TrainingState?

    /// - Parameter stopAfter: A step after which to stop and keep the state.
    init(
        _ example: SameBitsTests.Case, workers: Int, communicator: any Communicator = InProcessCommunicator(),
        from state: TrainingState? = nil, stopAfter: Int? = nil
    ) throws {
        let training = try Self.training(example, workers: workers, communicator)
        if let state { try training.resume(from: state) }
        if let stopAfter {
            training.progressSteps = 1
            training.onProgress = { [unowned training] _ in training.step < stopAfter }
        }
        try training.run()
        weights = training.parameters.values.elements
        history = training.history.map(\.metrics)
        self.state = stopAfter == nil ? nil : training.gatherState(reusing: nil)
    }

    static func training(
        _ example: SameBitsTests.Case, workers: Int, _ communicator: any Communicator, rows: Samples? = nil
    ) throws -> Training {
        let isClassifier = example.loss.outputActivation == .softmax
        let make = { (rows: Int, stream: Int) in
            isClassifier
                ? RandomRows.classes(3, rows: rows, features: 24, weighted: example.isWeighted, stream: stream)
                : RandomRows.values(rows: rows, features: 24, columns: 3, weighted: example.isWeighted, stream: stream)
        }
        let scorer = Scorer(
            isClassifier ? .classes(3) : .values(means: [0, 0, 0], deviations: [1, 1, 1]),
            outputActivation: example.loss.outputActivation)
        let configuration = TrainingConfiguration(
            loss: example.loss, optimizer: example.optimizer, schedule: example.schedule, batchSize: 32,
            shards: example.shards, shuffles: example.shuffles, dropsLastBatch: example.dropsLastBatch, seed: 9)
        return try Training(
            of: SameBitsTests.network(example), on: SampleSelection(rows ?? make(90, 1)), configuration: configuration,
            epochs: 2, validation: .init(rows: SampleSelection(make(600, 2)), scorer: scorer), workers: workers,
            communicator: communicator, scorer: scorer)
    }
}
