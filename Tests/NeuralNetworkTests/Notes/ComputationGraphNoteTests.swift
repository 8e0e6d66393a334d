import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("What the notes say of computation graphs: nodes, layers on batches, J = L + λΩ")
struct ComputationGraphNoteTests {
    @Test("An Add node passes the gradient on; a Multiply node exchanges its inputs")
    func nodes() {
        let x: Matrix = [[1, 2], [3, 4]]
        let y: Matrix = [[5, 6], [7, 8]]
        let g: Matrix = [[1, -1], [0.5, 2]]
        #expect(Add().forward(x, y) == [[6, 8], [10, 12]])
        #expect(Add().backward(x, y, outputGradient: g).inputs == [g, g])
        #expect(Multiply().forward(x, y) == [[5, 12], [21, 32]])
        #expect(
            Multiply().backward(x, y, outputGradient: g).inputs == [[[5, -6], [3.5, 16]], [[1, -2], [1.5, 8]]])
    }

    @Test("ReLU's backward leaves what it is given alone")
    func arguments() {
        let x: Matrix = [[1, -0.5], [-2, 3]]
        let g: Matrix = [[1, 2], [3, 4]]
        let keptX = x
        let keptG = g
        #expect(ReLU().backward(x, outputGradient: g).inputs == [[[1, 0], [0, 4]]])
        let network = Graph(inputs: 2) {
            ReLU()
            Sigmoid()
            Dropout(0.5)
        }
        _ = network.backward(
            x, parameters: Parameters(of: network, seed: 0), outputGradient: g,
            mode: .training(seed: 1, step: 0, firstRow: 0))
        #expect(x == keptX && g == keptG)
    }

    @Test("Dense on a batch: dX = dY Wᵀ, dW = Xᵀ dY, db sums the rows")
    func denseOnBatch() {
        let x: Matrix = [[1, 2], [3, 4], [5, 6]]
        let w: Matrix = [[1, 0, -1], [2, 1, 0]]
        let b: Matrix = [[0.5, -0.5, 1]]
        let g: Matrix = [[1, 0, 2], [0, 1, 0], [-1, 1, 1]]
        #expect(Dense(3).forward(x, parameters: [w, b]) == [[5.5, 1.5, 0], [11.5, 3.5, -2], [17.5, 5.5, -4]])
        let back = Dense(3).backward(x, parameters: [w, b], outputGradient: g)
        #expect(back.inputs == [g * w.transposed])
        #expect(back.parameters == [x.transposed * g, [[0, 2, 3]]])
    }

    @Test("Softmax with loss on a batch sends back (y - t) / N, for indices and one-hot rows alike")
    func softmaxWithLoss() {
        let scores: Matrix = [[0.3, 2.9, 4], [1, 1, 1]]
        let y = Softmax().forward(scores)
        let graph = Graph(inputs: 3) { $0 }
        let nothing = Parameters(of: graph, seed: 0)
        let byIndex = graph.gradient(
            scores, targets: .labels([2, 0]), loss: .softmaxCrossEntropy(), parameters: nothing)
        let byRow = graph.gradient(
            scores, targets: .values([[0, 0, 1], [1, 0, 0]]), loss: .softmaxCrossEntropy(), parameters: nothing)
        #expect(byIndex.loss == byRow.loss && byIndex.inputs == byRow.inputs)
        let t: [Double] = [0, 0, 1, 1, 0, 0]
        let expected = zip(y.elements, t).map { (Double($0) - $1) / 2 }
        #expect(Tolerance(absolute: 1e-7).disagreement(of: byIndex.inputs[0].elements, with: expected) == nil)
    }

    @Test(
        "J = L + λΩ: along its gradient, J falls by as much as the gradient says", arguments: [(0.0, 0.05), (0.02, 0)])
    func penalizedObjective(l1: Float, l2: Float) {
        let regularizer = Regularizer(l1: l1, l2: l2)
        let graph = Graph(inputs: 3) {
            Dense(4, activation: .tanh, kernelRegularizer: regularizer)
            Dense(2, kernelRegularizer: regularizer, biasRegularizer: regularizer)
        }
        var random = CounterRandom.test(6)
        let x = random.matrix(8, 3)
        let targets = Targets.values(random.matrix(8, 2))
        let parameters = random.parameters(of: graph)
        let loss = graph.gradient(x, targets: targets, loss: .halfSquaredError, parameters: parameters).parameters

        var point = Reference(graph, inputs: [x], parameters: parameters)
        func objective() -> Double {
            parameters.layout.slices.reduce(
                Loss.halfSquaredError.exactMean(of: point.output, columns: 2, targets: targets)
            ) { sum, slice in
                let weights = point.parameters[slice.path] ?? []
                let penalty = slice.regularizer
                return weights.reduce(sum) { $0 + Double(penalty.l1) * abs($1) + Double(penalty.l2) * $1 * $1 }
            }
        }
        let before = objective()
        var predicted = 0.0
        let rate = 1e-6
        for slice in parameters.layout.slices {
            let weights = point.parameters[slice.path] ?? []
            let gradient = zip(loss.elements(of: slice), weights).map { gradient, weight in
                Double(gradient) + Double(slice.regularizer.l1) * (weight > 0 ? 1 : -1)
                    + 2 * Double(slice.regularizer.l2) * weight
            }
            point.parameters[slice.path] = zip(weights, gradient).map { $0 - rate * $1 }
            predicted += rate * gradient.reduce(0) { $0 + $1 * $1 }
        }
        #expect(parameters.layout.slices.map(\.regularizer) == [regularizer, .none, regularizer, regularizer])
        #expect(abs((before - objective()) / predicted - 1) < 1e-4)
    }
}
