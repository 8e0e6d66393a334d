import Foundation
import NeuralNetwork
import Testing
import Training

@Suite("How a network is trained, as a value")
struct TrainingConfigurationTests {
    @Test("The steps of an epoch")
    func steps() {
        var configuration = TrainingConfiguration(loss: .meanSquaredError, batchSize: 8)
        #expect([0, 1, 7, 8, 9, 16, 17].map { configuration.stepsPerEpoch(rows: $0) } == [0, 1, 1, 1, 2, 2, 3])
        configuration.dropsLastBatch = true
        #expect([0, 1, 7, 8, 9, 16, 17].map { configuration.stepsPerEpoch(rows: $0) } == [0, 0, 0, 1, 1, 2, 2])
    }

    @Test("It can be written down and read back")
    func coding() throws {
        let configurations = [
            TrainingConfiguration(loss: .softmaxCrossEntropy()),
            TrainingConfiguration(
                loss: .huber(delta: 2), optimizer: .rmsprop(momentum: 0.5, clipping: .norm(3)),
                schedule: .plateau(factor: 0.3, patience: 7), warmupSteps: 11, batchSize: 17, shards: 5,
                shuffles: false,
                dropsLastBatch: true, seed: .max),
        ]
        for configuration in configurations {
            let data = try JSONEncoder().encode(configuration)
            #expect(try JSONDecoder().decode(TrainingConfiguration.self, from: data) == configuration)
        }
    }
}
