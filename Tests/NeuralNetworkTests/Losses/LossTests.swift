import Foundation
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Loss values")
struct LossTests {
    /// The loss and its gradient at predictions, with no network in between.
    private func evaluate(
        _ loss: Loss, _ predictions: Matrix, _ targets: Targets, weights: [Float]? = nil
    ) -> (loss: Float, gradient: Matrix) {
        let graph = Graph(inputs: predictions.columns) { $0 }
        let gradients = graph.gradient(
            predictions, targets: targets, loss: loss, parameters: Parameters(of: graph, seed: 0), weights: weights)
        return (gradients.loss, gradients.inputs[0])
    }

    @Test("Squared losses differ by a half, and by mean or sum over the outputs; all are means over the rows")
    func squaredLosses() {
        let y: Matrix = [[1, 2], [3, 5]]
        let t = Targets.values([[0, 0], [0, 1]])
        // The squares of the differences sum to 5 and 25.
        #expect(evaluate(.halfSquaredError, y, t).loss == 7.5)
        #expect(evaluate(.squaredError, y, t).loss == 15)
        #expect(evaluate(.meanSquaredError, y, t).loss == 7.5)
        #expect(evaluate(.halfSquaredError, y, t).gradient == [[0.5, 1], [1.5, 2]])
        #expect(evaluate(.squaredError, y, t).gradient == [[1, 2], [3, 4]])
        #expect(evaluate(.meanSquaredError, y, t).gradient == [[0.5, 1], [1.5, 2]])
    }

    @Test("Absolute and Huber losses are means over outputs and rows")
    func absoluteLosses() {
        let y: Matrix = [[1, 2], [0.5, 5]]
        let t = Targets.values([[0, 2], [0, 1]])
        // The differences are 1, 0, 0.5 and 4.
        #expect(evaluate(.meanAbsoluteError, y, t).loss == 1.375)
        #expect(evaluate(.meanAbsoluteError, y, t).gradient == [[0.25, 0], [0.25, 0.25]])
        #expect(evaluate(.huber(), y, t).loss == 1.03125)
        #expect(evaluate(.huber(), y, t).gradient == [[0.25, 0], [0.125, 0.25]])
        #expect(evaluate(.huber(delta: 2), y, t).loss == 1.65625)
    }

    @Test("A sample weight multiplies its row's loss; the mean still divides by the rows")
    func sampleWeights() {
        let found = evaluate(.squaredError, [[1], [2], [3]], .values([[0], [0], [0]]), weights: [1, 0, 2])
        #expect(found.loss == Float(19) / 3)
        #expect(Tolerance(ulps: 1).disagreement(of: found.gradient.elements, with: [2.0 / 3, 0, 4]) == nil)
    }

    @Test("Cross-entropy of equal logits is the logarithm of the number of classes", arguments: [2, 3, 10])
    func equalLogits(classes: Int) {
        let found = evaluate(.softmaxCrossEntropy(), Matrix(rows: 2, columns: classes), .labels([0, classes - 1]))
        #expect(ulpError(of: found.loss, exact: log(Double(classes))) <= 1)
        #expect(Tolerance(ulps: 1).disagreement(of: [found.gradient[0, 1]], with: [0.5 / Double(classes)]) == nil)
        let smoothed = evaluate(
            .softmaxCrossEntropy(labelSmoothing: 0.3), Matrix(rows: 2, columns: classes), .labels([0, classes - 1]))
        #expect(ulpError(of: smoothed.loss, exact: log(Double(classes))) <= 1)
    }

    @Test("The binary loss is the mean over outputs; smoothing draws targets towards a half")
    func binary() {
        let found = evaluate(.binaryCrossEntropy(), [[0, 0]], .values([[0, 1]]))
        #expect(ulpError(of: found.loss, exact: log(2)) <= 2)
        #expect(found.gradient == [[0.25, -0.25]])
        let smoothed = evaluate(.binaryCrossEntropy(labelSmoothing: 0.5), [[0, 0]], .values([[0, 1]]))
        #expect(smoothed.gradient == [[0.125, -0.125]])
    }

    @Test("Losses of logits name what turns outputs into predictions")
    func outputActivation() {
        #expect(Loss.softmaxCrossEntropy().outputActivation == .softmax)
        #expect(Loss.binaryCrossEntropy().outputActivation == .sigmoid)
        for loss in Loss.all.dropFirst(4) { #expect(loss.outputActivation == .linear) }
    }

    @Test("Losses survive coding", arguments: Loss.all)
    func coding(loss: Loss) throws {
        let data = try JSONEncoder().encode(loss)
        #expect(try JSONDecoder().decode(Loss.self, from: data) == loss)
    }

    @Test("NaN in the outputs is NaN in the loss", arguments: Loss.all)
    func notANumber(loss: Loss) {
        let found = evaluate(loss, [[0.5, .nan], [0.5, 0.5]], .values([[0.25, 0.75], [0.5, 0.5]]))
        #expect(found.loss.isNaN && found.gradient[0, 1].isNaN && !found.gradient[1, 0].isNaN)
    }
}

extension LossTests {
    @Test(
        "Loss on logits keeps its digits, however large the logits",
        arguments: [Float(10), 100, 1000, 10000])
    func largeLogits(z: Float) {
        let graph = Graph(inputs: 2) { $0 }
        let found = graph.loss(
            [[z, z - 8]], targets: .labels([0]), loss: .softmaxCrossEntropy(),
            parameters: Parameters(of: graph, seed: 0))
        #expect(Tolerance(absolute: 1e-7).disagreement(of: [found], with: [log1p(exp(-8.0))]) == nil)
    }
}

extension LossTests {
    @Test("A NaN probability shows in the loss where its target is 0, too")
    func notANumber() {
        let graph = Graph(inputs: 2) { $0 }
        let found = graph.loss(
            [[.nan, 0.5]], targets: .values([[0, 1]]), loss: .crossEntropy,
            parameters: Parameters(of: graph, seed: 0))
        #expect(found.isNaN)
    }
}
