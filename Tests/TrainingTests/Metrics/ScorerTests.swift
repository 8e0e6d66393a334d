import Foundation
import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("Outputs become predictions and scores")
struct ScorerTests {
    @Test("Probabilities where the last activation is softmax or sigmoid")
    func activated() {
        let outputs = SharedBuffer<Float>([0, 0, 1, -1])
        let linear = Scorer(.classes(2), outputActivation: .linear).activated(outputs, columns: 2)
        #expect(linear == [0, 0, 1, -1])
        let softmax = Scorer(.classes(2), outputActivation: .softmax).activated(outputs, columns: 2)
        let share = 1 / (1 + exp(-2.0))
        #expect(Tolerance(ulps: 2).disagreement(of: softmax, with: [0.5, 0.5, share, 1 - share]) == nil)
        let sigmoid = Scorer(.labels(2), outputActivation: .sigmoid).activated(outputs, columns: 2)
        let exact = [0.5, 0.5, 1 / (1 + exp(-1.0)), 1 / (1 + exp(1.0))]
        #expect(Tolerance(ulps: 2).disagreement(of: sigmoid, with: exact) == nil)
        // The outputs themselves stay.
        #expect(outputs.elements == [0, 0, 1, -1])
        #expect(Scorer(.classes(3), outputActivation: .softmax).activated(SharedBuffer(count: 0), columns: 3).isEmpty)
    }

    @Test("One output ranks two classes")
    func secondClass() {
        let outputs = SharedBuffer<Float>([0, 2, -3])
        let scores = Scorer(.secondClass, outputActivation: .sigmoid).classScores(outputs)
        let p = [0.5, 1 / (1 + exp(-2.0)), 1 / (1 + exp(3.0))]
        let exact = p.flatMap { [1 - $0, $0] }
        #expect(Tolerance(absolute: 1e-7).disagreement(of: scores, with: exact) == nil)
        // A linear output of 0.5 is the border.
        let linear = Scorer(.secondClass, outputActivation: .linear)
        #expect(linear.classScores(SharedBuffer([0.4, 0.6])) == [0.5, 0.4, 0.5, 0.6])
        let rows = samples(.labels(SharedBuffer([0, 1, 0]), classes: 2), rows: 3)
        let metrics = Scorer(.secondClass, outputActivation: .sigmoid).metrics(outputs: outputs, of: rows)
        #expect(metrics.map(\.name) == ["accuracy", "auc", "precision", "recall", "f1"])
        #expect(metrics.first?.value == 1)
    }

    @Test("Values return to the units of the data, each output to its own")
    func values() {
        let scorer = Scorer(.values(means: [10, -1], deviations: [2, 0.5]), outputActivation: .linear)
        #expect(scorer.values(SharedBuffer([0, 0, 1, -2, -3, 4])) == [10, -1, 12, -2, 4, 1])
        #expect(Scorer(.classes(2), outputActivation: .softmax).values(SharedBuffer([1, 2])).isEmpty)
    }

    @Test("Scores of classes are scikit-learn's")
    func classes() throws {
        for example in try MetricFixtures.load().classification {
            let selection = samples(
                .labels(SharedBuffer(example.labels.map(Int32.init)), classes: example.classes),
                rows: example.labels.count)
            let outputs = SharedBuffer(example.scores)
            let scorer = Scorer(.classes(example.classes), outputActivation: .linear)
            let expected = [
                ("accuracy", example.accuracy), ("top_5_accuracy", example.top_5_accuracy), ("auc", example.auc),
                ("precision", example.precision), ("recall", example.recall), ("f1", example.f1),
            ].filter { $0.1 != nil }
            let found = scorer.metrics(outputs: outputs, of: selection)
            #expect(found.map(\.name) == expected.map(\.0), "\(example.name)")
            for (metric, value) in zip(found, expected) {
                #expect(isClose(metric.value, value.1), "\(example.name), \(metric.name)")
            }
            #expect(scorer.confusion(outputs: outputs, of: selection) == example.confusion)
        }
    }

    @Test("Softmax keeps the ranks within a row: the same accuracy as of the logits")
    func softmaxAccuracy() {
        var random = CounterRandom.test(60)
        let outputs = SharedBuffer(random.floats(200 * 4, in: -5...5))
        let labels = SharedBuffer((0..<200).map { _ in Int32(random.int(in: 0...3)) })
        let rows = samples(.labels(labels, classes: 4), rows: 200)
        let linear = Scorer(.classes(4), outputActivation: .linear)
        let softmax = Scorer(.classes(4), outputActivation: .softmax)
        #expect(softmax.confusion(outputs: outputs, of: rows) == linear.confusion(outputs: outputs, of: rows))
    }

    @Test("Targets laid out as one-hot rows, smoothed or not, score as labels do")
    func oneHot() {
        let outputs = SharedBuffer<Float>([3, 1, 0, 0, 1, 0, 2, 3, 1, 0, 1, 5])
        let labels = samples(.labels(SharedBuffer([0, 2, 1, 2]), classes: 3), rows: 4)
        let smoothed: [Float] = [0.9, 0.05, 0.05, 0.05, 0.05, 0.9, 0.05, 0.9, 0.05, 0.05, 0.05, 0.9]
        let rows = samples(.values(SharedBuffer(smoothed), columns: 3), rows: 4)
        let scorer = Scorer(.classes(3), outputActivation: .softmax)
        #expect(scorer.metrics(outputs: outputs, of: rows) == scorer.metrics(outputs: outputs, of: labels))
        #expect(scorer.metrics(outputs: outputs, of: rows).first?.value == 0.75)
        let second = samples(.values(SharedBuffer([0.05, 0.95, 0.05, 0.95]), columns: 1), rows: 4)
        let one = Scorer(.secondClass, outputActivation: .sigmoid)
        #expect(one.confusion(outputs: SharedBuffer([-1, 1, 1, 1]), of: second) == [[1, 1], [0, 2]])
    }

