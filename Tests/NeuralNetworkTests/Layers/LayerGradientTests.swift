import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Gradients of single layers agree with central differences")
struct LayerGradientTests {
    static let rowCounts = [1, 2, 5]

    /// Draws inputs and parameters away from kinks, and checks the gradients of Σ G ⊙ y.
    private func disagreement(_ graph: Graph, rows: Int, mode: PassMode = .inference) -> String? {
        var random = CounterRandom.test(rows + 10 * graph.nodes.count + 100 * graph.inputSize)
        while true {
            let check = GradientCheck(
                graph, inputs: graph.inputSizes.map { random.matrix(rows, $0, in: -2...2) },
                parameters: random.parameters(of: graph), mode: mode)
            guard check.reference.kinkDistance >= GradientCheck.margin else { continue }
            return check.disagreement(outputGradient: random.matrix(rows, graph.outputSize))
        }
    }

    @Test("Dense, with and without bias, with every activation", arguments: Activation.all, rowCounts)
    func dense(activation: Activation, rows: Int) {
        for (inputs, units) in [(1, 1), (3, 4), (7, 2), (1, 5)] {
            for usesBias in [true, false] {
                let graph = Graph(inputs: inputs) { Dense(units, activation: activation, usesBias: usesBias) }
                #expect(disagreement(graph, rows: rows) == nil)
            }
        }
    }

    @Test("Dense followed by an activation of its own", arguments: Activation.all, rowCounts)
    func denseThenActivation(activation: Activation, rows: Int) {
        for usesBias in [true, false] {
            let graph = Graph(inputs: 3) { x in activation(Dense(4, usesBias: usesBias)(x)) }
            #expect(disagreement(graph, rows: rows) == nil)
        }
    }

    @Test(
        "Activations", arguments: Activation.all + [.leakyReLU(slope: 0.3), .leakyReLU(slope: 0), .elu(alpha: 0.4)],
        rowCounts)
    func activation(activation: Activation, rows: Int) {
        for columns in [1, 4, 7] {
            #expect(disagreement(Graph(inputs: columns) { x in activation(x) }, rows: rows) == nil)
        }
    }

    @Test("Softmax", arguments: [1, 2, 7], rowCounts)
    func softmax(columns: Int, rows: Int) {
        #expect(disagreement(Graph(inputs: columns) { Softmax() }, rows: rows) == nil)
    }

    @Test("Dropout in training, with its mask, and in inference", arguments: [0, 0.3, 0.8], rowCounts)
    func dropout(probability: Double, rows: Int) {
        let training = PassMode.training(seed: 3, step: 5, firstRow: 11)
        for columns in [1, 4, 70] {
            let graph = Graph(inputs: columns) { Dropout(probability) }
            #expect(disagreement(graph, rows: rows, mode: training) == nil)
            #expect(disagreement(graph, rows: rows) == nil)
        }
        let deep = Graph(inputs: 3) {
            Dense(4)
            Tanh()
            Dropout(probability)
            Dense(3)
            Dropout(probability)
        }
        #expect(disagreement(deep, rows: rows, mode: training) == nil)
        #expect(disagreement(deep, rows: rows) == nil)
    }

    @Test("Add and Multiply of two, three and four values", arguments: 2...4, rowCounts)
    func several(count: Int, rows: Int) {
        for columns in [1, 5] {
            // Two inputs are graph inputs, further ones are made from them.
            for layer in [Add().operation, Multiply().operation] {
                let graph = Graph(inputs: [columns, columns]) { x in
                    let more = [Tanh()(x[0]), Sigmoid()(x[1])]
                    let values = x + more.prefix(count - 2)
                    return Graph.Value.apply(layer, to: values)
                }
                #expect(disagreement(graph, rows: rows) == nil)
            }
        }
    }

    @Test("Concatenate of values of several sizes, one of them twice", arguments: rowCounts)
    func concatenate(rows: Int) {
        for sizes in [[1, 1], [3, 5], [7, 1]] {
            let graph = Graph(inputs: sizes) { x in Concatenate()(x[0], Tanh()(x[1]), x[1], x[0]) }
            #expect(disagreement(graph, rows: rows) == nil)
            let hidden = Graph(inputs: sizes) { x in
                let a = Dense(3)(x[0])
                return Dense(2)(Concatenate()(a, x[1]) * Concatenate()(x[1], a))
            }
            #expect(disagreement(hidden, rows: rows) == nil)
        }
    }

