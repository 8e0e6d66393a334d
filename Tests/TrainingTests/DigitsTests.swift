import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("Networks learn")
struct DigitsTests {
    @Test("Handwritten digits, from a file to more than 95 % of the held-out rows")
    func digits() throws {
        let table = try Table(contentsOf: Datasets.path("digits.csv"), target: "label", validationSplit: 0.2)
        let network = Graph(inputs: table.featureCount) {
            Dense(64)
            ReLU()
            Dropout(0.1)
            Dense(table.classCount)
        }
        let training = try Training(
            of: network, on: table, loss: .softmaxCrossEntropy(), optimizer: .adam(learningRate: 0.003), batchSize: 32,
            epochs: 6, seed: 1)
        try training.run()
        let last = try #require(training.history.last)
        #expect(training.history.count == 6)
        #expect(try #require(last["val_accuracy"]) > 0.95)
        #expect(try #require(last["accuracy"]) > 0.95)
        #expect(try #require(last["val_auc"]) > 0.99)
        #expect(try #require(training.history.first?["loss"]) > 3 * #require(last["loss"]))
    }

    @Test("Exclusive or", arguments: 0..<3)
    func exclusiveOr(seed: Int) throws {
        let rows = SampleSelection(
            Samples(
                rowCount: 4, featureCount: 2, features: SharedBuffer([0, 0, 0, 1, 1, 0, 1, 1]),
                targets: .values(SharedBuffer([0, 1, 1, 0]), columns: 1)))
        let scorer = Scorer(.secondClass, outputActivation: .sigmoid)
        let training = try Training(
            of: Graph(inputs: 2) {
                Dense(8, activation: .tanh)
                Dense(1)
            }, on: rows,
            configuration: TrainingConfiguration(
                loss: .binaryCrossEntropy(), optimizer: .adam(learningRate: 0.05), batchSize: 4, seed: UInt64(seed)),
            epochs: 200, scorer: scorer)
        try training.run()
        let last = try #require(training.history.last)
        #expect(last["accuracy"] == 1)
        #expect(try #require(last["loss"]) < 0.05)
    }
}
