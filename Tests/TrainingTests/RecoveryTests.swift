import Descent
import Foundation
import TestSupport
import Testing

@Suite("A run that meets a number that is not finite goes back and takes smaller steps")
struct RecoveryTests {
    static let samples = RandomRows.values(rows: 48, features: 4, columns: 1)
    static let identity = RunIdentity(
        settings: [:], seed: 4, shuffles: true, dataFingerprint: "f", rowCount: 48, blasKernel: BLAS.kernel,
        version: descentVersion)

    /// 6 epochs of 12 steps. A step at rate r multiplies the error of the bias by 1 - 2 r: at 4 it grows until its square
    /// overflows, and below 1 it shrinks.
    private func training(
        workers: Int = 1, rate: Double = 4, recovery: Training.Recovery? = .init(limit: 5), samples: Samples = samples,
        optimizer: Optimizer? = nil
    ) throws -> Training {
        try Training(
            of: Graph(inputs: 4) { Dense(1) }, on: SampleSelection(samples),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: optimizer ?? .sgd(learningRate: rate, momentum: .heavyBall(0.1)),
                batchSize: 4, shards: 2, seed: 4), epochs: 6, stopping: .init(patience: 6), recovery: recovery,
            workers: workers)
    }

    private func image(_ training: Training) throws -> [UInt8] {
        let state = training.state
        return try Checkpoint(
            model: training.model(of: state),
            run: .init(state: state, identity: Self.identity, rollbackPoint: training.rollbackPoint)
        ).image()
    }

    @Test("It ends well, tells of every time, and is the same on any number of workers", arguments: [nil, 5, 12])
    func recovers(steps: Int?) throws {
        let recovery = Training.Recovery(limit: 5, steps: steps)
        let run = try training(recovery: recovery)
        var told: [Rollback] = []
        run.onRollback = { rollback, failure in
            #expect(rollback.step == failure.step && rollback.epoch == failure.epoch)
            #expect(rollback.tensor == failure.tensor)
            #expect(run.step == rollback.returnedTo)
            told.append(rollback)
        }
        try run.run()
        #expect(run.history.count == 6)
        #expect((2...4).contains(told.count))
        #expect(told == run.rollbacks)
        #expect(told.map(\.learningRate) == told.indices.map { 4 * pow(0.5, Double($0 + 1)) })
        for rollback in told {
            #expect(rollback.returnedTo < rollback.step)
            #expect(rollback.returnedTo % 12 == 0 || rollback.returnedTo % (steps ?? 12) == 0)
        }
        #expect(run.history.last?.learningRate == told.last?.learningRate)
        #expect(run.history.allSatisfy { $0["loss"]?.isFinite == true })
        let bytes = try image(run)
        for workers in [2, 3] {
            let other = try training(workers: workers, recovery: recovery)
            try other.run()
            #expect(try image(other) == bytes)
        }
    }

    /// Trains on from a file, on two workers, until so many steps are taken, those that are taken again among them.
    private func stretch(
        _ path: String, steps: Int, _ recovery: Training.Recovery
    ) throws -> (training: Training, isOver: Bool) {
        let run = try training(workers: 2, recovery: recovery)
        if FileManager.default.fileExists(atPath: path), let saved = try Checkpoint(contentsOf: path).run {
            try run.resume(from: saved.state, rollbackPoint: saved.rollbackPoint)
        }
        run.progressSteps = 1
        var taken = 0
        run.onProgress = { _ in
            taken += 1
            return taken < steps
        }
        while try run.nextEpoch() != nil {}
        run.onProgress = nil
        return (run, run.history.count == 6)
    }

    @Test("Interrupted at any moment, before and after going back, it goes on to the same bytes", arguments: [nil, 5])
    func resumes(grid: Int?) throws {
        let recovery = Training.Recovery(limit: 5, steps: grid)
        let whole = try training(recovery: recovery)
        try whole.run()
        let expected = try image(whole)
        let directory = try TemporaryDirectory()
        for steps in [1, 2, 3, 5, 7, 11, 12, 13, 17, 29, 40] {
            let path = directory.path("\(steps).h5")
            var isOver = false
            var pieces = 0
            while !isOver, pieces < 200 {
                let (run, over) = try stretch(path, steps: steps, recovery)
                if over { run.restoreBest() }
                try Data(image(run)).write(to: URL(filePath: path))
                isOver = over
                pieces += 1
            }
            #expect(pieces >= 66 / steps)
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(expected), "every \(steps) steps")
        }
    }

    @Test("It gives up after so many times, and the last failure is the error")
    func limit() throws {
        let run = try training(recovery: .init(limit: 1))
        let failure = try #require(throws: NumericalFailure.self) { try run.run() }
        #expect(run.rollbacks.count == 1)
        #expect(failure.learningRate == 2)
        #expect(try run.nextEpoch() == nil)
    }

    @Test("Another factor, another rate")
    func factor() throws {
        let run = try training(recovery: .init(limit: 1, rateFactor: 0.0625))
        try run.run()
        #expect(run.rollbacks.map(\.learningRate) == [0.25])
        #expect(run.history.last?.learningRate == 0.25)
    }

    @Test("Smaller steps are no cure for features that are not finite")
    func data() throws {
        let features = SharedBuffer(Self.samples.features.elements)
        features[17] = .nan
        let broken = Samples(rowCount: 48, featureCount: 4, features: features, targets: Self.samples.targets)
        let run = try training(rate: 0.1, samples: broken)
        let failure = try #require(throws: NumericalFailure.self) { try run.run() }
        #expect(failure.rows == [4] && failure.isCausedByData)
        #expect(run.rollbacks.isEmpty)
    }

    @Test("Weights that overflow in an update are never a state to go back to")
    func poisoned() throws {
        // The rate is beyond what a float holds: the first update makes infinities of the weights.
        let run = try training(recovery: .init(limit: 200, steps: 1), optimizer: .sgd(learningRate: 1e39))
        try run.run()
        #expect(run.rollbacks.count > 100)
        #expect(run.rollbacks.first?.returnedTo == 0)
        #expect(run.parameters.values.elements.allSatisfy { $0.isFinite })
    }

    @Test("A run that never has to go back is the run without recovery")
    func unused() throws {
        let plain = try training(rate: 0.1, recovery: nil)
        try plain.run()
        let careful = try training(rate: 0.1, recovery: .init(limit: 3, steps: 7))
        try careful.run()
        #expect(careful.parameters.values.elements == plain.parameters.values.elements)
        #expect(careful.history.map(\.metrics) == plain.history.map(\.metrics))
    }
}
