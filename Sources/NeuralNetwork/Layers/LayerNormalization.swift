internal import LinearAlgebra

/// Standardises each row over its columns, `y = (x - μ) / √(σ² + ε) ⊙ γ + β`, μ and σ² of the row (Ba, Kiros and
/// Hinton 2016).
///
/// γ (`gamma`) and β (`beta`) have a number per column. Backward, with x̂ = (x - μ) / √(σ² + ε) and means over the
/// columns: dγ = Σ g ⊙ x̂ and dβ = Σ g over the rows, dx = (g ⊙ γ - mean(g ⊙ γ) - x̂ mean(g ⊙ γ ⊙ x̂)) / √(σ² + ε).
public struct LayerNormalization: Layer, Hashable, Codable {
    /// Keeps the division finite. Keras' default.
    public var epsilon: Float
    /// Whether γ is there.
    public var scales: Bool
    /// Whether β is there.
    public var centers: Bool
    public var gammaRegularizer: Regularizer
    public var betaRegularizer: Regularizer

    public init(
        epsilon: Float = 1e-3, scales: Bool = true, centers: Bool = true, gammaRegularizer: Regularizer = .none,
        betaRegularizer: Regularizer = .none
    ) {
        self.epsilon = epsilon
        self.scales = scales
        self.centers = centers
        self.gammaRegularizer = gammaRegularizer
        self.betaRegularizer = betaRegularizer
    }

    public var operation: Operation { .layerNormalization(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        guard epsilon > 0, epsilon.isFinite else {
            throw GraphError("the epsilon of LayerNormalization is positive, not \(epsilon)")
        }
        return try singleInput(inputSizes, "LayerNormalization")
    }

    public func parameters(for inputSizes: [Int]) -> [ParameterSpecification] {
        let gamma = ParameterSpecification(
            name: "gamma", shape: [inputSizes[0]], initializer: .constant(1), regularizer: gammaRegularizer)
        let beta = ParameterSpecification(
            name: "beta", shape: [inputSizes[0]], initializer: .zeros, regularizer: betaRegularizer)
        return (scales ? [gamma] : []) + (centers ? [beta] : [])
    }

    /// Mean and reciprocal deviation of the row.
    public func memorySize(for inputSizes: [Int]) -> Int { 2 }

    private var betaIndex: Int { scales ? 1 : 0 }

    public func forward(_ call: borrowing LayerCall) {
        layerNormalize(
            call.input(0), epsilon: epsilon, gamma: scales ? call.parameter(0).base : nil,
            beta: centers ? call.parameter(betaIndex).base : nil, statistics: call.kept.base, into: call.output)
    }

    public func backward(_ call: borrowing LayerCall) {
        layerNormalizeBackward(
            call.input(0), statistics: call.kept.base, gamma: scales ? call.parameter(0).base : nil,
            outputGradient: call.outputGradient.readOnly, inputGradient: call.inputGradient(0),
            gammaGradient: scales ? call.parameterGradient(0).base : nil,
            betaGradient: centers ? call.parameterGradient(betaIndex).base : nil)
    }
}
