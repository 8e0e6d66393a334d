import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("Going on from a state")
struct TrainingStateTests {
    static let samples = RandomRows.classes(3, rows: 107, features: 5, weighted: true)

    static let optimizers: [Optimizer] = [
        .sgd(learningRate: 0.05), .sgd(learningRate: 0.05, momentum: .nesterov(0.9)), .adam(), .rmsprop(), .adagrad(),
    ]

    /// 5 epochs of 9 steps, the last of each with 3 rows.
    private func training(
        _ optimizer: Optimizer = .adam(), workers: Int = 1, schedule: Schedule = .cosine(), patience: Int? = nil,
        penalty: Bool = false, data: (any TrainingData)? = nil
    ) throws -> Training {
        let graph = Graph(inputs: 5) {
            Dense(7, activation: .relu, kernelRegularizer: penalty ? Regularizer(l1: 0.001, l2: 0.01) : .none)
            Dropout(0.3)
            Dense(3)
        }
        let scorer = Scorer(.classes(3), outputActivation: .softmax)
        return try Training(
            of: graph, on: data ?? SampleSelection(Self.samples, rows: (0..<99).map { $0 }),
            configuration: TrainingConfiguration(
                loss: .softmaxCrossEntropy(), optimizer: optimizer, schedule: schedule, batchSize: 11, shards: 3,
                seed: 4), epochs: 5,
            validation: .init(rows: SampleSelection(Self.samples, rows: (99..<107).map { $0 }), scorer: scorer),
            stopping: .init(patience: patience), workers: workers, scorer: scorer)
    }

    /// Stops after so many steps, and goes on in another run.
    private func interrupted(after steps: Int, _ make: (Int) throws -> Training) throws -> Training {
        let first = try make(1)
        first.progressSteps = 1
        var state = steps == 0 ? first.state : nil
        first.onProgress = { _ in
            if first.step == steps { state = first.state }
            return first.step < steps
        }
        while state == nil, try first.nextEpoch() != nil {
            if first.step == steps { state = first.state }
        }
        let second = try make(2)
        try second.resume(from: #require(state))
        #expect(second.step == steps)
        try second.run()
        return second
    }

    private func expectSame(_ resumed: Training, _ whole: Training) {
        #expect(resumed.parameters.values.elements == whole.parameters.values.elements)
        #expect(resumed.trainer.memory.moments.elements == whole.trainer.memory.moments.elements)
        #expect(resumed.history.map(\.metrics) == whole.history.map(\.metrics))
        #expect(resumed.history.map(\.learningRate) == whole.history.map(\.learningRate))
        #expect(resumed.bestEpoch == whole.bestEpoch)
    }

    @Test("The same bits after any step, on another number of workers", arguments: optimizers)
    func everyStep(_ optimizer: Optimizer) throws {
        let whole = try training(optimizer)
        try whole.run()
        for steps in [0, 1, 4, 8, 9, 10, 17, 18, 26, 44, 45] {
            expectSame(try interrupted(after: steps) { try training(optimizer, workers: $0) }, whole)
        }
    }

    @Test("Plateaus, patience, best weights and penalties go on", arguments: [3, 9, 20, 31])
    func counters(steps: Int) throws {
        func make(_ workers: Int) throws -> Training {
            try training(
                .sgd(learningRate: 0.8), workers: workers, schedule: .plateau(factor: 0.3, patience: 1), patience: 4,
                penalty: true)
        }
        let whole = try make(1)
        try whole.run()
        expectSame(try interrupted(after: steps, make), whole)
    }

    @Test("Windows are entered where the run stood", arguments: [0, 2, 3, 8, 9, 25])
    func windows(steps: Int) throws {
        let rows = WindowedRows(
            SampleSelection(Self.samples, rows: (0..<99).map { $0 }), tableRowCount: 107, blockRows: 10, windowRows: 22)
        let whole = try training(data: rows)
        try whole.run()
        expectSame(try interrupted(after: steps) { try training(workers: $0, data: rows) }, whole)
    }

    @Test("A state of another network or other data is refused")
    func refused() throws {
        let state = try training(.adam()).state
        #expect(throws: TrainingError.self) { try training(.sgd()).resume(from: state) }
        var late = state
        late.step = 10
        #expect(throws: TrainingError.self) { try training(.adam()).resume(from: late) }
        var short = state
        short.parameters = SharedBuffer(count: 3)
        #expect(throws: TrainingError.self) { try training(.adam()).resume(from: short) }
    }
}
