internal import CKernels

/// An element-wise function y = f(x) that the kernels compute, with its derivative.
package enum ElementwiseFunction: Sendable, Hashable {
    case linear
    case relu
    case leakyReLU(slope: Float)
    case sigmoid
    case tanh
    case elu(alpha: Float)
    case selu
    case softplus
    case gelu
    case silu

    private var kind: Int32 {
        switch self {
        case .linear: Int32(DESCENT_LINEAR.rawValue)
        case .relu: Int32(DESCENT_RELU.rawValue)
        case .leakyReLU: Int32(DESCENT_LEAKY_RELU.rawValue)
        case .sigmoid: Int32(DESCENT_SIGMOID.rawValue)
        case .tanh: Int32(DESCENT_TANH.rawValue)
        case .elu: Int32(DESCENT_ELU.rawValue)
        case .selu: Int32(DESCENT_SELU.rawValue)
        case .softplus: Int32(DESCENT_SOFTPLUS.rawValue)
        case .gelu: Int32(DESCENT_GELU.rawValue)
        case .silu: Int32(DESCENT_SILU.rawValue)
        }
    }

    private var parameter: Float {
        switch self {
        case .leakyReLU(let slope): slope
        case .elu(let alpha): alpha
        case .linear, .relu, .sigmoid, .tanh, .selu, .softplus, .gelu, .silu: 0
        }
    }

    /// Whether the derivative is computed from the input x. Those of the others are simpler in the output y.
    package var needsInput: Bool {
        switch self {
        case .softplus, .gelu, .silu: true
        case .linear, .relu, .leakyReLU, .sigmoid, .tanh, .elu, .selu: false
        }
    }

    /// y = f(x + bias); `input` receives x + bias where it is given. `y` may be the memory of `x`.
    package func apply(
        to x: MatrixView, bias: MatrixView? = nil, keeping input: MutableMatrixView? = nil, into y: MutableMatrixView
    ) {
        if self == .linear, bias == nil, input == nil, x.base == UnsafePointer(y.base) { return }
        descent_activate(kind, parameter, x.rows, x.columns, bias?.base, x.base, input?.base, y.base)
    }

    /// dx = g f'; `columnSums` receives the sums of dx over the rows. `state` is y, or x where `needsInput`.
    package func applyDerivative(
        state: MatrixView, outputGradient: MatrixView, inputGradient: MutableMatrixView,
        columnSums: MutableMatrixView? = nil
    ) {
        if self == .linear, outputGradient.base == UnsafePointer(inputGradient.base) {
            guard let columnSums else { return }
            descent_column_sums(outputGradient.rows, outputGradient.columns, outputGradient.base, columnSums.base)
            return
        }
        descent_activate_backward(
            kind, parameter, state.rows, state.columns, state.base, outputGradient.base, inputGradient.base,
            columnSums?.base)
    }
}
