import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Evaluating a graph")
struct GraphEvaluationTests {
    private let graph = Graph(inputs: 2) { Dense(3) }

    private var parameters: Parameters {
        let parameters = Parameters(layout: ParameterLayout(graph))
        parameters["dense/kernel"] = [[1, 0, -1], [0, 1, -1]]
        parameters["dense/bias"] = [[0, 0, 0.5]]
        return parameters
    }

    private let x: Matrix = [[1, 0], [0, 1], [-1, -1], [2, 1]]

    @Test("Accuracy is the share of rows whose largest output is at the class, by index or by one-hot row")
    func accuracy() {
        // The rows' outputs: (1, 0, -0.5), (0, 1, -0.5), (-1, -1, 2.5), (2, 1, -2.5).
        #expect(graph.accuracy(x, targets: .labels([0, 1, 2, 0]), parameters: parameters) == 1)
        #expect(graph.accuracy(x, targets: .labels([0, 1, 0, 1]), parameters: parameters) == 0.5)
        let rows: Matrix = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0]]
        #expect(graph.accuracy(x, targets: .values(rows), parameters: parameters) == 0.5)
    }

    @Test("The loss is the one that comes with the gradient, and the gradient leaves the parameters alone")
    func loss() {
        let parameters = parameters
        let before = parameters.values.elements
        let targets = Targets.labels([0, 1, 1, 2])
        let weights: [Float] = [1, 2, 0.5, 0]
        let gradients = graph.gradient(
            x, targets: targets, loss: .softmaxCrossEntropy(), parameters: parameters, weights: weights)
        let loss = graph.loss(
            x, targets: targets, loss: .softmaxCrossEntropy(), parameters: parameters, weights: weights)
        #expect(gradients.loss == loss && loss > 0)
        #expect(parameters.values.elements == before)
    }

    @Test("Rows do not depend on what else is in the batch")
    func rowsAlone() {
        var random = CounterRandom.test(5)
        let network = Graph(inputs: 6) {
            Dense(20, activation: .gelu)
            Softmax()
        }
        let weights = random.parameters(of: network)
        let batch = random.matrix(7, 6)
        let together = network.forward(batch, parameters: weights)
        for row in 0..<7 {
            let alone = network.forward(Matrix([batch.row(row)]), parameters: weights)
            #expect(Tolerance(absolute: 1e-6).disagreement(of: alone.elements, with: together.row(row)) == nil)
        }
    }

    @Test("Sigmoid layers shrink the gradient from layer to layer; ReLU layers with He weights keep it")
    func vanishingGradient() {
        func norms(_ activation: Activation, _ initializer: Initializer) -> [(layer: String, norm: Double)] {
            let deep = Graph(inputs: 30) {
                for _ in 0..<8 { Dense(30, activation: activation, kernelInitializer: initializer) }
                Dense(5)
            }
            var random = CounterRandom.test(6)
            return deep.gradient(
                random.matrix(20, 30), targets: .labels((0..<20).map { $0 % 5 }), loss: .softmaxCrossEntropy(),
                parameters: Parameters(of: deep, seed: 4)
            ).layerNorms
        }
        let sigmoid = norms(.sigmoid, .glorotUniform)
        #expect(sigmoid.map(\.layer) == ["dense"] + (1...8).map { "dense_\($0)" }, "first layer first")
        // σ' is at most a quarter, and these weights neither shrink nor stretch much: at least a halving per layer.
        for (below, above) in zip(sigmoid.dropLast(2), sigmoid.dropFirst().dropLast()) {
            #expect(below.norm < above.norm / 2)
        }
        #expect(sigmoid[0].norm < 1e-4 * sigmoid[8].norm)
        let relu = norms(.relu, .heNormal)
        #expect(relu[0].norm > 0.05 * relu[8].norm)
    }

    @Test("Layer norms are those of the gradients at the layers' outputs")
    func layerNorms() {
        let network = Graph(inputs: 2) {
            Dense(2)
            Dense(2)
        }
        let parameters = Parameters(layout: ParameterLayout(network))
        parameters["dense/kernel"] = [[1, 2], [3, 4]]
        parameters["dense_1/kernel"] = [[2, 0], [0, 3]]
        let gradients = network.backward([[1, 1]], parameters: parameters, outputGradient: [[3, 4]])
        #expect(gradients.loss == 0)
        #expect(gradients.layerNorms.map(\.layer) == ["dense", "dense_1"])
        // (3, 4), and (3, 4) times the transposed kernel: (6, 12).
        #expect(gradients.layerNorms.map(\.norm) == [Double(180).squareRoot(), 5])
    }
}

extension GraphEvaluationTests {
    @Test("The norm is that at the layer's output, also where a layer writes over its gradient")
    func layerNormsInPlace() {
        for layer in [
            Dense(2, activation: .sigmoid).operation, Sigmoid().operation, Dropout(0.5).operation,
        ] {
            let graph = Graph(inputs: 2) { layer.layer }
            let gradients = graph.backward(
                [[1, 1]], parameters: Parameters(of: graph, seed: 1), outputGradient: [[3, 4]],
                mode: .training(seed: 1, step: 0, firstRow: 0))
            #expect(gradients.layerNorms.map(\.norm) == [5])
        }
    }
}
