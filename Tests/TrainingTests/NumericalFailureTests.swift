import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("Numbers that are not finite stop a run")
struct NumericalFailureTests {
    static let graph = Graph(inputs: 6) {
        Dense(8, activation: .relu)
        Dropout(0.25)
        Dense(8, activation: .tanh)
        Dense(3)
    }

    /// 43 rows in batches of 10, of a table of which every third row was left out.
    static func samples(_ change: (SharedBuffer<Float>) -> Void) -> Samples {
        let rows = RandomRows.classes(3, rows: 43, features: 6)
        let features = SharedBuffer(rows.features.elements)
        change(features)
        return Samples(
            rowCount: 43, featureCount: 6, features: features, targets: rows.targets,
            tableRows: (0..<43).map { $0 + $0 / 2 })
    }

    static func configuration(shuffles: Bool, shards: Int, seed: UInt64 = 5) -> TrainingConfiguration {
        TrainingConfiguration(
            loss: .softmaxCrossEntropy(), optimizer: .adam(learningRate: 0.01), batchSize: 10, shards: shards,
            shuffles: shuffles, seed: seed)
    }

    /// The order of the first epoch.
    static func order(_ samples: Samples, _ configuration: TrainingConfiguration) throws -> [Int] {
        var order: [Int] = []
        try SampleSelection(samples).forEachWindow(
            epoch: 1, from: 0, batchSize: 10, shuffles: configuration.shuffles, seed: configuration.seed
        ) { window in
            order = window.order?.elements.map(Int.init) ?? Array(0..<window.count)
            return true
        }
        return order
    }

    /// The weights after the first steps of the first epoch, from rows in the order of their visit.
    static func weights(
        after steps: Int, _ samples: Samples, _ configuration: TrainingConfiguration
    ) throws -> [Float] {
        guard steps > 0 else { return Parameters(of: graph, seed: configuration.seed).values.elements }
        let visited = try order(samples, configuration).prefix(steps * 10).map { UInt32($0) }
        var inOrder = configuration
        inOrder.shuffles = false
        let training = try Training(
            of: graph, on: SampleSelection(samples, rows: visited), configuration: inOrder, epochs: 1)
        try training.run()
        return training.parameters.values.elements
    }

    @Test(
        "A feature names epoch, step and row, and the weights are those before the step",
        arguments: [Float.nan, .infinity, -.infinity], [0, 9, 10, 27, 42])
    func features(value: Float, row: Int) throws {
        let samples = Self.samples { $0[row * 6 + row % 6] = value }
        for (shuffles, shards, workers) in [(false, 1, 1), (false, 3, 2), (true, 1, 1), (true, 4, 3), (true, 10, 8)] {
            let configuration = Self.configuration(shuffles: shuffles, shards: shards)
            let training = try Training(
                of: Self.graph, on: SampleSelection(samples), configuration: configuration, epochs: 2, workers: workers)
            let failure = try #require(throws: NumericalFailure.self) { try training.run() }
            let position = try #require(try Self.order(samples, configuration).firstIndex(of: row))
            #expect(failure.epoch == 1)
            #expect(failure.step == position / 10 + 1)
            #expect(failure.place == .input)
            #expect(failure.rows == [row + row / 2])
            #expect(failure.learningRate == 0.01)
            let before = try Self.weights(after: position / 10, samples, configuration)
            #expect(bitDifference(training.parameters.values.elements, before) == nil)
            #expect(before.allSatisfy { $0.isFinite })
            #expect(training.history.isEmpty)
        }
    }

    @Test("The first of several rows is named, in the order of their visit")
    func firstRow() throws {
        let samples = Self.samples { features in
            for row in [21, 24, 28, 35] { features[row * 6] = .nan }
        }
        for shards in [1, 2, 5] {
            let training = try Training(
                of: Self.graph, on: SampleSelection(samples),
                configuration: Self.configuration(shuffles: false, shards: shards), workers: 3)
            let failure = try #require(throws: NumericalFailure.self) { try training.run() }
            #expect(failure.step == 3)
            #expect(failure.rows.map { $0 } == [21, 24, 28].map { $0 + $0 / 2 })
        }
        let shuffled = Self.configuration(shuffles: true, shards: 5)
        let training = try Training(
            of: Self.graph, on: SampleSelection(samples), configuration: shuffled, workers: 3)
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        let first = try Self.order(samples, shuffled).first { [21, 24, 28, 35].contains($0) }
        #expect(failure.rows.first == first.map { $0 + $0 / 2 })
    }

