extension Graph {
    /// A network whose layers follow one another:
    ///
    ///     Graph(inputs: 64) { Dense(128); ReLU(); Dropout(0.2); Dense(10) }
    ///
    /// - Precondition: the layers fit together; a graph read from a file goes through the throwing initializer.
    public init(inputs: Int, @SequenceBuilder _ layers: () -> [any Layer]) {
        do {
            try self.init(inputs: inputs, layers: layers())
        } catch {
            preconditionFailure(error.description)
        }
    }

    /// A network whose layers follow one another, from layers that may not fit: sizes that a user typed.
    public init(inputs: Int, layers: [any Layer]) throws(GraphError) {
        var names = LayerNames()
        let nodes = layers.enumerated().map { index, layer in
            let operation = layer.operation
            return Node(name: names.next(for: operation.kindName), operation: operation, inputs: [index])
        }
        try self.init(inputSizes: [inputs], nodes: nodes, output: nodes.count)
    }

    /// A network of one input, written as a function of it:
    ///
    ///     Graph(inputs: 4) { x in
    ///         let hidden = ReLU()(Dense(8)(x))
    ///         return Dense(2)(hidden + Dense(8)(x))
    ///     }
    ///
    /// - Precondition: the layers fit together.
    public init(inputs: Int, _ network: (Value) -> Value) {
        self.init(inputs: [inputs]) { network($0[0]) }
    }

    /// A network of several inputs, written as a function of them.
    ///
    /// - Precondition: the layers fit together.
    public init(inputs: [Int], _ network: ([Value]) -> Value) {
        let values = inputs.map { _ in Value(operation: nil, inputs: []) }
        let result = network(values)
        var numbers: [ObjectIdentifier: Int] = [:]
        for (index, value) in values.enumerated() { numbers[ObjectIdentifier(value)] = index }
        var names = LayerNames()
        var nodes: [Node] = []

        func number(of value: Value) -> Int {
            if let known = numbers[ObjectIdentifier(value)] { return known }
            let operands = value.inputs.map(number(of:))
            guard let operation = value.operation else {
                preconditionFailure("A network may use its own inputs only")
            }
            nodes.append(Node(name: names.next(for: operation.kindName), operation: operation, inputs: operands))
            let index = inputs.count + nodes.count - 1
            numbers[ObjectIdentifier(value)] = index
            return index
        }

        let output = number(of: result)
        do {
            try self.init(inputSizes: inputs, nodes: nodes, output: output)
        } catch {
            preconditionFailure(error.description)
        }
    }

    /// A value while a network is being written down: an input or the output of a layer.
    public final class Value {
        let operation: Operation?
        let inputs: [Value]

        init(operation: Operation?, inputs: [Value]) {
            self.operation = operation
            self.inputs = inputs
        }

        /// The sum of two values.
        public static func + (left: Value, right: Value) -> Value { Add()(left, right) }

        /// The element-wise product of two values.
        public static func * (left: Value, right: Value) -> Value { Multiply()(left, right) }
    }

    /// Collects the layers of a sequential network.
    @resultBuilder
    public enum SequenceBuilder {
        public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
        public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
        public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
        public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
        public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
        public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
        public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
    }
}

extension Layer {
    /// This layer applied to values of a network that is being written down.
    public func callAsFunction(_ inputs: Graph.Value...) -> Graph.Value {
        Graph.Value(operation: operation, inputs: inputs)
    }
}

/// Gives layers Keras' default names: `dense`, `dense_1`, `dense_2`.
public struct LayerNames {
    private var counts: [String: Int] = [:]

    public init() {}

    /// The next free name for a kind of layer.
    public mutating func next(for kind: String) -> String {
        let count = counts[kind, default: 0]
        counts[kind] = count + 1
        return count == 0 ? kind : "\(kind)_\(count)"
    }
}
