import Testing
import Training

@Suite("How well scores fit labels")
struct ClassificationMetricsTests {
    @Test("Every number is scikit-learn's, with ties, classes without rows and a single class")
    func reference() throws {
        let examples = try MetricFixtures.load().classification
        #expect(examples.count == 11)
        for example in examples {
            let found = ClassificationMetrics(scores: example.scores, labels: example.labels, classes: example.classes)
            #expect(found.confusion == example.confusion, "\(example.name)")
            #expect(isClose(found.accuracy, example.accuracy), "\(example.name)")
            #expect(isClose(found.topFiveAccuracy, example.top_5_accuracy), "\(example.name)")
            #expect(isClose(found.auc, example.auc), "\(example.name): \(found.auc as Double?)")
            #expect(isClose(found.precision, example.precision), "\(example.name)")
            #expect(isClose(found.recall, example.recall), "\(example.name)")
            #expect(isClose(found.f1, example.f1), "\(example.name)")
        }
    }

    @Test("A confusion matrix by hand")
    func byHand() {
        let metrics = ClassificationMetrics(
            scores: [
                0.9, 0.1, 0.0, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.1, 0.1, 0.8, 0.5, 0.1, 0.4, 0.0, 0.9, 0.1,
            ], labels: [0, 0, 0, 2, 2, 1], classes: 3)
        #expect(metrics.confusion == [[2, 1, 0], [0, 1, 0], [1, 0, 1]])
        #expect(isClose(metrics.accuracy, 4.0 / 6))
        #expect(isClose(metrics.precision, (2.0 / 3 + 1.0 / 2 + 1) / 3))
        #expect(isClose(metrics.recall, (2.0 / 3 + 1 + 1.0 / 2) / 3))
        #expect(isClose(metrics.f1, (2.0 / 3 + 2.0 / 3 + 2.0 / 3) / 3))
        #expect(metrics.topFiveAccuracy == nil)
    }

    @Test("A class without rows is left out of the averages, though rows are predicted to be of it")
    func classWithoutRows() {
        let metrics = ClassificationMetrics(
            scores: [0, 0, 1, 1, 0, 0, 0, 1, 0], labels: [0, 0, 1], classes: 3)
        #expect(metrics.confusion == [[1, 0, 1], [0, 1, 0], [0, 0, 0]])
        #expect(metrics.precision == 1)
        #expect(metrics.recall == 0.75)
        #expect(isClose(metrics.f1, (2.0 / 3 + 1) / 2))
    }

    @Test("The first of equal scores is the prediction; any of them counts among the five highest")
    func ties() {
        let metrics = ClassificationMetrics(
            scores: [
                // Label 6 shares the highest score with 1.
                0, 0.5, 0, 0, 0, 0, 0.5,
                // Label 6 shares the fifth place.
                0.3, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05,
                // Five scores are higher than label 6's.
                0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0,
            ], labels: [6, 6, 6], classes: 7)
        #expect(metrics.accuracy == 0)
        #expect(metrics.confusion[6] == [2, 1, 0, 0, 0, 0, 0])
        #expect(isClose(metrics.topFiveAccuracy, 2.0 / 3))
        let five = ClassificationMetrics(scores: [1, 0, 0, 0, 0], labels: [4], classes: 5)
        #expect(five.topFiveAccuracy == nil)
    }

    @Test("No rows have no area, and zeros elsewhere")
    func noRows() {
        let metrics = ClassificationMetrics(scores: [], labels: [], classes: 2)
        #expect(metrics.confusion == [[0, 0], [0, 0]])
        #expect(metrics.accuracy == 0)
        #expect(metrics.auc == nil)
        #expect(metrics.f1 == 0)
    }
}

@Suite("The area under the ROC curve")
struct AreaUnderROCTests {
    @Test("Perfect, reversed, and nothing known")
    func extremes() {
        let answers = [false, false, true, true]
        #expect(areaUnderROC(scores: [0.1, 0.2, 0.3, 0.4], isPositive: answers) == 1)
        #expect(areaUnderROC(scores: [0.4, 0.3, 0.2, 0.1], isPositive: answers) == 0)
        #expect(areaUnderROC(scores: [7, 7, 7, 7], isPositive: answers) == 0.5)
    }

    @Test("The share of pairs in order, ties counting half")
    func pairs() {
        // Positives 2, 3, 3; negatives 1, 2, 3, 0: 1 + ½ + 0 + 1, and twice 1 + 1 + ½ + 1.
        let area = areaUnderROC(
            scores: [2, 1, 3, 2, 3, 3, 0], isPositive: [true, false, true, false, false, true, false])
        #expect(isClose(area, (2.5 + 3.5 + 3.5) / 12))
    }

    @Test("One class alone has none")
    func oneClass() {
        #expect(areaUnderROC(scores: [1, 2], isPositive: [true, true]) == nil)
        #expect(areaUnderROC(scores: [1, 2], isPositive: [false, false]) == nil)
        #expect(areaUnderROC(scores: [], isPositive: []) == nil)
    }
}
