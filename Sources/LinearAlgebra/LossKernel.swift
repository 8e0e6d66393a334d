internal import CKernels

/// What a loss kernel works on: the predictions of one shard.
package struct LossCall {
    /// Rows x outputs: logits or predictions.
    package var predictions: MatrixView
    /// A weight per row; all 1 where `nil`.
    package var weights: UnsafePointer<Float>?
    /// Multiplies the gradient: 1 / rows of the batch.
    package var gradientScale: Float
    /// Receives the weighted loss of each row.
    package var losses: UnsafeMutablePointer<Float>
    /// Receives the gradient; may be the memory of the predictions.
    package var gradient: MutableMatrixView?

    package init(
        predictions: MatrixView, weights: UnsafePointer<Float>?, gradientScale: Float,
        losses: UnsafeMutablePointer<Float>, gradient: MutableMatrixView?
    ) {
        self.predictions = predictions
        self.weights = weights
        self.gradientScale = gradientScale
        self.losses = losses
        self.gradient = gradient
    }
}

extension LossCall {
    /// Softmax cross-entropy on logits with class indices for targets.
    package func softmaxCrossEntropy(labels: UnsafePointer<Int32>, smoothing: Float) {
        descent_softmax_cross_entropy(
            predictions.rows, predictions.columns, predictions.base, labels, weights, smoothing, gradientScale, losses,
            gradient?.base)
    }

    /// Softmax cross-entropy on logits with distributions for targets.
    package func softmaxCrossEntropy(distributions: UnsafePointer<Float>, smoothing: Float) {
        descent_softmax_cross_entropy_dense(
            predictions.rows, predictions.columns, predictions.base, distributions, weights, smoothing, gradientScale,
            losses, gradient?.base)
    }
}

/// The losses that are sums over the outputs of a row.
package enum ElementwiseLoss: Sendable, Hashable {
    case squared
    case absolute
    case huber(delta: Float)
    case binaryCrossEntropy
    /// On probabilities, clipped to [epsilon, 1 - epsilon].
    case crossEntropy(epsilon: Float)

    /// The losses and gradients of a shard, each multiplied by `factor`.
    package func apply(_ call: LossCall, targets: UnsafePointer<Float>, factor: Float) {
        let (kind, parameter): (descent_loss, Float) =
            switch self {
            case .squared: (DESCENT_SQUARED, 0)
            case .absolute: (DESCENT_ABSOLUTE, 0)
            case .huber(let delta): (DESCENT_HUBER, delta)
            case .binaryCrossEntropy: (DESCENT_BINARY_CROSS_ENTROPY, 0)
            case .crossEntropy(let epsilon): (DESCENT_CROSS_ENTROPY, epsilon)
            }
        descent_elementwise_loss(
            Int32(kind.rawValue), parameter, factor, call.predictions.rows, call.predictions.columns,
            call.predictions.base, targets, call.weights, call.gradientScale, call.losses, call.gradient?.base)
    }
}
