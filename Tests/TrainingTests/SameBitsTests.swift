import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("The same bits on any number of workers")
struct SameBitsTests {
    /// A way to train; what it leaves out is as in the first.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: Optimizer = .sgd(learningRate: 0.05)
        var loss: Loss = .softmaxCrossEntropy()
        var regularizer: Regularizer = .none
        var isWeighted = false
        var shards = 7
        var schedule: Schedule = .constant
        var shuffles = true
        var dropsLastBatch = false

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "sgd"),
        Case(name: "sgd, 3 shards", shards: 3),
        Case(name: "sgd, as many shards as rows", shards: 32),
        Case(name: "momentum", optimizer: .sgd(learningRate: 0.05, momentum: .heavyBall(0.9)), shards: 3),
        Case(name: "nesterov", optimizer: .sgd(learningRate: 0.05, momentum: .nesterov(0.9))),
        Case(name: "adam", optimizer: .adam(learningRate: 0.01)),
        Case(name: "adamw", optimizer: .adamW(learningRate: 0.01), isWeighted: true),
        Case(name: "rmsprop with momentum", optimizer: .rmsprop(momentum: 0.9), shards: 3),
        Case(name: "rmsprop, centred", optimizer: .rmsprop(centered: true)),
        Case(name: "adagrad", optimizer: .adagrad(learningRate: 0.1), shards: 3),
        Case(name: "clipping by norm", optimizer: .sgd(learningRate: 0.05, clipping: .norm(0.1))),
        Case(
            name: "adam, clipping by norm, penalties", optimizer: .adam(clipping: .norm(0.5)),
            regularizer: Regularizer(l1: 0.001, l2: 0.01), shards: 3),
        Case(name: "clipping by value", optimizer: .sgd(learningRate: 0.05, clipping: .value(0.001))),
        Case(name: "l1", regularizer: Regularizer(l1: 0.01), isWeighted: true),
        Case(name: "l2", regularizer: Regularizer(l2: 0.01), shards: 3),
        Case(name: "weights, smoothing", loss: .softmaxCrossEntropy(labelSmoothing: 0.1), isWeighted: true),
        Case(name: "values", loss: .meanSquaredError, isWeighted: true),
        Case(name: "values, huber", loss: .huber(), schedule: .cosine(), shuffles: false, dropsLastBatch: true),
    ]

    /// 30,000 parameters: enough that three workers share the sum.
    static func network(_ example: Case) -> Graph {
        Graph(inputs: 24) {
            Dropout(0.1)
            Dense(160, activation: .relu, kernelRegularizer: example.regularizer)
            Dropout(0.3)
            Dense(160, activation: .tanh)
            Dense(3, kernelRegularizer: example.regularizer)
        }
    }

    @Test("Weights and history do not depend on the workers", arguments: cases)
    func workers(example: Case) throws {
        let one = try Run(example, workers: 1)
        #expect(one.weights.allSatisfy { $0.isFinite })
        #expect(bitDifference(one.weights, Parameters(of: Self.network(example), seed: 9).values.elements) != nil)
        #expect(one.history.count == 2)
        for workers in [2, 3, 5, 8] {
            let other = try Run(example, workers: workers)
            // Otherwise fewer workers than asked for would prove nothing.
            #expect(other.workers == min(workers, example.shards))
            #expect(bitDifference(other.weights, one.weights) == nil, "\(workers) workers")
            #expect(other.history == one.history, "\(workers) workers")
        }
    }

    @Test("The rule's own shards do not depend on the workers either")
    func rule() throws {
        let rows = RandomRows.classes(4, rows: 600, features: 32)
        let network = Graph(inputs: 32) {
            Dense(128, activation: .relu)
            Dropout(0.2)
            Dense(128, activation: .relu)
            Dense(4)
        }
        func weights(_ workers: Int) throws -> [Float] {
            let training = try Training(
                of: network, on: SampleSelection(rows),
                configuration: TrainingConfiguration(loss: .softmaxCrossEntropy(), batchSize: 256), epochs: 1,
                workers: workers)
            #expect(training.shards.count == 3)
            try training.run()
            return training.parameters.values.elements
        }
        let one = try weights(1)
        for workers in [2, 3, 8] { #expect(bitDifference(try weights(workers), one) == nil, "\(workers) workers") }
    }

    @Test("Two runs are equal, ten times over")
    func repetition() throws {
        let example = Case(name: "", optimizer: .adam(clipping: .norm(0.5)), isWeighted: true)
        let first = try Run(example, workers: 3)
        for _ in 0..<10 {
            let again = try Run(example, workers: 3)
            #expect(bitDifference(again.weights, first.weights) == nil)
            #expect(again.history == first.history)
        }
    }

    @Test("Another seed gives other weights")
    func seeds() throws {
        let example = Case(name: "")
        let first = try Run(example, workers: 2)
        #expect(bitDifference(try Run(example, workers: 2, seed: 10).weights, first.weights) != nil)
        // The high half of the seed counts too.
        #expect(bitDifference(try Run(example, workers: 2, seed: 9 + 1 << 32).weights, first.weights) != nil)
    }

    @Test("Another number of shards changes the rounding alone: masks and order stay what they are")
    func shards() throws {
        let one = try Run(Case(name: "", isWeighted: true, shards: 1), workers: 1)
        for shards in [2, 3, 7, 32] {
            let other = try Run(Case(name: "", isWeighted: true, shards: shards), workers: 2)
            // Eight steps at a rate of 0.05 of gradients below 1, each known to about 1e-6.
            #expect(Tolerance(absolute: 5e-7, relative: 1e-6).disagreement(of: other.weights, with: one.weights) == nil)
            for (found, expected) in zip(other.history, one.history) {
                #expect(abs(found[0].value - expected[0].value) < 1e-6)
            }
        }
    }

    @Test("Dropout has no part in the order of the rows, nor in the initial weights")
    func independentDraws() throws {
        func order(dropout: Double, seed: UInt64) throws -> (visits: [[UInt32]], weights: [Float]) {
            let data = RecordedData(RandomRows.classes(3, rows: 50, features: 6))
            let network = Graph(inputs: 6) {
                Dense(8, activation: .relu)
                if dropout > 0 { Dropout(dropout) }
                Dense(3)
            }
            let training = try Training(
                of: network, on: data,
                configuration: TrainingConfiguration(loss: .softmaxCrossEntropy(), batchSize: 8, seed: seed), epochs: 3)
            let weights = training.parameters.values.elements
            try training.run()
            return (data.visits, weights)
        }
        let without = try order(dropout: 0, seed: 1)
        let with = try order(dropout: 0.5, seed: 1)
        #expect(without.visits.count == 3)
        #expect(with.visits == without.visits)
        #expect(bitDifference(with.weights, without.weights) == nil)
        #expect(try order(dropout: 0, seed: 2).visits != without.visits)
        for visit in without.visits { #expect(visit.sorted() == Array(0..<50)) }
        #expect(Set(without.visits).count == 3)
    }
}

/// Two epochs of a network with dropout before and behind the first layer, over batches of 32 with a last one of 26.
private struct Run {
    var weights: [Float]
    var history: [[Metric]]
    var workers: Int

    init(_ example: SameBitsTests.Case, workers: Int, seed: UInt64 = 9) throws {
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
            shards: example.shards, shuffles: example.shuffles, dropsLastBatch: example.dropsLastBatch, seed: seed)
        let training = try Training(
            of: SameBitsTests.network(example), on: SampleSelection(make(90, 1)), configuration: configuration,
            epochs: 2,
            validation: .init(rows: SampleSelection(make(40, 2)), scorer: scorer), workers: workers, scorer: scorer)
        try training.run()
        weights = training.parameters.values.elements
        history = training.history.map(\.metrics)
        self.workers = training.workers
    }
}
