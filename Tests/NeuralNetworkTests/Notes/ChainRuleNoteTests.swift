import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("What the notes say of the chain rule: ∂l/∂w = ∂z/∂w ∂l/∂z")
struct ChainRuleNoteTests {
    @Test("The squared error Σ (y - ŷ)² sends back 2 (y - ŷ)")
    func squaredError() {
        let graph = Graph(inputs: 2) { $0 }
        let found = graph.gradient(
            [[1, -2]], targets: .values([[0.5, 1]]), loss: .squaredError, parameters: Parameters(of: graph, seed: 0))
        #expect(found.loss == 9.25)
        #expect(found.inputs == [[[1, -6]]])
    }

    @Test("∂z/∂w is the output of the layer below: 1 and -1, then 0.98 and 0.12, then 0.86 and 0.11")
    func outputsBelow() {
        let network = WorkedNumbersTests.threeLayers
        let gradients = network.gradient(
            [[1, -1]], targets: .values([[1, 0]]), loss: .squaredError,
            parameters: WorkedNumbersTests.threeLayerParameters()
        ).parameters
        let below: [(String, [Float])] = [("dense", [1, -1]), ("dense_1", [0.98, 0.12]), ("dense_2", [0.86, 0.11])]
        for (name, outputs) in below {
            // ∂l/∂b is ∂l/∂z itself, so the quotient of the two gradients is ∂z/∂w.
            let kernel = gradients["\(name)/kernel"]
            let bias = gradients["\(name)/bias"]
            for (row, output) in outputs.enumerated() {
                for unit in 0..<2 {
                    let quotient = kernel[row, unit] / bias[0, unit]
                    #expect((quotient * 100).rounded() / 100 == output)
                }
            }
        }
    }

    @Test("The backward pass is a network run from the output: weights transposed, f' for an activation")
    func backwardNetwork() {
        var random = CounterRandom.test(4)
        let network = Graph(inputs: 4) {
            Dense(5, activation: .sigmoid)
            Dense(3, activation: .tanh)
            Dense(2, activation: .sigmoid)
        }
        let parameters = random.parameters(of: network)
        let x = random.matrix(6, 4)
        let g = random.matrix(6, 2)
        let found = network.backward(x, parameters: parameters, outputGradient: g)

        let names = ["dense", "dense_1", "dense_2"]
        let activations: [Activation] = [.sigmoid, .tanh, .sigmoid]
        var inputs = [x]
        var sums: [Matrix] = []
        for (name, activation) in zip(names, activations) {
            let weights = [parameters["\(name)/kernel"], parameters["\(name)/bias"]]
            sums.append(Dense(weights[0].columns).forward(inputs[inputs.count - 1], parameters: weights))
            inputs.append(activation.forward(sums[sums.count - 1]))
        }
        var gradient = g
        for layer in (0..<3).reversed() {
            gradient = activations[layer].backward(sums[layer], outputGradient: gradient).inputs[0]
            expectClose(found.parameters["\(names[layer])/kernel"], inputs[layer].transposed * gradient)
            expectClose(
                found.parameters["\(names[layer])/bias"], Matrix(rows: 1, columns: 6, repeating: 1) * gradient)
            gradient = gradient * parameters["\(names[layer])/kernel"].transposed
        }
        expectClose(found.inputs[0], gradient)
    }

    @Test("An output with several consumers: ∂l/∂a = w₃ ∂l/∂z' + w₄ ∂l/∂z''")
    func consumers() {
        let graph = Graph(inputs: 1) { x in
            let a = Sigmoid()(x)
            let first = Dense(1, usesBias: false)(a)
            let second = Dense(1, usesBias: false)(a)
            return Tanh()(first) + Sigmoid()(second)
        }
        let parameters = Parameters(layout: ParameterLayout(graph))
        parameters["dense/kernel"] = [[0.75]]
        parameters["dense_1/kernel"] = [[-1.5]]
        let found = graph.backward([[0.3]], parameters: parameters, outputGradient: [[1]])
        let a = ReferenceFunction.sigmoid(Double(Float(0.3)))
        let first = Activation.tanh.exactDerivative(0.75 * a)
        let second = Activation.sigmoid.exactDerivative(-1.5 * a)
        let expected = a * (1 - a) * (0.75 * first - 1.5 * second)
        #expect(Tolerance(absolute: 1e-7).disagreement(of: found.inputs[0].elements, with: [expected]) == nil)
    }

    private func expectClose(
        _ found: Matrix, _ expected: Matrix, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.rows == expected.rows && found.columns == expected.columns, sourceLocation: sourceLocation)
        let problem = Tolerance(absolute: 1e-6).disagreement(of: found.elements, with: expected.elements)
        #expect(problem == nil, sourceLocation: sourceLocation)
    }
}
