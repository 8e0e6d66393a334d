import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Activations inside dense layers")
struct FusionTests {
    private func expectSameBits(_ left: Graph, _ right: Graph, rows: Int, mode: PassMode = .inference) {
        var random = CounterRandom.test(rows)
        let x = random.matrix(rows, left.inputSize, in: -2...2)
        let parameters = random.parameters(of: left)
        let others = Parameters(layout: ParameterLayout(right))
        #expect(parameters.paths.count == others.paths.count)
        for (mine, other) in zip(parameters.paths, others.paths) { others[other] = parameters[mine] }
        let g = random.matrix(rows, left.outputSize)
        let outputs = [
            left.forward(x, parameters: parameters, mode: mode), right.forward(x, parameters: others, mode: mode),
        ]
        #expect(bitDifference(outputs[0].elements, outputs[1].elements) == nil)
        let gradients = [
            left.backward(x, parameters: parameters, outputGradient: g, mode: mode),
            right.backward(x, parameters: others, outputGradient: g, mode: mode),
        ]
        #expect(
            bitDifference(gradients[0].parameters.values.elements, gradients[1].parameters.values.elements) == nil)
        #expect(bitDifference(gradients[0].inputs[0].elements, gradients[1].inputs[0].elements) == nil)
    }

    @Test("Two layers and one layer with the activation inside compute the same bits", arguments: Activation.all)
    func sameBits(activation: Activation) {
        for usesBias in [true, false] {
            for (rows, units) in [(1, 1), (5, 7), (33, 20)] {
                let inside = Graph(inputs: 6) {
                    Dense(units, activation: activation, usesBias: usesBias)
                    Dense(3)
                }
                let apart = Graph(inputs: 6) {
                    Dense(units, usesBias: usesBias)
                    activation
                    Dense(3)
                }
                expectSameBits(inside, apart, rows: rows)
            }
        }
    }

    @Test("The masks of dropout are the same either way")
    func dropout() {
        let inside = Graph(inputs: 6) {
            Dense(8, activation: .relu)
            Dropout(0.4)
            Dense(5, activation: .tanh)
            Dropout(0.2)
        }
        let apart = Graph(inputs: 6) {
            Dense(8)
            ReLU()
            Dropout(0.4)
            Dense(5)
            Tanh()
            Dropout(0.2)
        }
        expectSameBits(inside, apart, rows: 9, mode: .training(seed: 1, step: 2, firstRow: 3))
    }

    @Test("Only an activation that alone follows a linear dense layer moves into it")
    func conditions() {
        let sequence = Graph(inputs: 3) {
            Dense(4)
            ReLU()
            Sigmoid()
            Dense(4, activation: .tanh)
            ReLU()
            Dense(2)
        }
        #expect(computedLayers(of: sequence) == ["dense", "activation", "dense_1", "re_lu_1", "dense_2"])
        let shared = Graph(inputs: 3) { x in
            let h = Dense(4)(x)
            return ReLU()(h) + h
        }
        #expect(computedLayers(of: shared) == ["dense", "re_lu", "add"])
        let twice = Graph(inputs: 3) { x in
            let h = Dense(4)(x)
            return ReLU()(h) + Tanh()(h)
        }
        #expect(computedLayers(of: twice) == ["dense", "re_lu", "activation", "add"])
        let last = Graph(inputs: 3) {
            Dense(4)
            ReLU()
        }
        #expect(computedLayers(of: last) == ["dense"])
        #expect(computedLayers(of: Graph(inputs: 3) { ReLU() }) == ["re_lu"])
    }
}
