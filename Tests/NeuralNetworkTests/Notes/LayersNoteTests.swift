import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("What the notes say of layers: from x and w to y, from δy to δx and δw")
struct LayersNoteTests {
    private let close = Tolerance(absolute: 3e-7)

    @Test("The generic layer: sizes, parameters, forward, backward")
    func generic() throws {
        let layers: [any Layer] = [Dense(2), Sigmoid(), Softmax(), Tanh(), ReLU(), Dropout(0.5)]
        let x: Matrix = [[0.5, -1, 2]]
        for layer in layers {
            let size = try layer.outputSize(for: [3])
            let shapes = layer.parameters(for: [3]).map(\.shape)
            let parameters = shapes.map { shape in
                Matrix(rows: shape.count == 1 ? 1 : shape[0], columns: shape[shape.count - 1], repeating: 0.5)
            }
            let y = layer.forward(x, parameters: parameters)
            #expect(y.rows == 1 && y.columns == size)
            let back = layer.backward(x, parameters: parameters, outputGradient: y)
            // A gradient has the shape of what it is the gradient of.
            #expect(back.inputs.map(\.columns) == [3] && back.inputs.map(\.rows) == [1])
            #expect(back.parameters.map(\.columns) == parameters.map(\.columns))
            #expect(back.parameters.map(\.rows) == parameters.map(\.rows))
        }
        #expect(Dense(2).parameters(for: [3]).map(\.name) == ["kernel", "bias"])
        #expect(Sigmoid().backward(x, outputGradient: x).parameters.isEmpty, "no w, no δw")
    }

    @Test("The L2 loss layer: E = ½ Σ (x - t)², δx = x - t")
    func euclideanLoss() {
        let found = atLoss([[2, -1, 0.5]], .values([[1, 1, 0]]), .halfSquaredError)
        #expect(found.loss == 2.625)
        #expect(found.inputs == [[[1, -2, 0.5]]])
    }

    @Test("The cross-entropy loss layer on probabilities: E = -Σ t log x, δx = -t / x")
    func crossEntropyLoss() {
        let found = atLoss([[0.5, 0.25, 0.25]], .values([[0, 1, 0]]), .crossEntropy)
        #expect(ulpError(of: found.loss, exact: 1.3862943611198906) <= 1)
        #expect(found.inputs == [[[0, -4, 0]]])
        let mixed = atLoss([[0.5, 0.25, 0.25]], .values([[0.5, 0.25, 0.25]]), .crossEntropy)
        #expect(mixed.inputs == [[[-1, -1, -1]]])
    }

    private func atLoss(_ x: Matrix, _ targets: Targets, _ loss: Loss) -> Gradients {
        let graph = Graph(inputs: x.columns) { $0 }
        return graph.gradient(x, targets: targets, loss: loss, parameters: Parameters(of: graph, seed: 0))
    }

    @Test("The sigmoid layer: δx = δy ⊙ y ⊙ (1 - y)")
    func sigmoid() {
        let x: Matrix = [[0, 1, -2]]
        let g: Matrix = [[1, -2, 3]]
        let y = x.elements.map { ReferenceFunction.sigmoid(Double($0)) }
        #expect(close.disagreement(of: Sigmoid().forward(x).elements, with: y) == nil)
        let expected = zip(y, g.elements).map { Double($1) * $0 * (1 - $0) }
        let found = Sigmoid().backward(x, outputGradient: g)
        #expect(close.disagreement(of: found.inputs[0].elements, with: expected) == nil)
    }

    @Test("The softmax layer: δx = J δy with the whole Jacobian J_ij = y_i (1{i=j} - y_j), in every row of a batch")
    func softmax() {
        var random = CounterRandom.test(3)
        let x = random.matrix(4, 6, in: -2...2)
        let g = random.matrix(4, 6)
        let y = Softmax().forward(x)
        let found = Softmax().backward(x, outputGradient: g).inputs[0]
        for row in 0..<4 {
            #expect(abs(y.row(row).reduce(0, +) - 1) < 1e-6)
            let p = y.row(row).map(Double.init)
            let expected = (0..<6).map { i in
                (0..<6).reduce(0.0) { $0 + p[i] * ((i == $1 ? 1 : 0) - p[$1]) * Double(g[row, $1]) }
            }
            #expect(close.disagreement(of: found.row(row), with: expected) == nil)
        }
    }

    @Test("The dense layer: y = x W, δx = δy Wᵀ, δw = xᵀ δy")
    func dense() {
        let w: Matrix = [[1, -1], [2, 0.5], [-3, 4]]
        let x: Matrix = [[1, 2, 3]]
        let g: Matrix = [[2, -1]]
        let layer = Dense(2, usesBias: false)
        #expect(layer.forward(x, parameters: [w]) == [[-4, 12]])
        let back = layer.backward(x, parameters: [w], outputGradient: g)
        #expect(back.inputs == [[[3, 3.5, -10]]])
        #expect(back.parameters == [[[2, -1], [4, -2], [6, -3]]])
    }
}
