/// A layer that is an activation and nothing else.
public protocol ActivationLayer: Layer, Hashable {
    var activation: Activation { get }
}

extension ActivationLayer {
    public var operation: Operation { .activation(activation) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        try activation.outputSize(for: inputSizes)
    }

    public func forward(_ call: borrowing LayerCall) { activation.forward(call) }

    public func backward(_ call: borrowing LayerCall) { activation.backward(call) }
}

/// The layer `y = x`.
public struct Linear: ActivationLayer {
    public init() {}
    public var activation: Activation { .linear }
}

/// The layer `y = max(0, x)`.
public struct ReLU: ActivationLayer {
    public init() {}
    public var activation: Activation { .relu }
}

/// The layer `y = x` above 0, `slope x` below.
public struct LeakyReLU: ActivationLayer {
    public var slope: Float
    /// - Precondition: `slope` is not negative: the derivative is told from the sign of the output.
    public init(slope: Float = 0.01) {
        precondition(slope >= 0, "The slope of LeakyReLU is not negative")
        self.slope = slope
    }
    public var activation: Activation { .leakyReLU(slope: slope) }
}

/// The layer `y = 1 / (1 + e^-x)`.
public struct Sigmoid: ActivationLayer {
    public init() {}
    public var activation: Activation { .sigmoid }
}

/// The layer `y = tanh x`.
public struct Tanh: ActivationLayer {
    public init() {}
    public var activation: Activation { .tanh }
}

/// The layer `y = x` above 0, `alpha (e^x - 1)` below.
public struct ELU: ActivationLayer {
    public var alpha: Float
    /// - Precondition: `alpha` is not negative: the derivative is told from the sign of the output.
    public init(alpha: Float = 1) {
        precondition(alpha >= 0, "The alpha of ELU is not negative")
        self.alpha = alpha
    }
    public var activation: Activation { .elu(alpha: alpha) }
}

/// The scaled exponential linear unit.
public struct SELU: ActivationLayer {
    public init() {}
    public var activation: Activation { .selu }
}

/// The layer `y = log(1 + e^x)`.
public struct Softplus: ActivationLayer {
    public init() {}
    public var activation: Activation { .softplus }
}

/// The layer `y = x Φ(x)`.
public struct GELU: ActivationLayer {
    public init() {}
    public var activation: Activation { .gelu }
}

/// The layer `y = x σ(x)`.
public struct SiLU: ActivationLayer {
    public init() {}
    public var activation: Activation { .silu }
}
