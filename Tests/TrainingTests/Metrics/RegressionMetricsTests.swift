import Testing
import Training

@Suite("How far predictions are from values")
struct RegressionMetricsTests {
    @Test("Every number is scikit-learn's, with several outputs of different scales")
    func reference() throws {
        let examples = try MetricFixtures.load().regression
        #expect(examples.count == 2)
        for example in examples {
            let found = RegressionMetrics(
                predictions: example.predictions, targets: example.targets, outputs: example.outputs)
            #expect(isClose(found.mse, example.mse), "\(example.name)")
            #expect(isClose(found.mae, example.mae), "\(example.name)")
            #expect(isClose(found.rmse, example.rmse), "\(example.name)")
            #expect(isClose(found.r2, example.r2), "\(example.name)")
        }
    }

    @Test("By hand")
    func byHand() {
        let one = RegressionMetrics(predictions: [1, 2, 3, 4], targets: [1, 2, 3, 8], outputs: 1)
        #expect(one.mse == 4)
        #expect(one.mae == 1)
        #expect(one.rmse == 2)
        #expect(isClose(one.r2, 1 - 16 / 29.0))
        // Columns (0, 2) and (1, 3) against (0, 0) and (2, 2).
        let two = RegressionMetrics(predictions: [0, 0, 1, 2], targets: [0, 1, 2, 3], outputs: 2)
        #expect(two.mse == 0.75)
        #expect(two.mae == 0.75)
        #expect(two.r2 == ((1 - 1 / 2.0) + (1 - 2 / 2.0)) / 2)
    }

    @Test("Targets that do not vary have no r2, in any of several outputs")
    func constantTargets() {
        #expect(RegressionMetrics(predictions: [1, 2], targets: [3, 3], outputs: 1).r2 == nil)
        #expect(RegressionMetrics(predictions: [1, 2, 3, 4], targets: [1, 5, 2, 5], outputs: 2).r2 == nil)
        #expect(RegressionMetrics(predictions: [4], targets: [3], outputs: 1).r2 == nil)
        let none = RegressionMetrics(predictions: [], targets: [], outputs: 1)
        #expect(none.mse == 0)
        #expect(none.r2 == nil)
    }

    @Test("Predicting the mean scores 0, the targets 1")
    func landmarks() {
        #expect(RegressionMetrics(predictions: [2, 2, 2], targets: [1, 2, 3], outputs: 1).r2 == 0)
        #expect(RegressionMetrics(predictions: [1, 2, 3], targets: [1, 2, 3], outputs: 1).r2 == 1)
    }
}
