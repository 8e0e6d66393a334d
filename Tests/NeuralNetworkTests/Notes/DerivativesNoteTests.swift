import Foundation
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("What the notes derive first: activations, losses, neurons")
struct DerivativesNoteTests {
    private let x: Matrix = [[-4, -1.5, -0.25, 0, 0.5, 1, 3.75]]

    /// f and f' of a layer at x.
    private func evaluate(_ layer: some Layer) -> (value: [Float], slope: [Float]) {
        let ones = Matrix(rows: 1, columns: x.columns, repeating: 1)
        return (layer.forward(x).elements, layer.backward(x, outputGradient: ones).inputs[0].elements)
    }

    private func logistic(_ x: Float) -> Double { 1 / (1 + exp(-Double(x))) }

    private let close = Tolerance(absolute: 2e-7)

    @Test("Sigmoid has the derivative σ (1 - σ)")
    func sigmoid() {
        let found = evaluate(Sigmoid())
        let s = x.elements.map(logistic)
        #expect(close.disagreement(of: found.value, with: s) == nil)
        #expect(close.disagreement(of: found.slope, with: s.map { $0 * (1 - $0) }) == nil)
    }

    @Test("Tanh is 2 σ(2x) - 1 with the derivative 1 - tanh²")
    func tanh() {
        let found = evaluate(Tanh())
        let t = x.elements.map { 2 * logistic(2 * $0) - 1 }
        #expect(close.disagreement(of: found.value, with: t) == nil)
        #expect(close.disagreement(of: found.slope, with: t.map { 1 - $0 * $0 }) == nil)
    }

    @Test("ReLU has the slope 1 above 0 and 0 elsewhere, at 0 too")
    func rectifier() {
        let found = evaluate(ReLU())
        #expect(found.value == [0, 0, 0, 0, 0.5, 1, 3.75])
        #expect(found.slope == [0, 0, 0, 0, 1, 1, 1])
    }

    @Test("LeakyReLU has the slope p where x is not above 0")
    func leakyRectifier() {
        let found = evaluate(LeakyReLU(slope: 0.25))
        #expect(found.value == [-1, -0.375, -0.0625, 0, 0.5, 1, 3.75])
        #expect(found.slope == [0.25, 0.25, 0.25, 0.25, 1, 1, 1])
        #expect(LeakyReLU().slope == 0.01)
    }

    @Test("Half the squared error sends back o - y")
    func halfSquaredError() {
        let output = Graph(inputs: 3) { $0 }
        let found = output.gradient(
            [[1, -2, 0.5]], targets: .values([[0, 1, 0.5]]), loss: .halfSquaredError,
            parameters: Parameters(of: output, seed: 0))
        #expect(found.loss == 5)
        #expect(found.inputs == [[[1, -3, 0]]])
    }

    @Test("Softmax has the derivatives p_i (1 - p_j) for i = j and -p_i p_j otherwise")
    func softmaxDerivatives() {
        let z: Matrix = [[1, -0.5, 2, 0]]
        let total = z.elements.reduce(0) { $0 + exp(Double($1)) }
        let p = z.elements.map { exp(Double($0)) / total }
        #expect(close.disagreement(of: Softmax().forward(z).elements, with: p) == nil)
        for i in 0..<4 {
            // ∂p_i / ∂z_j for every j: the gradient of the output p_i alone.
            var unit = Matrix(rows: 1, columns: 4)
            unit[0, i] = 1
            let found = Softmax().backward(z, outputGradient: unit).inputs[0].elements
            let expected = (0..<4).map { j in i == j ? p[i] * (1 - p[j]) : -p[i] * p[j] }
            #expect(close.disagreement(of: found, with: expected) == nil)
        }
    }

    @Test("Cross-entropy of a softmax is -Σ y log p and sends p - y to the logits")
    func crossEntropy() {
        let z: Matrix = [[1, -0.5, 2, 0]]
        let y: [Double] = [0.125, 0.25, 0.5, 0.125]
        let total = z.elements.reduce(0) { $0 + exp(Double($1)) }
        let p = z.elements.map { exp(Double($0)) / total }
        let loss = zip(p, y).reduce(0) { $0 - $1.1 * log($1.0) }
        let targets = Targets.values(Matrix([y.map { Float($0) }]))
        let network = Graph(inputs: 4) { Softmax() }
        let nothing = Parameters(of: network, seed: 0)
        let onProbabilities = network.gradient(z, targets: targets, loss: .crossEntropy, parameters: nothing)
        let onLogits = Graph(inputs: 4) { $0 }.gradient(
            z, targets: targets, loss: .softmaxCrossEntropy(), parameters: nothing)
        for found in [onProbabilities, onLogits] {
            #expect(abs(Double(found.loss) - loss) < 5e-7)
            #expect(close.disagreement(of: found.inputs[0].elements, with: zip(p, y).map { $0 - $1 }) == nil)
        }
    }
}
