internal import LinearAlgebra

/// A fully connected layer, `y = f(x W + b)`.
///
/// x: N x inputs, W (`kernel`): inputs x units, b (`bias`): units, f: an element-wise activation. With G = ∂J/∂y ⊙ f',
/// backward gives dW = xᵀ G, db = the column sums of G, dx = G Wᵀ (Rumelhart, Hinton and Williams 1986).
///
/// The activation is part of the layer because bias and activation, and the derivative and the bias gradient, are then
/// one pass over memory that is still in cache. A graph that spells them as two layers computes the same numbers.
public struct Dense: Layer, Hashable, Codable {
    /// Outputs per row.
    public var units: Int
    /// Applied to x W + b. Linear by default, as in Keras.
    public var activation: Activation
    /// Whether b is there.
    public var usesBias: Bool
    /// Glorot uniform by default, as in Keras.
    public var kernelInitializer: Initializer
    /// Zeros by default, as in Keras.
    public var biasInitializer: Initializer
    public var kernelRegularizer: Regularizer
    public var biasRegularizer: Regularizer

    /// - Precondition: `units` is positive.
    public init(
        _ units: Int, activation: Activation = .linear, usesBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        kernelRegularizer: Regularizer = .none, biasRegularizer: Regularizer = .none
    ) {
        precondition(units > 0, "A dense layer needs at least one unit, not \(units)")
        self.units = units
        self.activation = activation
        self.usesBias = usesBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
        self.kernelRegularizer = kernelRegularizer
        self.biasRegularizer = biasRegularizer
    }

    public var operation: Operation { .dense(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        _ = try singleInput(inputSizes, "Dense")
        guard units > 0 else { throw GraphError("Dense has at least one unit, not \(units)") }
        try activation.validate()
        return units
    }

    public func parameters(for inputSizes: [Int]) -> [ParameterSpecification] {
        let kernel = ParameterSpecification(
            name: "kernel", shape: [inputSizes[0], units], initializer: kernelInitializer,
            regularizer: kernelRegularizer)
        let bias = ParameterSpecification(
            name: "bias", shape: [units], initializer: biasInitializer, regularizer: biasRegularizer)
        return usesBias ? [kernel, bias] : [kernel]
    }

    public func memorySize(for inputSizes: [Int]) -> Int {
        activation.function.needsInput ? units : 0
    }

    public func forward(_ call: borrowing LayerCall) {
        call.multiply(call.input(0), .no, call.parameter(0), .no, into: call.output)
        activation.function.apply(
            to: call.output.readOnly, bias: usesBias ? call.parameter(1) : nil,
            keeping: activation.function.needsInput ? call.kept : nil, into: call.output)
    }

    public func backward(_ call: borrowing LayerCall) {
        let gradient = call.outputGradient
        activation.function.applyDerivative(
            state: activation.function.needsInput ? call.kept.readOnly : call.output.readOnly,
            outputGradient: gradient.readOnly, inputGradient: gradient,
            columnSums: usesBias ? call.parameterGradient(1) : nil)
        call.multiply(call.input(0), .yes, gradient.readOnly, .no, into: call.parameterGradient(0))
        if let inputGradient = call.inputGradient(0) {
            call.multiply(gradient.readOnly, .no, call.parameter(0), .yes, into: inputGradient)
        }
    }
}
