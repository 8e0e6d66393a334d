import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

/// At a rate of 0 the weights stay, so that the scores of the training pass are those of an evaluation of its rows.
@Suite("The score of the training pass")
struct TrainingScoreTests {
    @Test("Accuracy over classes", arguments: [1, 3])
    func classes(shards: Int) throws {
        let rows = SampleSelection(RandomRows.classes(3, rows: 77, features: 5))
        try check(rows, outputs: 3, .softmaxCrossEntropy(), .classes(3), shards: shards)
    }

    @Test("Accuracy over classes laid out as distributions")
    func distributions() throws {
        let samples = RandomRows.classes(3, rows: 77, features: 5)
        guard case .labels(let labels, _) = samples.targets else { preconditionFailure("labels are wanted") }
        let oneHot = labels.elements.flatMap { label in (0..<3).map { Int32($0) == label ? Float(0.8) : 0.1 } }
        let rows = SampleSelection(samples.with(targets: .values(SharedBuffer(oneHot), columns: 3)))
        try check(rows, outputs: 3, .softmaxCrossEntropy(), .classes(3), shards: 2)
    }

    @Test("Accuracy of one output for two classes, and of several questions")
    func answers() throws {
        let one = SampleSelection(RandomRows.answers(rows: 77, features: 5, columns: 1))
        try check(one, outputs: 1, .binaryCrossEntropy(), .secondClass, shards: 3)
        let several = SampleSelection(RandomRows.answers(rows: 77, features: 5, columns: 4))
        try check(several, outputs: 4, .binaryCrossEntropy(), .labels(4), shards: 3)
    }

    @Test(
        "Squared errors in the units of the data",
        arguments: [.meanSquaredError, .meanAbsoluteError, .huber(), .squaredError] as [Loss])
    func values(loss: Loss) throws {
        let rows = SampleSelection(RandomRows.values(rows: 77, features: 5, columns: 2))
        let meaning = Scorer.Meaning.values(means: [3, -8], deviations: [7, 7])
        try check(rows, outputs: 2, loss, meaning, shards: 3)
    }

    @Test("No score where it has no meaning in the units of the data")
    func meaningless() throws {
        let rows = SampleSelection(RandomRows.values(rows: 20, features: 5, columns: 2))
        let scales = Scorer.Meaning.values(means: [0, 0], deviations: [1, 2])
        #expect(try record(rows, outputs: 2, .meanSquaredError, scales, shards: 1).map(\.name) == ["loss"])
        // Classes that were trained as values.
        let linear = try record(rows, outputs: 2, .meanSquaredError, .classes(2), shards: 1)
        #expect(linear.map(\.name) == ["loss"])
        #expect(try record(rows, outputs: 2, .squaredError, .labels(2), shards: 1).map(\.name) == ["loss"])
    }

    private func check(
        _ rows: SampleSelection, outputs: Int, _ loss: Loss, _ meaning: Scorer.Meaning, shards: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let metrics = try record(rows, outputs: outputs, loss, meaning, shards: shards, validates: true)
        try #require(metrics.count >= 4, sourceLocation: sourceLocation)
        // loss, score, val_loss, val_score
        #expect("val_" + metrics[1].name == metrics[3].name, sourceLocation: sourceLocation)
        #expect(isClose(metrics[1].value, metrics[3].value, relative: 1e-6), sourceLocation: sourceLocation)
        #expect(isClose(metrics[0].value, metrics[2].value, relative: 1e-6), sourceLocation: sourceLocation)
        #expect(metrics[1].value > 0, sourceLocation: sourceLocation)
    }

    private func record(
        _ rows: SampleSelection, outputs: Int, _ loss: Loss, _ meaning: Scorer.Meaning, shards: Int,
        validates: Bool = false
    ) throws -> [Metric] {
        let scorer = Scorer(meaning, outputActivation: loss.outputActivation)
        let training = try Training(
            of: Graph(inputs: 5) { Dense(outputs) }, on: rows,
            configuration: TrainingConfiguration(
                loss: loss, optimizer: .sgd(learningRate: 0), batchSize: 16, shards: shards),
            epochs: 1, validation: validates ? .init(rows: rows, scorer: scorer) : nil,
            scorer: scorer)
        return try #require(try training.nextEpoch()).metrics
    }
}
