import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Batch and layer normalization agree with their definitions")
struct NormalizationGradientTests {
    static let sizes = [(1, 1), (2, 3), (5, 2), (8, 16), (33, 7), (4, 40)]
    static let training = PassMode.training(seed: 3, step: 5, firstRow: 0)

    /// What goes into a normalization and is removed by it (the mean, the scale) has a gradient of nearly 0, the difference
    /// of terms of the size of 1. Inputs are spread widely: gradients grow with the reciprocal of a deviation.
    private func check(_ graph: Graph, rows: Int, mode: PassMode) -> String? {
        var random = CounterRandom.test(rows + 10 * graph.nodes.count + 100 * graph.inputSize)
        while true {
            let check = GradientCheck(
                graph, inputs: graph.inputSizes.map { random.matrix(rows, $0, in: -4...4) },
                parameters: random.parameters(of: graph), mode: mode, leastMagnitude: 1)
            guard check.reference.kinkDistance >= GradientCheck.margin else { continue }
            let outputs = graph.outputs(check.inputs, parameters: check.parameters, mode: mode)
            let exact = check.reference.output
            let scale = max(1, exact.map(abs).max() ?? 0)
            if let problem = Tolerance(absolute: 2e-6 * scale).disagreement(of: outputs.elements, with: exact) {
                return "outputs: \(problem)"
            }
            return check.disagreement(outputGradient: random.matrix(rows, graph.outputSize))
        }
    }

    @Test("Layer normalization, with and without scale and centre", arguments: sizes)
    func layer(rows: Int, columns: Int) {
        for (scales, centers) in [(true, true), (true, false), (false, true), (false, false)] {
            let layer = LayerNormalization(epsilon: 0.01, scales: scales, centers: centers)
            let alone = Graph(inputs: columns) { layer }
            #expect(check(alone, rows: rows, mode: .inference) == nil)
            #expect(ParameterLayout(alone).slices.count == (scales ? 1 : 0) + (centers ? 1 : 0))
            let between = Graph(inputs: 3) { [Dense(columns), layer, Tanh(), Dense(2)] as [any Layer] }
            #expect(check(between, rows: rows, mode: Self.training) == nil)
        }
    }

    @Test(
        "Batch normalization in training and in inference, with and without scale and centre", arguments: sizes)
    func batch(rows: Int, columns: Int) {
        for (scales, centers) in [(true, true), (true, false), (false, true), (false, false)] {
            let layer = BatchNormalization(epsilon: 0.01, scales: scales, centers: centers)
            for mode in [PassMode.inference, Self.training] {
                #expect(check(Graph(inputs: columns) { layer }, rows: rows, mode: mode) == nil)
                let between = Graph(inputs: 3) { [Dense(columns), layer, Tanh(), Dense(2)] as [any Layer] }
                #expect(check(between, rows: rows, mode: mode) == nil)
            }
        }
    }

    @Test("One after another, in branches, on one value, beside dropout, in the middle of what others consume")
    func graphs() throws {
        let norm = BatchNormalization(epsilon: 0.1)
        let graphs = [
            Graph(inputs: 3) { [Dense(4), norm, norm, Dense(2), norm] as [any Layer] },
            Graph(inputs: 3) { x in norm(Dense(4)(x)) + norm(Dense(4)(x)) },
            Graph(inputs: 3) { x in
                let hidden = Dense(4)(x)
                return norm(hidden) * norm(hidden) + hidden
            },
            Graph(inputs: 3) { x in
                let first = norm(x)
                let second = norm(Tanh()(Dense(3)(first)))
                return Concatenate()(Dense(2)(second), first, LayerNormalization(epsilon: 0.1)(second), x)
            },
            Graph(inputs: 3) { [Dropout(0.3), Dense(5), norm, ReLU(), Dropout(0.3), Dense(2)] as [any Layer] },
            Graph(inputs: [3, 2]) { x in norm(Dense(4)(x[0])) * Dense(4)(norm(x[1])) },
            // Made late, needed early: its stage is the first.
            Graph(inputs: 3) { x in
                let late = norm(Dense(4)(x))
                let early = Dense(4)(x)
                return late + Tanh()(early) + norm(Sigmoid()(late) + early)
            },
        ]
        for (number, graph) in graphs.enumerated() {
            for rows in [3, 9] {
                #expect(check(graph, rows: rows, mode: Self.training) == nil, "graph \(number), \(rows) rows")
                #expect(check(graph, rows: rows, mode: .inference) == nil, "graph \(number), \(rows) rows")
            }
        }
    }

    @Test("A frozen layer takes its moving averages in training too, and has no gradient")
    func frozen() throws {
        let nodes = [
            Graph.Node(name: "a", operation: Dense(4).operation, inputs: [0]),
            Graph.Node(name: "n", operation: BatchNormalization().operation, inputs: [1], isTrainable: false),
            Graph.Node(name: "b", operation: Dense(2).operation, inputs: [2]),
        ]
        let graph = try Graph(inputSizes: [3], nodes: nodes, output: 3)
        #expect(check(graph, rows: 5, mode: Self.training) == nil)
        #expect(Plan(graph, capacity: 5, trains: true).stageCount == 1)
        #expect(graph.trainableParameterCount == 3 * 4 + 4 + 4 * 2 + 2)
    }

    @Test("A mean far from 0 costs no digits of the variance")
    func farMean() {
        var random = CounterRandom.test(1)
        let values = random.matrix(64, 3)
        let far = Matrix(rows: 64, columns: 3, elements: values.elements.map { 4096 + ($0 * 256).rounded() / 256 })
        let near = Matrix(rows: 64, columns: 3, elements: far.elements.map { $0 - 4096 })
        let graph = Graph(inputs: 3) { BatchNormalization(epsilon: 1e-6, scales: false, centers: false) }
        let parameters = Parameters(of: graph, seed: 0)
        let expected = graph.forward(near, parameters: parameters, mode: Self.training)
        let found = graph.forward(far, parameters: parameters, mode: Self.training)
        // The mean itself is rounded to a float: half a unit in the last place of 4096, over a deviation of 0.6.
        #expect(Tolerance(absolute: 5e-4).disagreement(of: found.elements, with: expected.elements) == nil)
    }

    @Test("Epsilon and momentum are checked")
    func refusals() {
        for layer in [
            LayerNormalization(epsilon: 0) as any Layer, LayerNormalization(epsilon: .nan),
            BatchNormalization(epsilon: -1),
            BatchNormalization(momentum: 1.5), BatchNormalization(momentum: .nan),
        ] {
            #expect(throws: GraphError.self) { _ = try Graph(inputs: 2, layers: [layer]) }
        }
    }
}
