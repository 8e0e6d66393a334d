public import LinearAlgebra
public import NeuralNetwork

/// A graph of random shape with a point at which its gradients can be compared: layers of every kind, values with
/// several consumers, values that nobody consumes, one to three inputs, sizes 1 to 7.
public struct RandomGraph {
    public let graph: Graph
    public let inputs: [Matrix]
    public let parameters: Parameters
    public let mode: PassMode

    /// The graph number `number`, for a batch of `rows` rows.
    public init(_ number: Int, rows: Int) throws(GraphError) {
        var random = CounterRandom.test(1000 + number)
        let graph = try Self.graph(using: &random)
        let mode = PassMode.training(seed: 7, step: UInt64(number), firstRow: 3 * number)
        // Points near a kink have no gradient to compare; with probability 1 there are others.
        var inputs: [Matrix] = []
        var parameters = Parameters(layout: ParameterLayout(graph))
        repeat {
            inputs = graph.inputSizes.map { random.matrix(rows, $0) }
            parameters = random.parameters(of: graph)
        } while Reference(graph, inputs: inputs, parameters: parameters, mode: mode).kinkDistance < GradientCheck.margin
        self.graph = graph
        self.inputs = inputs
        self.parameters = parameters
        self.mode = mode
    }

    private static func graph(using random: inout CounterRandom) throws(GraphError) -> Graph {
        let inputSizes = (0..<random.int(in: 1...3)).map { _ in random.int(in: 1...7) }
        var sizes = inputSizes
        var nodes: [Graph.Node] = []
        var names = LayerNames()

        func append(_ operation: Operation, _ inputs: [Int], size: Int) {
            nodes.append(Graph.Node(name: names.next(for: operation.kindName), operation: operation, inputs: inputs))
            sizes.append(size)
        }

        for _ in 0..<random.int(in: 4...9) {
            // Half of the time the newest value, otherwise any: chains and fan-out.
            let value = random.int(in: 0...1) == 0 ? sizes.count - 1 : random.int(in: 0...sizes.count - 1)
            let alike = sizes.indices.filter { sizes[$0] == sizes[value] }
            switch random.int(in: 0...12) {
            case 0...2:
                let dense = Dense(
                    random.int(in: 1...7), activation: random.element(of: Activation.all),
                    usesBias: random.int(in: 0...3) > 0)
                append(dense.operation, [value], size: dense.units)
            case 3...4:
                // A linear layer with its activation apart: what fusion works on.
                let dense = Dense(random.int(in: 1...7))
                append(dense.operation, [value], size: dense.units)
                append(random.element(of: Activation.all).operation, [sizes.count - 1], size: dense.units)
            case 5: append(random.element(of: Activation.all).operation, [value], size: sizes[value])
            case 6: append(Softmax().operation, [value], size: sizes[value])
            case 7: append(Dropout(0.3).operation, [value], size: sizes[value])
            case 8:
                let others = (0..<random.int(in: 1...2)).map { _ in random.element(of: alike) }
                append(Add().operation, [value] + others, size: sizes[value])
            case 9:
                // Of any size, the same value perhaps twice.
                let others = (0..<random.int(in: 1...2)).map { _ in random.int(in: 0...sizes.count - 1) }
                let inputs = [value] + others
                append(Concatenate().operation, inputs, size: inputs.reduce(0) { $0 + sizes[$1] })
            case 10:
                let count = random.int(in: 0...1) == 0 ? 1 : sizes[value]
                let rescaling = Rescaling(scale: random.floats(count), offset: random.floats(count))
                append(rescaling.operation, [value], size: sizes[value])
            case 11:
                let count = random.int(in: 0...1) == 0 ? 1 : sizes[value]
                let normalization = Normalization(
                    mean: random.floats(count), variance: random.floats(count, in: 0.25...4))
                append(normalization.operation, [value], size: sizes[value])
            default:
                let others = (0..<random.int(in: 1...2)).map { _ in random.element(of: alike) }
                append(Multiply().operation, [value] + others, size: sizes[value])
            }
        }
        append(Dense(random.int(in: 2...4)).operation, [sizes.count - 1], size: 0)
        return try Graph(inputSizes: inputSizes, nodes: nodes, output: inputSizes.count + nodes.count - 1)
    }
}
