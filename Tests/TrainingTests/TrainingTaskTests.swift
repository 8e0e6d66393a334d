import LinearAlgebra
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("What a network is to do with a table")
struct TrainingTaskTests {
    static let two = Schema.Target.classes(column: "y", labels: ["no", "yes"])
    static let three = Schema.Target.classes(column: "y", labels: ["a", "b", "c"])
    static let questions = Schema.Target.labels(columns: ["p", "q"])
    static let numbers = Schema.Target.values(columns: ["u", "v"])

    private func encoding(_ target: Schema.Target) -> TableEncoding {
        TableEncoding(
            schema: Schema(features: [], target: target), scaling: FeatureScaling(identity: 0), targetMeans: [1, 2],
            targetDeviations: [3, 4])
    }

    private func samples(_ targets: Samples.Targets, rows: Int) -> Samples {
        Samples(
            rowCount: rows, featureCount: 1, features: SharedBuffer(count: rows), targets: targets,
            weights: SharedBuffer((0..<rows).map { Float($0) }), tableRows: (0..<rows).map { $0 * 2 })
    }

    private func values(_ selection: SampleSelection) -> (elements: [Float], columns: Int)? {
        guard case .values(let values, let columns) = selection.samples.targets else { return nil }
        return (values.elements, columns)
    }

    @Test("Outputs and their meaning follow from target and loss")
    func meanings() throws {
        typealias Expected = (target: Schema.Target, loss: Loss, meaning: Scorer.Meaning, outputs: Int)
        let scaled = Scorer.Meaning.values(means: [1, 2], deviations: [3, 4])
        let expected: [Expected] = [
            (Self.two, .softmaxCrossEntropy(), .classes(2), 2), (Self.two, .binaryCrossEntropy(), .secondClass, 1),
            (Self.two, .meanSquaredError, .classes(2), 2), (Self.three, .softmaxCrossEntropy(), .classes(3), 3),
            (Self.three, .binaryCrossEntropy(), .classes(3), 3), (Self.three, .crossEntropy, .classes(3), 3),
            (Self.questions, .binaryCrossEntropy(), .labels(2), 2), (Self.questions, .meanSquaredError, .labels(2), 2),
            (Self.numbers, .meanSquaredError, scaled, 2), (Self.numbers, .huber(), scaled, 2),
            (Self.numbers, .meanAbsoluteError, scaled, 2),
        ]
        for (target, loss, meaning, outputs) in expected {
            let task = try TrainingTask(encoding(target), loss: loss)
            #expect(task.meaning == meaning, "\(target), \(loss)")
            #expect(task.outputCount == outputs, "\(target), \(loss)")
            #expect(task.scorer.meaning == meaning)
            #expect(task.scorer.outputActivation == loss.outputActivation)
        }
    }

    @Test("A loss that does not fit the target is refused")
    func misfits() {
        let misfits: [(Schema.Target, Loss, String)] = [
            (Self.questions, .softmaxCrossEntropy(), "binary cross-entropy"),
            (Self.numbers, .softmaxCrossEntropy(), "cross-entropy needs classes"),
            (Self.numbers, .binaryCrossEntropy(), "cross-entropy needs classes"),
            (Self.numbers, .crossEntropy, "cross-entropy needs classes"),
        ]
        for (target, loss, words) in misfits {
            let error = #expect(throws: TrainingError.self) { _ = try TrainingTask(encoding(target), loss: loss) }
            #expect(error?.reason.contains(words) == true)
        }
    }

    @Test("The loss for a target when none is named")
    func defaultLoss() {
        #expect(TrainingTask.defaultLoss(for: Self.three) == .softmaxCrossEntropy(labelSmoothing: 0))
        #expect(
            TrainingTask.defaultLoss(for: Self.three, labelSmoothing: 0.1) == .softmaxCrossEntropy(labelSmoothing: 0.1))
        #expect(
            TrainingTask.defaultLoss(for: Self.questions, labelSmoothing: 0.2)
                == .binaryCrossEntropy(labelSmoothing: 0.2))
        #expect(TrainingTask.defaultLoss(for: Self.numbers, labelSmoothing: 0.2) == .meanSquaredError)
    }

    @Test("Class indices stay for softmax cross-entropy, and become one-hot rows for other losses")
    func classes() throws {
        let rows = SampleSelection(samples(.labels(SharedBuffer([2, 0, 1, 2]), classes: 3), rows: 4), rows: [3, 1])
        let softmax = try TrainingTask(encoding(Self.three), loss: .softmaxCrossEntropy(labelSmoothing: 0.1)).adapt(
            rows)
        guard case .labels(let labels, 3) = softmax.samples.targets else {
            Issue.record("labels are wanted")
            return
        }
        #expect(labels.elements == [2, 0, 1, 2])
        let squared = try TrainingTask(encoding(Self.three), loss: .meanSquaredError).adapt(rows)
        let oneHot = try #require(values(squared))
        #expect(oneHot.columns == 3)
        #expect(oneHot.elements == [0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1])
        // All else stays.
        #expect(squared.rows == [3, 1])
        #expect(squared.samples.weights?.elements == [0, 1, 2, 3])
        #expect(squared.samples.tableRows == [0, 2, 4, 6])
        let smoothed = try TrainingTask(encoding(Self.three), loss: .binaryCrossEntropy(labelSmoothing: 0.5)).adapt(
            rows)
        #expect(try #require(values(smoothed)).elements.prefix(3) == [0.25, 0.25, 0.75])
    }

    @Test("One output takes the second class as 1, smoothed where asked")
    func secondClass() throws {
        let rows = SampleSelection(samples(.labels(SharedBuffer([1, 0, 1]), classes: 2), rows: 3))
        let plain = try TrainingTask(encoding(Self.two), loss: .binaryCrossEntropy()).adapt(rows)
        let found = try #require(values(plain))
        #expect(found.columns == 1)
        #expect(found.elements == [1, 0, 1])
        let smoothed = try TrainingTask(encoding(Self.two), loss: .binaryCrossEntropy(labelSmoothing: 0.5)).adapt(rows)
        #expect(try #require(values(smoothed)).elements == [0.75, 0.25, 0.75])
    }

    @Test("Values stay, and answers are smoothed where asked; the rows' own targets are not touched")
    func values() throws {
        let own = SharedBuffer<Float>([1, 0, 0, 1])
        let rows = SampleSelection(samples(.values(own, columns: 2), rows: 2))
        let plain = try TrainingTask(encoding(Self.questions), loss: .binaryCrossEntropy()).adapt(rows)
        #expect(try #require(values(plain)).elements == [1, 0, 0, 1])
        let smoothed = try TrainingTask(encoding(Self.questions), loss: .binaryCrossEntropy(labelSmoothing: 0.5))
            .adapt(rows)
        #expect(try #require(values(smoothed)).elements == [0.75, 0.25, 0.25, 0.75])
        #expect(own.elements == [1, 0, 0, 1])
        let numbers = try TrainingTask(encoding(Self.numbers), loss: .huber()).adapt(rows)
        #expect(try #require(values(numbers)).elements == [1, 0, 0, 1])
        let none = SampleSelection(samples(.none, rows: 2))
        let adapted = try TrainingTask(encoding(Self.three), loss: .meanSquaredError).adapt(none)
        #expect(values(adapted) == nil)
    }
}
