/// A differentiable function of one or more values: sizes, parameters, forward, backward.
///
/// A layer is configuration, a value. Its parameters and activations live in memory that the caller owns, so the same
/// layer serves every shard of every worker at once. A batch is N rows; a layer maps N x inputs to N x outputs, row by
/// row; only `BatchNormalization` looks at the whole batch.
public protocol Layer: Sendable {
    /// The value that a graph stores for this layer.
    var operation: Operation { get }

    /// The number of outputs per row, for inputs of these sizes.
    ///
    /// - Throws: `GraphError` when the layer cannot take these inputs.
    func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int

    /// The parameters, in the order in which `LayerCall` numbers them.
    func parameters(for inputSizes: [Int]) -> [ParameterSpecification]

    /// Numbers per row that `forward` leaves for `backward`, beside inputs and output.
    func memorySize(for inputSizes: [Int]) -> Int

    /// Numbers per pass, whatever its rows, that `forward` leaves for `backward`.
    func passMemorySize(for inputSizes: [Int]) -> Int

    /// Writes the output.
    func forward(_ call: borrowing LayerCall)

    /// Given the output's gradient, writes the gradient of each input that asks for one and of every parameter, each
    /// overwritten. May spoil the output's gradient. Where several consumers share an input, the plan adds up what
    /// they send back.
    func backward(_ call: borrowing LayerCall)
}

extension Layer {
    public func parameters(for inputSizes: [Int]) -> [ParameterSpecification] { [] }

    public func memorySize(for inputSizes: [Int]) -> Int { 0 }

    public func passMemorySize(for inputSizes: [Int]) -> Int { 0 }

    /// The single input that most layers take.
    func singleInput(_ inputSizes: [Int], _ layer: String) throws(GraphError) -> Int {
        guard inputSizes.count == 1, let size = inputSizes.first else {
            throw GraphError("\(layer) takes one input, not \(inputSizes.count)")
        }
        return size
    }

    /// The common size of the two or more inputs of an element-wise layer.
    func commonSize(_ inputSizes: [Int], _ layer: String) throws(GraphError) -> Int {
        guard inputSizes.count >= 2, let size = inputSizes.first else {
            throw GraphError("\(layer) takes at least two inputs, not \(inputSizes.count)")
        }
        guard inputSizes.allSatisfy({ $0 == size }) else {
            throw GraphError(
                "\(layer) takes inputs of one size, not of \(inputSizes.map(String.init).joined(separator: ", "))")
        }
        return size
    }
}

/// A parameter as its layer describes it.
public struct ParameterSpecification: Sendable, Hashable {
    /// `kernel` or `bias`: Keras' words.
    public var name: String
    /// (inputs, outputs) for a kernel, (outputs) for a bias.
    public var shape: [Int]
    public var initializer: Initializer
    public var regularizer: Regularizer
    /// Whether gradients change it; moving statistics, for one, follow the data instead.
    public var isTrainable: Bool

    init(
        name: String, shape: [Int], initializer: Initializer, regularizer: Regularizer = .none,
        isTrainable: Bool = true
    ) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.regularizer = regularizer
        self.isTrainable = isTrainable
    }
}