    @Test("Selected rows are named by their place in the table")
    func selection() throws {
        let samples = Self.samples { $0[30 * 6] = .infinity }
        let training = try Training(
            of: Self.graph, on: SampleSelection(samples, rows: [40, 2, 30, 7]),
            configuration: Self.configuration(shuffles: true, shards: 2))
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.rows == [45])
    }

    @Test("A later epoch and its steps are counted over the run")
    func laterEpoch() throws {
        // Rates that grow: 1, 1e9, 1e18, and so on, by the epoch.
        let training = try Training(
            of: Graph(inputs: 6) { Dense(2) },
            on: SampleSelection(RandomRows.values(rows: 20, features: 6, columns: 2)),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.001),
                schedule: .step(every: 4, factor: 1e9), batchSize: 5), epochs: 5)
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.epoch == training.history.count + 1)
        #expect(failure.epoch >= 2)
        #expect((failure.step - 1) / 4 + 1 == failure.epoch)
        #expect(failure.learningRate / 0.001 >= 1e9)
        #expect(training.parameters.values.elements.allSatisfy { $0.isFinite })
    }

    @Test("A rate that is far too large is caught before the weights are lost", arguments: [1, 3])
    func hugeRate(shards: Int) throws {
        let rows = RandomRows.values(rows: 40, features: 6, columns: 2)
        func training(_ rows: SampleSelection) throws -> Training {
            try Training(
                of: Graph(inputs: 6) {
                    Dense(8, activation: .relu)
                    Dense(2)
                }, on: rows,
                configuration: TrainingConfiguration(
                    loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e18), batchSize: 8, shards: shards,
                    shuffles: false), workers: 2)
        }
        let whole = try training(SampleSelection(rows))
        let failure = try #require(throws: NumericalFailure.self) { try whole.run() }
        #expect(failure.epoch == 1)
        #expect(failure.step == 2)
        #expect(failure.learningRate == 1e18)
        let firstStep = try training(SampleSelection(rows, rows: Array(0..<8)))
        _ = try firstStep.nextEpoch()
        #expect(bitDifference(whole.parameters.values.elements, firstStep.parameters.values.elements) == nil)
    }

    @Test("A loss that overflows names its row")
    func loss() throws {
        let targets: [Float] = [0, 1, 2, 1e30, 4, -1e30, 6]
        let samples = Samples(
            rowCount: 7, featureCount: 1, features: SharedBuffer([1, 2, 3, 4, 5, 6, 7]),
            targets: .values(SharedBuffer(targets), columns: 1))
        let training = try Training(
            of: Graph(inputs: 1) { Dense(1) }, on: SampleSelection(samples),
            configuration: TrainingConfiguration(loss: .meanSquaredError, batchSize: 7, shards: 2, shuffles: false))
        let before = training.parameters.values.elements
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.place == .loss)
        #expect(failure.rows == [3, 5])
        #expect(bitDifference(training.parameters.values.elements, before) == nil)
    }

    @Test("Weights of rows and targets count as the loss")
    func weights() throws {
        for (target, weight) in [(Float.nan, Float(1)), (.infinity, 1), (1, .nan), (1, .infinity)] {
            let samples = Samples(
                rowCount: 3, featureCount: 1, features: SharedBuffer([1, 2, 3]),
                targets: .values(SharedBuffer([0, target, 0]), columns: 1), weights: SharedBuffer([1, weight, 1]))
            let training = try Training(
                of: Graph(inputs: 1) { Dense(1) }, on: SampleSelection(samples),
                configuration: TrainingConfiguration(loss: .meanSquaredError))
            let failure = try #require(throws: NumericalFailure.self) { try training.run() }
            #expect(failure.place == .loss)
            #expect(failure.rows == [1])
        }
    }

    @Test("A later layer is named when it is the first to overflow")
    func laterLayer() throws {
        let graph = Graph(inputs: 2) {
            Dense(2)
            Dense(2)
            Dense(1)
        }
        let parameters = Parameters(layout: ParameterLayout(graph))
        parameters["dense/kernel"] = [[1, 0], [0, 1]]
        parameters["dense_1/kernel"] = [[1e30, 0], [0, 1]]
        parameters["dense_2/kernel"] = [[1], [1]]
        let samples = Samples(
            rowCount: 3, featureCount: 2, features: SharedBuffer([1e-30, 0, 0, 5, 1e10, 0]),
            targets: .values(SharedBuffer([0, 0, 0]), columns: 1))
        let training = try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(loss: .meanAbsoluteError, shuffles: false),
            parameters: parameters)
        let before = parameters.values.elements
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.place == .output(layer: "dense_1"))
        #expect(failure.rows == [2])
        #expect(bitDifference(training.parameters.values.elements, before) == nil)
    }

    /// A finite loss whose gradient overflows on its way back through large kernels, in row 1.
    private func overflowingBackward(_ clipping: Optimizer.Clipping, usesBias: Bool = true) throws -> Training {
        let graph = Graph(inputs: 1) {
            Dense(1, usesBias: usesBias)
            Dense(1, usesBias: usesBias)
            Dense(1, usesBias: usesBias)
        }
        let parameters = Parameters(layout: ParameterLayout(graph))
        parameters["dense/kernel"] = [[1e-30]]
        parameters["dense_1/kernel"] = [[1e30]]
        parameters["dense_2/kernel"] = [[1e15]]
        let samples = Samples(
            rowCount: 3, featureCount: 1, features: SharedBuffer([0, 1, 0]),
            targets: .values(SharedBuffer([0, 0, 0]), columns: 1))
        return try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(clipping: clipping), batchSize: 3, shuffles: false),
            parameters: parameters)
    }

    @Test("A gradient that overflows on its way back names layer and row")
    func gradientClipped() throws {
        let training = try overflowingBackward(.norm(1))
        let before = training.parameters.values.elements
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.place == .gradient(layer: "dense"))
        #expect(failure.rows == [1])
        #expect(bitDifference(training.parameters.values.elements, before) == nil)
    }

    @Test("The same without clipping")
    func gradient() throws {
        let training = try overflowingBackward(.none)
        let before = training.parameters.values.elements
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.place == .gradient(layer: "dense"))
        #expect(failure.rows == [1])
        #expect(bitDifference(training.parameters.values.elements, before) == nil)
    }

    @Test("The same in a network without biases")
    func gradientWithoutBiases() throws {
        let training = try overflowingBackward(.none, usesBias: false)
        let before = training.parameters.values.elements
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.place == .gradient(layer: "dense"))
        #expect(failure.rows == [1])
        #expect(bitDifference(training.parameters.values.elements, before) == nil)
    }

    @Test("Sums over rows that overflow have no row")
    func sum() throws {
        // Each row's part of the gradient is 2e38, and there are two shards of one row.
        let samples = Samples(
            rowCount: 2, featureCount: 1, features: SharedBuffer([2e38, 2e38]),
            targets: .values(SharedBuffer([-1, -1]), columns: 1))
        let graph = Graph(inputs: 1) { Dense(1, kernelInitializer: .zeros) }
        let training = try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(
                loss: .squaredError, optimizer: .sgd(clipping: .norm(1)), batchSize: 2, shards: 2))
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.place == .gradientSum(path: "dense/kernel"))
        #expect(failure.rows.isEmpty)
        #expect(training.parameters.values.elements.allSatisfy { $0 == 0 })
    }

    @Test("An infinite feature behind a bounded activation is found as well")
    func boundedActivation() throws {
        let graph = Graph(inputs: 6) {
            Dense(4, activation: .tanh)
            Dense(3)
        }
        let samples = Self.samples { $0[25 * 6 + 1] = .infinity }
        let training = try Training(
            of: graph, on: SampleSelection(samples), configuration: Self.configuration(shuffles: false, shards: 2))
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.epoch == 1)
        #expect(failure.step == 3)
        #expect(training.parameters.values.elements.allSatisfy { $0.isFinite })
        // tanh makes 1 of the infinity, and its slope 0.
        let before = try Training(
            of: graph, on: SampleSelection(samples, rows: Array(0..<20)),
            configuration: Self.configuration(shuffles: false, shards: 2), epochs: 1)
        try before.run()
        let weights = before.parameters.values.elements
        #expect(bitDifference(training.parameters.values.elements, weights) == nil)
        #expect(failure.rows == [25 + 25 / 2])
    }

    @Test("A run that failed is over, and asking again does not move the weights")
    func over() throws {
        let samples = Self.samples { $0[25 * 6] = .nan }
        let training = try Training(
            of: Self.graph, on: SampleSelection(samples), configuration: Self.configuration(shuffles: false, shards: 1))
        #expect(throws: NumericalFailure.self) { _ = try training.nextEpoch() }
        let before = training.parameters.values.elements
        _ = try? training.nextEpoch()
        #expect(bitDifference(training.parameters.values.elements, before) == nil)
    }

    @Test("An update that overflows is found at the end of the epoch", arguments: [1, 3])
    func update(shards: Int) throws {
        let training = try Training(
            of: Graph(inputs: 6) { Dense(2) }, on: SampleSelection(RandomRows.values(rows: 8, features: 6, columns: 2)),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e39), batchSize: 8, shards: shards),
            epochs: 1)
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.epoch == 1 && failure.step == 1 && failure.place == .parameter(path: "dense/kernel"))
        #expect(failure.layer == "dense" && failure.rows.isEmpty && failure.learningRate == 1e39)
        #expect(failure.weightNorm.isInfinite)
        #expect(training.history.isEmpty)
    }

    @Test("A loss of the held-out rows that is no number stops the run")
    func validation() throws {
        let held = Samples(
            rowCount: 2, featureCount: 6, features: SharedBuffer(Array(repeating: 0, count: 12)),
            targets: .values(SharedBuffer([0, 1, .nan, 3]), columns: 2))
        let scorer = Scorer(.values(means: [0, 0], deviations: [1, 1]), outputActivation: .linear)
        let training = try Training(
            of: Graph(inputs: 6) { Dense(2) }, on: SampleSelection(RandomRows.values(rows: 9, features: 6, columns: 2)),
            configuration: TrainingConfiguration(loss: .meanSquaredError, batchSize: 4),
            validation: .init(rows: SampleSelection(held), scorer: scorer))
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.epoch == 1 && failure.step == 3 && failure.place == .validationLoss)
        #expect(failure.rows.isEmpty && failure.learningRate == 0.001 && failure.layer == nil)
        #expect(training.history.isEmpty)
    }

    @Test("A failure is a sentence")
    func description() throws {
        let samples = Self.samples { $0[3 * 6] = .nan }
        let training = try Training(
            of: Self.graph, on: SampleSelection(samples), configuration: Self.configuration(shuffles: false, shards: 1))
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        let norm = training.parameters.values.elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(
            failure.description == """
                Training stopped in epoch 1, step 1: a feature is not a finite number, in row 4 of the data (from 0). The \
                learning rate was 0.01, the norm of the weights \(Float(norm)). Try a smaller rate, --clip-norm 1, or --scale standard.
                """)
    }

    @Test("Rows of all shards are told, and the losses and gradient norms of the steps before", arguments: [1, 3, 5])
    func report(shards: Int) throws {
        let samples = Self.samples { features in
            for row in 30..<38 { features[row * 6 + 2] = .infinity }
        }
        var configuration = Self.configuration(shuffles: false, shards: shards)
        func failure(workers: Int) throws -> NumericalFailure {
            let training = try Training(
                of: Self.graph, on: SampleSelection(samples), configuration: configuration, workers: workers)
            return try #require(throws: NumericalFailure.self) { try training.run() }
        }
        let found = try failure(workers: 2)
        #expect(found.rows == (30..<38).map { $0 + $0 / 2 })
        #expect(found.description.contains("in rows 45, 46, 48, 49, 51 and 3 more of the data"))
        #expect(found.recentSteps.map(\.step) == [1, 2, 3])
        #expect(try failure(workers: 1) == found)
        // The losses are those of epochs that end after so many rows.
        var sum = 0.0
        for steps in 1...3 {
            let training = try Training(
                of: Self.graph, on: SampleSelection(samples, rows: (0..<UInt32(10 * steps)).map { $0 }),
                configuration: configuration, epochs: 1)
            let record = try #require(try training.nextEpoch())
            let total = try #require(record["loss"]) * Double(steps)
            #expect(abs(found.recentSteps[steps - 1].loss - (total - sum)) < 1e-9)
            sum = total
        }
        // A limit that no gradient reaches computes the norms in another way, and changes nothing else.
        configuration.optimizer.clipping = .norm(1e30)
        for (one, other) in zip(found.recentSteps, try failure(workers: 2).recentSteps) {
            #expect(one.gradientNorm > 0 && one.loss == other.loss)
            #expect(abs(one.gradientNorm - other.gradientNorm) < 1e-5 * other.gradientNorm)
        }
    }
}
