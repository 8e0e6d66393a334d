import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Losses and their gradients agree with central differences")
struct LossGradientTests {
    /// A network whose outputs suit the loss: probabilities for cross-entropy on them.
    private func network(for loss: Loss) -> Graph {
        Graph(inputs: 3) {
            Dense(4, activation: .tanh)
            Dense(3)
            if loss == .crossEntropy { Softmax() }
        }
    }

    @Test("Every loss behind a network, with and without sample weights", arguments: Loss.all, [1, 2, 5])
    func behindNetwork(loss: Loss, rows: Int) {
        let graph = network(for: loss)
        var random = CounterRandom.test(rows)
        for weights in [nil, random.floats(rows, in: 0...2)] {
            let check = GradientCheck(
                graph, inputs: [random.matrix(rows, 3)], parameters: random.parameters(of: graph))
            let targets = random.targets(for: loss, rows: rows, columns: 3)
            #expect(check.disagreement(targets: targets, loss: loss, weights: weights) == nil)
        }
    }

    @Test("Every loss by itself: the gradient at the prediction", arguments: Loss.all, [1, 2, 6])
    func alone(loss: Loss, columns: Int) {
        let graph = Graph(inputs: columns) { $0 }
        var random = CounterRandom.test(100 + columns)
        let range: ClosedRange<Float> = loss == .crossEntropy ? 0.1...0.9 : -3...3
        let check = GradientCheck(
            graph, inputs: [random.matrix(4, columns, in: range)], parameters: random.parameters(of: graph))
        let targets = random.targets(for: loss, rows: 4, columns: columns)
        #expect(check.disagreement(targets: targets, loss: loss, weights: [1, 0.5, 0, 3]) == nil)
    }

    @Test("Class indices and one-hot rows give the same bits", arguments: [Float(0), 0.1])
    func labels(smoothing: Float) {
        let loss = Loss.softmaxCrossEntropy(labelSmoothing: smoothing)
        let graph = network(for: loss)
        var random = CounterRandom.test(7)
        let x = random.matrix(5, 3)
        let parameters = random.parameters(of: graph)
        let oneHot: Matrix = [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0], [1, 0, 0]]
        let byIndex = graph.gradient(x, targets: .labels([0, 2, 1, 1, 0]), loss: loss, parameters: parameters)
        let byRow = graph.gradient(x, targets: .values(oneHot), loss: loss, parameters: parameters)
        #expect(byIndex.loss == byRow.loss)
        #expect(bitDifference(byIndex.parameters.values.elements, byRow.parameters.values.elements) == nil)
        let check = GradientCheck(graph, inputs: [x], parameters: parameters)
        #expect(check.disagreement(targets: .labels([0, 2, 1, 1, 0]), loss: loss) == nil)
    }

    @Test("The penalty's gradient, added to the loss', is that of the loss with the penalty")
    func penalty() {
        let graph = Graph(inputs: 3) {
            Dense(4, activation: .tanh, kernelRegularizer: Regularizer(l1: 0.05, l2: 0.1))
            Dense(2, kernelRegularizer: Regularizer(l2: 0.3), biasRegularizer: Regularizer(l1: 0.2))
        }
        var random = CounterRandom.test(8)
        let x = random.matrix(4, 3)
        let parameters = random.parameters(of: graph)
        let targets = random.targets(for: .halfSquaredError, rows: 4, columns: 2)
        let gradients = graph.gradient(x, targets: targets, loss: .halfSquaredError, parameters: parameters).parameters
        for slice in gradients.layout.slices {
            let update = UpdateSlice(
                count: slice.count, parameters: parameters.values.base + slice.offset,
                gradient: gradients.values.base + slice.offset)
            update.regularize(l1: slice.regularizer.l1, l2: slice.regularizer.l2)
        }
        // J = L + λ Ω in double precision.
        let objective = { (point: Reference) -> Double in
            let loss = Loss.halfSquaredError.exactMean(of: point.output, columns: 2, targets: targets)
            return gradients.layout.slices.reduce(loss) { sum, slice in
                (point.parameters[slice.path] ?? []).reduce(sum) {
                    $0 + Double(slice.regularizer.l1) * abs($1) + Double(slice.regularizer.l2) * $1 * $1
                }
            }
        }
        var point = Reference(graph, inputs: [x], parameters: parameters)
        for slice in gradients.layout.slices {
            let found = gradients.elements(of: slice)
            let exact = found.indices.map { index -> Double in
                point.parameters[slice.path]?[index] += 1e-6
                let above = objective(point)
                point.parameters[slice.path]?[index] -= 2e-6
                let below = objective(point)
                point.parameters[slice.path]?[index] += 1e-6
                return (above - below) / 2e-6
            }
            let problem = GradientCheck.allowance(for: exact).disagreement(of: found, with: exact)
            #expect(problem == nil, "\(slice.path)")
        }
    }
}
