import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("Scores are tallied")
struct ScoreTallyTests {
    private static func metrics(_ metrics: [Metric]) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: metrics.map { ($0.name, $0.value) })
    }

    private static func rows(_ count: Int, _ targets: Samples.Targets) -> SampleSelection {
        SampleSelection(Samples(rowCount: count, featureCount: 0, features: SharedBuffer(count: 0), targets: targets))
    }

    private static func classes(
        _ scores: [Float], _ labels: [Int], _ classes: Int
    ) -> (metrics: [String: Double], confusion: [[Int]]?) {
        let scorer = Scorer(.classes(classes), outputActivation: .linear)
        let rows = rows(labels.count, .labels(SharedBuffer(labels.map(Int32.init)), classes: classes))
        let outputs = SharedBuffer(scores)
        return (metrics(scorer.metrics(outputs: outputs, of: rows)), scorer.confusion(outputs: outputs, of: rows))
    }

    private static func values(_ predictions: [Float], _ targets: [Float], outputs: Int) -> [String: Double] {
        let scorer = Scorer(
            .values(means: Array(repeating: 0, count: outputs), deviations: Array(repeating: 1, count: outputs)),
            outputActivation: .linear)
        return metrics(
            scorer.metrics(
                outputs: SharedBuffer(predictions),
                of: rows(targets.count / max(1, outputs), .values(SharedBuffer(targets), columns: outputs))))
    }

    // MARK: Against the definitions

    static let sizes = [1, 2, 255, 256, 257, 511, 700]

    @Test("Of classes, for any number of rows", arguments: sizes, [2, 3, 7])
    func classes(rows: Int, classes: Int) {
        var random = CounterRandom.test(80 + classes)
        let scores = (0..<rows * classes).map { _ in Float(random.int(in: 0...20)) / 20 }
        let labels = (0..<rows).map { _ in random.int(in: 0...classes - 1) }
        let found = Self.classes(scores, labels, classes)
        let confusion = PlainMetrics.confusion(scores: scores, labels: labels, classes: classes)
        #expect(found.confusion == confusion)
        let hits = (0..<classes).reduce(0) { $0 + confusion[$1][$1] }
        #expect(found.metrics["accuracy"] == Double(hits) / Double(rows))
        let areas = (classes == 2 ? 1..<2 : 0..<classes).compactMap { positive in
            PlainMetrics.area(
                scores: stride(from: positive, to: scores.count, by: classes).map { scores[$0] },
                isPositive: labels.map { $0 == positive })
        }
        #expect(isClose(found.metrics["auc"], areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)))
        let present = (0..<classes).filter { confusion[$0].reduce(0, +) > 0 }
        let recalls = present.map { Double(confusion[$0][$0]) / Double(confusion[$0].reduce(0, +)) }
        #expect(isClose(found.metrics["recall"], recalls.reduce(0, +) / Double(present.count)))
        let topFive = (0..<rows).count { row in
            let own = scores[row * classes..<(row + 1) * classes]
            return own.count { $0 > own[own.startIndex + labels[row]] } < 5
        }
        #expect(found.metrics["top_5_accuracy"] == (classes > 5 ? Double(topFive) / Double(rows) : nil))
    }

    @Test("Of values, for any number of rows", arguments: sizes, [1, 3])
    func values(rows: Int, outputs: Int) {
        var random = CounterRandom.test(90 + outputs)
        let targets = random.floats(rows * outputs, in: 100...101)
        let predictions = targets.map { $0 + random.float(in: -0.3...0.3) }
        let found = Self.values(predictions, targets, outputs: outputs)
        let plain = PlainMetrics(
            predictions: predictions.map(Double.init), targets: targets.map(Double.init), outputs: outputs)
        #expect(isClose(found["mse"], plain.mse))
        #expect(isClose(found["mae"], plain.mae))
        #expect(isClose(found["rmse"], plain.mse.squareRoot()))
        #expect(isClose(found["r2"], plain.r2, relative: 1e-9))
    }

    @Test("Every number of values is scikit-learn's, with several outputs of different scales")
    func scikitValues() throws {
        for example in try MetricFixtures.load().regression {
            // Floats hold the fixture's numbers to seven digits.
            let found = Self.values(
                example.predictions.map { Float($0) }, example.targets.map { Float($0) }, outputs: example.outputs)
            for (name, exact) in [
                ("mse", example.mse), ("mae", example.mae), ("rmse", example.rmse), ("r2", example.r2),
            ] { #expect(isClose(found[name], exact, relative: 1e-5), "\(example.name), \(name)") }
        }
    }

    // MARK: By hand

    @Test("A confusion matrix by hand")
    func byHand() {
        let found = Self.classes(
            [0.9, 0.1, 0.0, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.1, 0.1, 0.8, 0.5, 0.1, 0.4, 0.0, 0.9, 0.1],
            [0, 0, 0, 2, 2, 1], 3)
        #expect(found.confusion == [[2, 1, 0], [0, 1, 0], [1, 0, 1]])
        #expect(isClose(found.metrics["accuracy"], 4.0 / 6))
        #expect(isClose(found.metrics["precision"], (2.0 / 3 + 1.0 / 2 + 1) / 3))
        #expect(isClose(found.metrics["recall"], (2.0 / 3 + 1 + 1.0 / 2) / 3))
        #expect(isClose(found.metrics["f1"], (2.0 / 3 + 2.0 / 3 + 2.0 / 3) / 3))
        #expect(found.metrics["top_5_accuracy"] == nil)
    }

    @Test("A class without rows is left out of the averages, though rows are predicted to be of it")
    func classWithoutRows() {
        let found = Self.classes([0, 0, 1, 1, 0, 0, 0, 1, 0], [0, 0, 1], 3)
        #expect(found.confusion == [[1, 0, 1], [0, 1, 0], [0, 0, 0]])
        #expect(found.metrics["precision"] == 1)
        #expect(found.metrics["recall"] == 0.75)
        #expect(isClose(found.metrics["f1"], (2.0 / 3 + 1) / 2))
    }

    @Test("The first of equal scores is the prediction; any of them counts among the five highest")
    func ties() {
        let found = Self.classes(
            [
                // Label 6 shares the highest score with 1.
                0, 0.5, 0, 0, 0, 0, 0.5,
                // Label 6 shares the fifth place.
                0.3, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05,
                // Five scores are higher than label 6's.
                0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0,
            ], [6, 6, 6], 7)
        #expect(found.metrics["accuracy"] == 0)
        #expect(found.confusion?[6] == [2, 1, 0, 0, 0, 0, 0])
        #expect(isClose(found.metrics["top_5_accuracy"], 2.0 / 3))
    }

    @Test("No rows have no area and no r2, and zeros elsewhere")
    func noRows() {
        let found = Self.classes([], [], 2)
        #expect(found.confusion == [[0, 0], [0, 0]])
        #expect(found.metrics == ["accuracy": 0, "precision": 0, "recall": 0, "f1": 0])
        #expect(Self.values([], [], outputs: 1) == ["mse": 0, "mae": 0, "rmse": 0])
    }

    @Test("A score that is NaN is no reason to predict its class, unless it is the first's")
    func notANumber() {
        let found = Self.classes([.nan, 1, 0, .nan, .nan, .nan, 1, 0], [1, 0, 0, 0], 2)
        #expect(found.confusion == [[3, 0], [1, 0]])
        #expect(Self.values([1, .nan], [1, 2], outputs: 1)["mse"]?.isNaN == true)
    }

    @Test("Errors of values by hand; targets that do not vary have no r2, in any of several outputs")
    func valuesByHand() {
        let one = Self.values([1, 2, 3, 4], [1, 2, 3, 8], outputs: 1)
        #expect(one["mse"] == 4)
        #expect(one["mae"] == 1)
        #expect(one["rmse"] == 2)
        #expect(isClose(one["r2"], 1 - 16 / 29.0))
        // Columns (0, 2) and (1, 3) against (0, 0) and (2, 2).
        let two = Self.values([0, 0, 1, 2], [0, 1, 2, 3], outputs: 2)
        #expect(two["mse"] == 0.75)
        #expect(two["mae"] == 0.75)
        #expect(two["r2"] == ((1 - 1 / 2.0) + (1 - 2 / 2.0)) / 2)
        #expect(Self.values([1, 2], [3, 3], outputs: 1)["r2"] == nil)
        #expect(Self.values([1, 2, 3, 4], [1, 5, 2, 5], outputs: 2)["r2"] == nil)
        #expect(Self.values([4], [3], outputs: 1)["r2"] == nil)
        #expect(Self.values([2, 2, 2], [1, 2, 3], outputs: 1)["r2"] == 0)
        #expect(Self.values([1, 2, 3], [1, 2, 3], outputs: 1)["r2"] == 1)
    }

    // MARK: The same bits

    private struct Example: CustomTestStringConvertible {
        var testDescription: String
        var samples: Samples
        var outputs: Int
        var loss: Loss
        var meaning: Scorer.Meaning
    }

    private static let rowCount = 1500

    private static let examples = [
        Example(
            testDescription: "classes", samples: RandomRows.classes(4, rows: rowCount, features: 6, weighted: true),
            outputs: 4, loss: .softmaxCrossEntropy(labelSmoothing: 0.1), meaning: .classes(4)),
        Example(
            testDescription: "two classes", samples: RandomRows.classes(2, rows: rowCount, features: 6), outputs: 2,
            loss: .softmaxCrossEntropy(), meaning: .classes(2)),
        Example(
            testDescription: "second class", samples: RandomRows.answers(rows: rowCount, features: 6, columns: 1),
            outputs: 1, loss: .binaryCrossEntropy(), meaning: .secondClass),
        Example(
            testDescription: "questions", samples: RandomRows.answers(rows: rowCount, features: 6, columns: 3),
            outputs: 3, loss: .binaryCrossEntropy(), meaning: .labels(3)),
        Example(
            testDescription: "values",
            samples: RandomRows.values(rows: rowCount, features: 6, columns: 2, weighted: true), outputs: 2,
            loss: .huber(), meaning: .values(means: [1, 2], deviations: [3, 4])),
    ]

    @Test(
        "In memory or in parts of any length, on any number of workers, with scores kept or counted",
        arguments: examples, [RankedScores.keptScores, 100])
    private func sameBits(_ example: Example, keptScores: Int) throws {
        let graph = Graph(inputs: 6) { Dense(example.outputs) }
        let parameters = Parameters(of: graph, seed: 3)
        let scorer = Scorer(example.meaning, outputActivation: example.loss.outputActivation)
        func score(_ rows: any ScoringData, workers: Int) throws -> Score {
            let evaluator = Evaluator(graph, parameters: parameters, workers: workers)
            return try evaluator.score(
                rows,
                by: evaluator.tally(scorer, loss: example.loss, countsConfusion: true, keptScores: keptScores))
        }
        let whole = try score(SampleSelection(example.samples), workers: 1)
        #expect(whole.rowCount == Self.rowCount)
        #expect(Set(whole.metrics.map(\.name)).isSuperset(of: ["accuracy", "auc"]) || whole.metrics.count == 4)
        for workers in [1, 2, 5] {
            #expect(try score(SampleSelection(example.samples), workers: workers) == whole)
            for partRows in [1, 97, 256, 300, 1024] where partRows > 1 || workers == 1 {
                let parts = RowsInParts(samples: example.samples, partRows: partRows)
                #expect(try score(parts, workers: workers) == whole, "\(partRows) rows, \(workers) workers")
            }
        }
    }

    @Test("Memory does not grow with the rows, beyond those whose scores are kept")
    func memory() {
        func bytes(_ meaning: Scorer.Meaning, _ rows: Int, workers: Int = 4) -> Int {
            ScoreTally.memory(
                Scorer(meaning, outputActivation: .linear), rows: rows, workers: workers, ranks: 1)
        }
        for meaning in [Scorer.Meaning.classes(2), .classes(10), .labels(100), .values(means: [0], deviations: [1])] {
            #expect(bytes(meaning, 10_000_000) == bytes(meaning, 1 << 40))
            #expect(bytes(meaning, 1 << 40) < 80 << 20)
        }
        #expect(bytes(.secondClass, 10_000_000) < 6 << 20)
        #expect(bytes(.classes(10), 1000) < 1 << 20)
        #expect(bytes(.secondClass, 1 << 22) > bytes(.secondClass, 1 << 20))
    }

    @Test("A round has blocks for every worker, and its notes take little memory")
    func rounds() {
        for workers in [1, 2, 3, 16, 64] {
            for classes in [1, 2, 10, 1000, 100_000] {
                let blocks = ScoreTally.roundBlocks(.classes(classes), workers: workers)
                #expect(blocks >= workers && blocks.isMultiple(of: workers) && blocks <= 16 * workers)
                #expect(blocks == workers || blocks * 256 * classes <= 1 << 20 || classes <= 2)
            }
        }
    }
}
