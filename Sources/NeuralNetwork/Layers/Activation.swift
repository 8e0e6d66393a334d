internal import LinearAlgebra

/// An element-wise activation y = f(x); backward is dx = g f'(x).
///
/// As a layer by itself, or inside `Dense`.
public enum Activation: Sendable, Hashable, Codable {
    /// f(x) = x.
    case linear
    /// f(x) = max(0, x), f'(0) = 0.
    case relu
    /// f(x) = x above 0, else slope x.
    case leakyReLU(slope: Float = 0.01)
    /// f(x) = 1 / (1 + e^-x); f' = y (1 - y), never above ¼.
    case sigmoid
    /// f(x) = tanh x = 2 σ(2x) - 1; f' = 1 - y².
    case tanh
    /// f(x) = x above 0, else α (e^x - 1) (Clevert, Unterthiner and Hochreiter 2015).
    case elu(alpha: Float = 1)
    /// ELU with α = 1.6733, times 1.0507: unit mean and variance persist (Klambauer et al. 2017).
    case selu
    /// f(x) = log(1 + e^x); f' = σ(x).
    case softplus
    /// f(x) = x Φ(x) with the normal distribution function, not its tanh approximation (Hendrycks and Gimpel 2016).
    case gelu
    /// f(x) = x σ(x), also called swish (Elfwing, Uchibe and Doya 2017).
    case silu

    var function: ElementwiseFunction {
        switch self {
        case .linear: .linear
        case .relu: .relu
        case .leakyReLU(let slope): .leakyReLU(slope: slope)
        case .sigmoid: .sigmoid
        case .tanh: .tanh
        case .elu(let alpha): .elu(alpha: alpha)
        case .selu: .selu
        case .softplus: .softplus
        case .gelu: .gelu
        case .silu: .silu
        }
    }
}

extension Activation: Layer {
    public var operation: Operation { .activation(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        try validate()
        return try singleInput(inputSizes, "an activation")
    }

    /// The derivative is told from the sign of the output, so neither slope may turn it round.
    func validate() throws(GraphError) {
        switch self {
        case .leakyReLU(let slope):
            guard slope >= 0, slope.isFinite else {
                throw GraphError("the slope of LeakyReLU is 0 or more, not \(slope)")
            }
        case .elu(let alpha):
            guard alpha >= 0, alpha.isFinite else { throw GraphError("the alpha of ELU is 0 or more, not \(alpha)") }
        case .linear, .relu, .sigmoid, .tanh, .selu, .softplus, .gelu, .silu: break
        }
    }

    public func forward(_ call: borrowing LayerCall) {
        function.apply(to: call.input(0), into: call.output)
    }

    public func backward(_ call: borrowing LayerCall) {
        guard let inputGradient = call.inputGradient(0) else { return }
        function.applyDerivative(
            state: function.needsInput ? call.input(0) : call.output.readOnly,
            outputGradient: call.outputGradient.readOnly, inputGradient: inputGradient)
    }
}
