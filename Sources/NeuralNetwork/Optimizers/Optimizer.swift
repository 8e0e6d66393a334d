/// How gradients change parameters: a rule, a learning rate, decoupled weight decay and clipping.
///
/// Every rule is Keras 3's, so the same start, data and settings give the same weights up to rounding. Before the rule,
/// the gradient is clipped and the weights decay: w -= w · weightDecay · learningRate, for every parameter (Loshchilov
/// and Hutter 2017).
public struct Optimizer: Sendable, Hashable, Codable {
    /// The update rules, with g the gradient and η the learning rate.
    public enum Rule: Sendable, Hashable, Codable {
        /// w -= η g, or with momentum m = μ m - η g; w += m (Polyak 1964), Nesterov: w += μ m - η g.
        case sgd(momentum: Momentum)
        /// m += (g - m)(1 - β₁), v += (g² - v)(1 - β₂), w -= η √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε)
        /// (Kingma and Ba 2014).
        case adam(beta1: Double, beta2: Double, epsilon: Double)
        /// v = ρ v + (1 - ρ) g², w -= η g / √(v + ε) (Tieleman and Hinton 2012); centred: v less the square of the
        /// gradient's moving average.
        case rmsprop(rho: Double, momentum: Double, epsilon: Double, centered: Bool)
        /// a += g², w -= η g / √(a + ε) (Duchi, Hazan and Singer 2011).
        case adagrad(initialAccumulator: Double, epsilon: Double)
    }

    /// The momentum of `sgd`.
    public enum Momentum: Sendable, Hashable, Codable {
        case none
        case heavyBall(Double)
        case nesterov(Double)
    }

    /// What happens to gradients that are too large.
    public enum Clipping: Sendable, Hashable, Codable {
        case none
        /// All gradients are scaled so that their common Euclidean norm is at most this (Pascanu et al. 2013): Keras'
        /// `global_clipnorm`.
        case norm(Double)
        /// Every element is limited to ± this.
        case value(Double)
    }

    public var rule: Rule
    public var learningRate: Double
    /// The share of each weight, times the learning rate, that a step takes away.
    public var weightDecay: Double
    public var clipping: Clipping

    public init(rule: Rule, learningRate: Double, weightDecay: Double = 0, clipping: Clipping = .none) {
        self.rule = rule
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.clipping = clipping
    }

    /// Stochastic gradient descent. Keras' default rate.
    public static func sgd(
        learningRate: Double = 0.01, momentum: Momentum = .none, weightDecay: Double = 0, clipping: Clipping = .none
    ) -> Optimizer {
        Optimizer(
            rule: .sgd(momentum: momentum), learningRate: learningRate, weightDecay: weightDecay, clipping: clipping)
    }

    /// Adam with Keras' defaults.
    public static func adam(
        learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
        weightDecay: Double = 0, clipping: Clipping = .none
    ) -> Optimizer {
        Optimizer(
            rule: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate,
            weightDecay: weightDecay, clipping: clipping)
    }

    /// Adam with decoupled weight decay. Keras' default decay.
    public static func adamW(
        learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
        weightDecay: Double = 0.004, clipping: Clipping = .none
    ) -> Optimizer {
        adam(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            clipping: clipping)
    }

    /// RMSprop with Keras' defaults.
    public static func rmsprop(
        learningRate: Double = 0.001, rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7,
        centered: Bool = false, weightDecay: Double = 0, clipping: Clipping = .none
    ) -> Optimizer {
        Optimizer(
            rule: .rmsprop(rho: rho, momentum: momentum, epsilon: epsilon, centered: centered),
            learningRate: learningRate, weightDecay: weightDecay, clipping: clipping)
    }

    /// Adagrad with Keras' defaults.
    public static func adagrad(
        learningRate: Double = 0.001, initialAccumulator: Double = 0.1, epsilon: Double = 1e-7,
        weightDecay: Double = 0, clipping: Clipping = .none
    ) -> Optimizer {
        Optimizer(
            rule: .adagrad(initialAccumulator: initialAccumulator, epsilon: epsilon), learningRate: learningRate,
            weightDecay: weightDecay, clipping: clipping)
    }

    /// The moments a rule keeps, each a buffer in the layout of the parameters, with the value each starts from.
    package var moments: [(name: String, initialValue: Float)] {
        switch rule {
        case .sgd(momentum: .none): []
        case .sgd: [("momentum", 0)]
        case .adam: [("momentum", 0), ("velocity", 0)]
        case .rmsprop(_, let momentum, _, let centered):
            [("velocity", 0)] + (centered ? [("average_gradient", 0)] : [])
                + (momentum > 0 ? [("momentum", 0)] : [])
        case .adagrad(let initial, _): [("accumulator", Float(initial))]
        }
    }
}

extension Optimizer.Rule {
    /// `sgd`, `adam`, `rmsprop`, `adagrad`.
    package var name: String {
        switch self {
        case .sgd: "sgd"
        case .adam: "adam"
        case .rmsprop: "rmsprop"
        case .adagrad: "adagrad"
        }
    }
}

extension Optimizer {
    /// The rule by name, with its moments where they tell it from others of the name: `sgd with momentum`.
    package var summary: String {
        switch rule {
        case .sgd(momentum: .none), .adam, .adagrad: rule.name
        case .sgd: "sgd with momentum"
        case .rmsprop(_, let momentum, _, let centered):
            rule.name + (momentum > 0 ? " with momentum" : "") + (centered ? ", centred" : "")
        }
    }
}
