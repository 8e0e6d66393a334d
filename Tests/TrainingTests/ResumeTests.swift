import Descent
import Foundation
import TestSupport
import Testing

@Suite("A run that goes on from a file ends in the same file")
struct ResumeTests {
    static let samples = RandomRows.classes(3, rows: 99, features: 5)
    static let identity = RunIdentity(
        settings: ["seed": 4], seed: 4, shuffles: true, dataFingerprint: "f", rowCount: 88, blasKernel: BLAS.kernel,
        version: descentVersion)

    /// 4 epochs of 8 steps.
    private func training(_ optimizer: Optimizer, workers: Int) throws -> Training {
        let graph = Graph(inputs: 5) {
            Dense(7, activation: .relu)
            Dropout(0.3)
            Dense(3)
        }
        return try Training(
            of: graph, on: SampleSelection(Self.samples, rows: (0..<88).map { $0 }),
            configuration: TrainingConfiguration(
                loss: .softmaxCrossEntropy(), optimizer: optimizer, schedule: .cosine(), batchSize: 11, shards: 3,
                seed: 4), epochs: 4,
            validation: .init(
                rows: SampleSelection(Self.samples, rows: (88..<99).map { $0 }),
                scorer: Scorer(.classes(3), outputActivation: .softmax)), stopping: .init(patience: 3),
            workers: workers)
    }

    private func checkpoint(_ training: Training, _ state: TrainingState) -> Checkpoint {
        Checkpoint(model: training.model(of: state), run: .init(state: state, identity: Self.identity))
    }

    @Test("Checkpoints beside training, at every third step", arguments: [Optimizer.adam(), .sgd(learningRate: 0.1)])
    func everyThirdStep(_ optimizer: Optimizer) throws {
        let whole = try training(optimizer, workers: 1)
        try whole.run()
        let expected = try checkpoint(whole, whole.state).image()

        let directory = try TemporaryDirectory()
        let path = directory.path("model.h5")
        for stop in [3, 9, 16, 17, 30] {
            do {
                let output = try OutputFile(path, keeping: 1)
                let writer = CheckpointWriter(to: output)
                let first = try training(optimizer, workers: 1)
                first.progressSteps = 1
                first.onProgress = { _ in
                    if first.step % 3 == 0 {
                        writer.write { checkpoint(first, first.state(reusing: $0)) }
                    }
                    return first.step < stop
                }
                while try first.nextEpoch() != nil {}
                first.onProgress = nil
                writer.wait()
                #expect(writer.takeOutcomes().allSatisfy { $0.error == nil })
            }
            let found = try Checkpoint.newest(at: path)
            #expect(found.note == nil)
            let run = try #require(found.value.run)
            #expect(run.identity.differences(from: Self.identity) == [])
            #expect(run.state.step <= stop && run.state.step > stop - 4)
            let second = try training(optimizer, workers: 2)
            try second.resume(from: run.state)
            try second.run()
            #expect(try checkpoint(second, second.state).image() == expected, "stopped after \(stop)")
        }
    }
}
