import Foundation
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("What the notes say of batches: softmax cross-entropy, linear layers, dropout, the vanishing gradient")
struct BatchNoteTests {
    @Test("Softmax cross-entropy is -z_y + log Σ e^z; it sends back softmax(z), less 1 at the class")
    func softmaxCrossEntropy() {
        let z: Matrix = [[2, -1, 0.5], [1000, 999, 0]]
        let labels = [1, 1]
        let graph = Graph(inputs: 3) { $0 }
        let found = graph.gradient(
            z, targets: .labels(labels), loss: .softmaxCrossEntropy(), parameters: Parameters(of: graph, seed: 0))
        let first = 1 + log(exp(2.0) + exp(-1.0) + exp(0.5))
        // e^1000 is beyond every Float: the largest logit comes out of the sum first.
        let second = 1 + log(1 + exp(-1.0))
        // A loss is known to the last place of its row's largest logit, 2^-14 at 1000.
        #expect(abs(Double(found.loss) - (first + second) / 2) < 0x1p-15)
        let ordinary = graph.loss(
            [[2, -1, 0.5]], targets: .labels([1]), loss: .softmaxCrossEntropy(),
            parameters: Parameters(of: graph, seed: 0))
        #expect(ulpError(of: ordinary, exact: first) <= 1.5)
        let p = Softmax().forward(z)
        for row in 0..<2 {
            for column in 0..<3 {
                let expected = (p[row, column] - (column == labels[row] ? 1 : 0)) / 2
                #expect(abs(found.inputs[0][row, column] - expected) < 1e-7)
            }
        }
    }

    @Test("The linear layer with and without bias: Y = X W + b, b one number per output, db the column sums")
    func linear() {
        let x: Matrix = [[1, -1], [2, 0], [0.5, 3], [-2, 1]]
        let w: Matrix = [[1, 2, 3], [-1, 0, 1]]
        let b: Matrix = [[10, 20, 30]]
        let g: Matrix = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]
        let product = x * w
        var sums = product
        for row in 0..<4 {
            for column in 0..<3 { sums[row, column] += b[0, column] }
        }
        #expect(Dense(3, usesBias: false).forward(x, parameters: [w]) == product)
        #expect(Dense(3).forward(x, parameters: [w, b]) == sums)
        let without = Dense(3, usesBias: false).backward(x, parameters: [w], outputGradient: g)
        let with = Dense(3).backward(x, parameters: [w, b], outputGradient: g)
        #expect(without.inputs == with.inputs && without.inputs == [g * w.transposed])
        #expect(without.parameters == [x.transposed * g])
        #expect(with.parameters == [x.transposed * g, [[2, 2, 2]]])
    }

    @Test("Dropout is scaled in training, so that inference has nothing to do: the mean of many masks is the input")
    func dropout() {
        let x: Matrix = [[1, -2, 3, 0.5]]
        let layer = Dropout(0.3)
        #expect(layer.forward(x) == x)
        var sums = [Double](repeating: 0, count: 4)
        let count = 4000
        for step in 0..<count {
            let y = layer.forward(x, mode: .training(seed: 1, step: UInt64(step), firstRow: 0))
            for (index, value) in y.elements.enumerated() { sums[index] += Double(value) }
        }
        // The standard deviation of one output is |x| √(p / (1 - p)).
        for (sum, value) in zip(sums, x.elements) {
            let deviation = abs(Double(value)) * (0.3 / 0.7 / Double(count)).squareRoot()
            #expect(abs(sum / Double(count) - Double(value)) < 4 * deviation)
        }
    }

    @Test("Sigmoid's slope is 1 / (e^s + 2 + e^-s): a quarter at 0, and next to nothing far from it")
    func slope() {
        let s: Matrix = [[0, 1, -1, 5, -5, 15, -15, 30]]
        let found = Sigmoid().backward(s, outputGradient: Matrix(rows: 1, columns: 8, repeating: 1)).inputs[0].elements
        let expected = s.elements.map { 1 / (exp(Double($0)) + 2 + exp(-Double($0))) }
        #expect(Tolerance(absolute: 1e-7).disagreement(of: found, with: expected) == nil)
        #expect(found[0] == 0.25 && found.allSatisfy { $0 <= 0.25 })
    }

    @Test("The vanishing gradient shows: the norm at each sigmoid layer is at most a quarter of |w| times the next")
    func vanishing() {
        // One unit per layer and weights of 1: the gradient shrinks by σ' alone.
        let deep = Graph(inputs: 1) {
            for _ in 0..<10 { Dense(1, activation: .sigmoid, usesBias: false, kernelInitializer: .constant(1)) }
        }
        let gradients = deep.backward(
            [[0.5]], parameters: Parameters(of: deep, seed: 0), outputGradient: [[1]])
        let norms = gradients.layerNorms.map(\.norm)
        #expect(norms.count == 10)
        for (below, above) in zip(norms, norms.dropFirst()) { #expect(below > 0 && below <= above / 4) }
        #expect(norms[0] < 1e-5 * norms[9])
        #expect(abs(Double(gradients.inputs[0][0, 0])) < 1e-6)
    }
}