    @Test("Several questions at once: means over the questions, as of scikit-learn")
    func labels() throws {
        let examples = try MetricFixtures.load().multilabel
        #expect(examples.count == 2)
        for example in examples {
            let selection = samples(
                .values(SharedBuffer(example.targets), columns: example.columns),
                rows: example.targets.count / example.columns)
            let scorer = Scorer(.labels(example.columns), outputActivation: .linear)
            let outputs = SharedBuffer(example.scores)
            let found = scorer.metrics(outputs: outputs, of: selection)
            #expect(found.map(\.name) == ["accuracy", "auc", "precision", "recall", "f1"])
            let expected = [example.accuracy, example.auc, example.precision, example.recall, example.f1]
            for (metric, value) in zip(found, expected) {
                #expect(isClose(metric.value, value), "\(example.name), \(metric.name)")
            }
            #expect(scorer.confusion(outputs: outputs, of: selection) == nil)
        }
    }

    @Test("Questions without both answers have no area")
    func questionsWithoutArea() {
        let rows = samples(.values(SharedBuffer([1, 0, 1, 0]), columns: 2), rows: 2)
        let metrics = Scorer(.labels(2), outputActivation: .sigmoid)
            .metrics(outputs: SharedBuffer([1, -1, -1, -1]), of: rows)
        #expect(metrics.map(\.name) == ["accuracy", "precision", "recall", "f1"])
        #expect(metrics.first?.value == 0.75)
    }

    @Test("Errors of values are in the units of the data, averaged over the outputs")
    func regression() throws {
        let example = try #require(try MetricFixtures.load().regression.last)
        let means = [0.0, 1000, -3]
        let deviations = [1.0, 100, 0.1]
        func scaled(_ values: [Double]) -> SharedBuffer<Float> {
            SharedBuffer(values.enumerated().map { Float(($1 - means[$0 % 3]) / deviations[$0 % 3]) })
        }
        let scorer = Scorer(.values(means: means, deviations: deviations), outputActivation: .linear)
        let rows = samples(.values(scaled(example.targets), columns: 3), rows: example.targets.count / 3)
        let found = scorer.metrics(outputs: scaled(example.predictions), of: rows)
        #expect(found.map(\.name) == ["mse", "mae", "rmse", "r2"])
        for (metric, expected) in zip(found, [example.mse, example.mae, example.rmse, example.r2]) {
            // Scaled values are floats.
            #expect(isClose(metric.value, expected, relative: 1e-5), "\(metric.name)")
        }
        let constant = samples(.values(SharedBuffer([1, 1]), columns: 1), rows: 2)
        let plain = Scorer(.values(means: [0], deviations: [1]), outputActivation: .linear)
        #expect(plain.metrics(outputs: SharedBuffer([1, 3]), of: constant).map(\.name) == ["mse", "mae", "rmse"])
        #expect(plain.confusion(outputs: SharedBuffer([1, 3]), of: constant) == nil)
    }

    @Test("The selected rows alone are scored, in the order of the outputs")
    func selection() {
        let all = Samples(
            rowCount: 4, featureCount: 0, features: SharedBuffer(count: 0),
            targets: .labels(SharedBuffer([0, 1, 0, 1]), classes: 2))
        let scorer = Scorer(.classes(2), outputActivation: .softmax)
        let outputs = SharedBuffer<Float>([0, 1, 1, 0, 0, 1])
        let right = scorer.metrics(outputs: outputs, of: SampleSelection(all, rows: [3, 2, 1]))
        #expect(right.first?.value == 1)
        let wrong = scorer.metrics(outputs: outputs, of: SampleSelection(all, rows: [0, 1, 2]))
        #expect(wrong.first?.value == 0)
        let values = Samples(
            rowCount: 3, featureCount: 0, features: SharedBuffer(count: 0),
            targets: .values(SharedBuffer([1, 2, 3]), columns: 1))
        let regression = Scorer(.values(means: [0], deviations: [1]), outputActivation: .linear)
        let mse = regression.metrics(
            outputs: SharedBuffer([3, 1]), of: SampleSelection(values, rows: [2, 0]))
        #expect(mse.first?.value == 0)
        let questions = Samples(
            rowCount: 3, featureCount: 0, features: SharedBuffer(count: 0),
            targets: .values(SharedBuffer([0, 0, 1]), columns: 1))
        let answers = Scorer(.labels(1), outputActivation: .sigmoid)
        #expect(
            answers.metrics(outputs: SharedBuffer([4, -4]), of: SampleSelection(questions, rows: [2, 1])).first?.value
                == 1)
    }

    private func samples(_ targets: Samples.Targets, rows: Int) -> SampleSelection {
        SampleSelection(
            Samples(rowCount: rows, featureCount: 0, features: SharedBuffer(count: 0), targets: targets))
    }
}
