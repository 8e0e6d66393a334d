import Foundation
package import LinearAlgebra
public import NeuralNetwork

/// Functions in double precision that others are put together from.
public enum ReferenceFunction {
    public static func sigmoid(_ x: Double) -> Double {
        // Either form alone would overflow on one side.
        x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
    }

    /// The distribution function of the standard normal.
    public static func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    public static func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

    /// log(1 + e^x).
    public static func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

    public static let seluAlpha = 1.6732632423543772848170429916717
    public static let seluScale = 1.0507009873554804934193349852946
}

extension ElementwiseFunction {
    /// f(x) in double precision, written from the definition.
    package func exact(_ x: Double) -> Double {
        switch self {
        case .linear: x
        case .relu: x > 0 ? x : 0
        case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
        case .sigmoid: ReferenceFunction.sigmoid(x)
        case .tanh: Foundation.tanh(x)
        case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
        case .selu: ReferenceFunction.seluScale * (x > 0 ? x : ReferenceFunction.seluAlpha * expm1(x))
        case .softplus: ReferenceFunction.softplus(x)
        case .gelu: x * ReferenceFunction.normal(x)
        case .silu: x * ReferenceFunction.sigmoid(x)
        }
    }

    /// f'(x) in double precision; at a kink, the derivative from the left.
    package func exactDerivative(_ x: Double) -> Double {
        let s = ReferenceFunction.sigmoid(x)
        return switch self {
        case .linear: 1
        case .relu: x > 0 ? 1 : 0
        case .leakyReLU(let slope): x > 0 ? 1 : Double(slope)
        case .sigmoid: s * ReferenceFunction.sigmoid(-x)
        case .tanh: 4 * ReferenceFunction.sigmoid(2 * x) * ReferenceFunction.sigmoid(-2 * x)
        case .elu(let alpha): x > 0 ? 1 : Double(alpha) * exp(x)
        case .selu: ReferenceFunction.seluScale * (x > 0 ? 1 : ReferenceFunction.seluAlpha * exp(x))
        case .softplus: s
        case .gelu: ReferenceFunction.normal(x) + x * ReferenceFunction.normalDensity(x)
        case .silu: s + x * s * ReferenceFunction.sigmoid(-x)
        }
    }
}

extension Activation {
    /// f(x) in double precision.
    public func exact(_ x: Double) -> Double { elementwise.exact(x) }

    /// f'(x) in double precision; at a kink, the derivative from the left.
    public func exactDerivative(_ x: Double) -> Double { elementwise.exactDerivative(x) }

    private var elementwise: ElementwiseFunction {
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

    /// Whether the derivative jumps at 0.
    public var hasKink: Bool {
        switch self {
        case .relu, .leakyReLU, .selu: true
        case .elu(let alpha): alpha != 1
        case .linear, .sigmoid, .tanh, .softplus, .gelu, .silu: false
        }
    }

    /// One of each.
    public static let all: [Activation] = [
        .linear, .relu, .leakyReLU(), .sigmoid, .tanh, .elu(), .selu, .softplus, .gelu, .silu,
    ]
}