    @Test("Rescaling and Normalization, with a number for all columns and for each", arguments: rowCounts)
    func scaling(rows: Int) {
        for columns in [1, 4, 17] {
            let each = (0..<columns).map { Float($0) - 1.5 }
            let layers: [any Layer] = [
                Rescaling(scale: -0.5, offset: 2), Rescaling(scale: each, offset: each.reversed()),
                Rescaling(scale: each, offset: [3]), Normalization(mean: [0.25], variance: [4]),
                Normalization(mean: each, variance: each.map { $0 * $0 }),
            ]
            for layer in layers {
                #expect(disagreement(Graph(inputs: columns) { layer }, rows: rows) == nil)
                let between = Graph(inputs: 3) { [Dense(columns), layer, Dense(2)] as [any Layer] }
                #expect(disagreement(between, rows: rows) == nil)
            }
        }
    }

    @Test("A layer that is not trained has no gradient, and those below it have theirs", arguments: rowCounts)
    func frozen(rows: Int) throws {
        let nodes = [
            Graph.Node(name: "a", operation: Dense(4, activation: .tanh).operation, inputs: [0], isTrainable: false),
            Graph.Node(name: "b", operation: Dense(3).operation, inputs: [1]),
            Graph.Node(name: "c", operation: Dense(2, activation: .tanh).operation, inputs: [2], isTrainable: false),
        ]
        let graph = try Graph(inputSizes: [3], nodes: nodes, output: 3)
        #expect(graph.trainableParameterCount == 4 * 3 + 3)
        var random = CounterRandom.test(rows)
        let inputs = random.matrix(rows, 3)
        let parameters = random.parameters(of: graph)
        let gradient = random.matrix(rows, 2)
        let found = graph.backward(inputs, parameters: parameters, outputGradient: gradient)
        let free = try Graph(
            inputSizes: [3], nodes: nodes.map { Graph.Node(name: $0.name, operation: $0.operation, inputs: $0.inputs) },
            output: 3)
        let expected = free.backward(inputs, parameters: parameters, outputGradient: gradient)
        #expect(found.parameters["b/kernel"] == expected.parameters["b/kernel"])
        #expect(found.parameters["b/bias"] == expected.parameters["b/bias"])
    }

    @Test("A value used twice by the same layer: x x, x + x, x x x", arguments: rowCounts)
    func sameValue(rows: Int) {
        #expect(disagreement(Graph(inputs: 3) { x in x * x }, rows: rows) == nil)
        #expect(disagreement(Graph(inputs: 3) { x in x + x }, rows: rows) == nil)
        #expect(disagreement(Graph(inputs: 3) { x in Multiply()(x, x, x) }, rows: rows) == nil)
        #expect(disagreement(Graph(inputs: 3) { x in Add()(x, x, x) }, rows: rows) == nil)
        let hidden = Graph(inputs: 3) { x in
            let h = Dense(2)(x)
            return h * h + h
        }
        #expect(disagreement(hidden, rows: rows) == nil)
    }

    @Test("A value with several consumers receives the sum of what they send back", arguments: rowCounts)
    func severalConsumers(rows: Int) {
        let graph = Graph(inputs: 4) { x in
            let h = Dense(3)(x)
            return ReLU()(h) * Sigmoid()(h) + Dense(3)(h) + h + Dense(3)(x)
        }
        #expect(disagreement(graph, rows: rows) == nil)
    }

    @Test("The output may be a value that others consume, or an input", arguments: rowCounts)
    func outputInTheMiddle(rows: Int) throws {
        let dense = Dense(3).operation
        let middle = try Graph(
            inputSizes: [3],
            nodes: [
                Graph.Node(name: "a", operation: dense, inputs: [0]),
                Graph.Node(name: "b", operation: Activation.tanh.operation, inputs: [1]),
                Graph.Node(name: "c", operation: dense, inputs: [2]),
            ], output: 1)
        #expect(disagreement(middle, rows: rows) == nil)
        #expect(disagreement(Graph(inputs: 3) { $0 }, rows: rows) == nil)
        #expect(disagreement(Graph(inputs: [3, 2]) { $0[1] }, rows: rows) == nil)
    }

    @Test("An input that nothing depends on has gradient 0")
    func unusedInput() {
        let graph = Graph(inputs: [2, 3]) { Dense(2)($0[1]) }
        #expect(disagreement(graph, rows: 2) == nil)
    }
}

extension Graph.Value {
    /// A layer applied to any number of values.
    fileprivate static func apply(_ operation: NeuralNetwork.Operation, to values: [Graph.Value]) -> Graph.Value {
        switch values.count {
        case 2: operation.layer(values[0], values[1])
        case 3: operation.layer(values[0], values[1], values[2])
        case 4: operation.layer(values[0], values[1], values[2], values[3])
        default: preconditionFailure("Two to four values")
        }
    }
}
