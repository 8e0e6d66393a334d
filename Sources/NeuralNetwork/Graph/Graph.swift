/// An architecture as a value: inputs, layers in an order in which they can be computed, one output.
///
/// Values are numbered: the inputs first, then the output of each node. A value may feed several nodes; its gradient
/// is then the sum of what they send back.
public struct Graph: Sendable, Hashable {
    /// A layer at its place.
    public struct Node: Sendable, Hashable, Codable {
        /// Unique in the graph; the stem of its parameters' paths.
        public var name: String
        public var operation: Operation
        /// The values it takes, each an input or the output of an earlier node.
        public var inputs: [Int]
        /// Whether training changes its parameters: Keras' `trainable`.
        public var isTrainable: Bool

        public init(name: String, operation: Operation, inputs: [Int], isTrainable: Bool = true) {
            self.name = name
            self.operation = operation
            self.inputs = inputs
            self.isTrainable = isTrainable
        }
    }

    /// The most numbers per row that a value may have: beyond it no matrix dimension fits BLAS' integers.
    public static let sizeLimit = Int(Int32.max)

    /// The numbers per row of each input.
    public let inputSizes: [Int]
    public let nodes: [Node]
    /// The value that is the result.
    public let output: Int
    /// The numbers per row of every value.
    public let sizes: [Int]

    /// A graph from its parts.
    ///
    /// - Throws: `GraphError` for a size that is not positive, a value that is not computed yet, a name used twice, and
    ///   whatever a layer has against its inputs.
    public init(inputSizes: [Int], nodes: [Node], output: Int) throws(GraphError) {
        guard !inputSizes.isEmpty else { throw GraphError("a graph needs at least one input") }
        var sizes: [Int] = []
        for (index, size) in inputSizes.enumerated() {
            guard size > 0, size <= Self.sizeLimit else {
                throw GraphError("input \(index) has \(size) numbers per row")
            }
            sizes.append(size)
        }
        var names: Set<String> = []
        for node in nodes {
            guard names.insert(node.name).inserted else {
                throw GraphError("two layers are called '\(node.name)'")
            }
            guard node.inputs.allSatisfy({ $0 >= 0 && $0 < sizes.count }) else {
                throw GraphError("layer '\(node.name)' takes a value that is not computed before it")
            }
            do throws(GraphError) {
                let size = try node.operation.layer.outputSize(for: node.inputs.map { sizes[$0] })
                guard size > 0, size <= Self.sizeLimit else {
                    throw GraphError("its output has \(size) numbers per row")
                }
                sizes.append(size)
            } catch {
                throw GraphError("layer '\(node.name)': \(error.reason)")
            }
        }
        // Sizes are below 2^31, so no product overflows, and the check after each sum keeps the sum from overflowing.
        var parameterCount = 0
        for node in nodes {
            for parameter in node.operation.layer.parameters(for: node.inputs.map({ sizes[$0] })) {
                parameterCount += parameter.shape.reduce(1, *)
                guard parameterCount <= ParameterLayout.countLimit else {
                    throw GraphError("it has more than \(ParameterLayout.countLimit) parameters")
                }
            }
        }
        guard output >= 0 && output < sizes.count else {
            throw GraphError("the output is value \(output) of \(sizes.count)")
        }
        self.inputSizes = inputSizes
        self.nodes = nodes
        self.output = output
        self.sizes = sizes
    }

    /// The numbers per row that go in, over all inputs.
    public var inputSize: Int { inputSizes.reduce(0, +) }

    /// The numbers per row that come out.
    public var outputSize: Int { sizes[output] }

    /// The size of each value that a node takes.
    func inputSizes(of node: Node) -> [Int] { node.inputs.map { sizes[$0] } }

    /// Whether every layer takes the value before it: Keras' Sequential.
    public var isSequential: Bool {
        inputSizes.count == 1 && output == nodes.count
            && nodes.enumerated().allSatisfy { $0.element.inputs == [$0.offset] }
    }

    /// Floating-point operations per row of a training step in matrix products: 2 inputs outputs for each of y, dW and
    /// dx; dx is not computed for the graph's inputs.
    public var trainingOperationsPerRow: Int {
        nodes.reduce(0) { total, node in
            guard case .dense(let dense) = node.operation else { return total }
            let products = node.inputs[0] < inputSizes.count ? 2 : 3
            return total + 2 * products * sizes[node.inputs[0]] * dense.units
        }
    }

    /// The number of parameters that training changes.
    public var trainableParameterCount: Int {
        ParameterLayout(self).slices.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) }
    }

    /// The same graph with `change` applied to every dense layer.
    public func mapDense(_ change: (inout Dense) -> Void) -> Graph {
        let changed = nodes.map { node in
            guard case .dense(var dense) = node.operation else { return node }
            change(&dense)
            return Node(
                name: node.name, operation: .dense(dense), inputs: node.inputs, isTrainable: node.isTrainable)
        }
        return Graph(inputSizes: inputSizes, checked: changed, output: output, sizes: sizes)
    }

    /// A graph whose parts are known to fit.
    init(inputSizes: [Int], checked nodes: [Node], output: Int, sizes: [Int]) {
        self.inputSizes = inputSizes
        self.nodes = nodes
        self.output = output
        self.sizes = sizes
    }
}

extension Graph.Node {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            name: container.decode(String.self, forKey: .name),
            operation: container.decode(Operation.self, forKey: .operation),
            inputs: container.decode([Int].self, forKey: .inputs),
            isTrainable: container.decodeIfPresent(Bool.self, forKey: .isTrainable) ?? true)
    }
}

extension Graph: Codable {
    private enum CodingKeys: String, CodingKey {
        case inputSizes
        case nodes
        case output
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            inputSizes: container.decode([Int].self, forKey: .inputSizes),
            nodes: container.decode([Node].self, forKey: .nodes), output: container.decode(Int.self, forKey: .output))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(inputSizes, forKey: .inputSizes)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(output, forKey: .output)
    }
}

/// Why layers do not make a graph.
public struct GraphError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A clause that says which layer cannot do what.
    public let reason: String

    public init(_ reason: String) {
        self.reason = reason
    }

    public var description: String { "This is not a network: \(reason)." }
}
