package import LinearAlgebra

/// What training makes small. Over a batch the loss is the mean over the rows; sample weights multiply a row's loss,
/// and the mean still divides by the number of rows, as in Keras.
///
/// y: predictions, t: targets, z: logits, K: outputs per row.
public enum Loss: Sendable, Hashable, Codable {
    /// `-Σ t_k z_k + logsumexp(z)` per row, gradient `softmax(z) - t`. Targets are class indices or distributions;
    /// with label smoothing s, t becomes (1 - s) t + s / K (Szegedy et al. 2016).
    case softmaxCrossEntropy(labelSmoothing: Float = 0)
    /// `max(z, 0) - z t + log(1 + e^-|z|)`, the mean over outputs, gradient `(σ(z) - t) / K`.
    case binaryCrossEntropy(labelSmoothing: Float = 0)
    /// `-Σ t log x` on probabilities x, clipped to [1e-7, 1 - 1e-7]; gradient `-t / x`, 0 where clipped.
    case crossEntropy
    /// The mean over outputs of `(y - t)²`: Keras' `mse`.
    case meanSquaredError
    /// The mean over outputs of `|y - t|`.
    case meanAbsoluteError
    /// The mean over outputs of `(y - t)² / 2` within `delta` and `delta (|y - t| - delta / 2)` beyond (Huber 1964).
    case huber(delta: Float = 1)
    /// `½ Σ (y - t)²` per row, gradient `y - t`.
    case halfSquaredError
    /// `Σ (y - t)²` per row, gradient `2 (y - t)`.
    case squaredError

    /// The function that turns a network's outputs into predictions, where the loss works on logits.
    public var outputActivation: OutputActivation {
        switch self {
        case .softmaxCrossEntropy: .softmax
        case .binaryCrossEntropy: .sigmoid
        case .crossEntropy, .meanSquaredError, .meanAbsoluteError, .huber, .halfSquaredError, .squaredError: .linear
        }
    }

    /// The losses and the gradient of one shard.
    package func evaluate(_ call: LossCall, targets: TargetView) {
        let outputs = Float(call.predictions.columns)
        switch (self, targets) {
        case (.softmaxCrossEntropy(let smoothing), .labels(let labels)):
            call.softmaxCrossEntropy(labels: labels, smoothing: smoothing)
        case (.softmaxCrossEntropy(let smoothing), .values(let distributions)):
            call.softmaxCrossEntropy(distributions: distributions, smoothing: smoothing)
        case (.binaryCrossEntropy(let smoothing), .values(let values)):
            // The caller smooths the targets once, when it lays them out.
            precondition(smoothing >= 0 && smoothing < 1, "Label smoothing lies in [0, 1)")
            ElementwiseLoss.binaryCrossEntropy.apply(call, targets: values, factor: 1 / outputs)
        case (.crossEntropy, .values(let values)):
            ElementwiseLoss.crossEntropy(epsilon: 1e-7).apply(call, targets: values, factor: 1)
        case (.meanSquaredError, .values(let values)):
            ElementwiseLoss.squared.apply(call, targets: values, factor: 1 / outputs)
        case (.meanAbsoluteError, .values(let values)):
            ElementwiseLoss.absolute.apply(call, targets: values, factor: 1 / outputs)
        case (.huber(let delta), .values(let values)):
            ElementwiseLoss.huber(delta: delta).apply(call, targets: values, factor: 1 / outputs)
        case (.halfSquaredError, .values(let values)):
            ElementwiseLoss.squared.apply(call, targets: values, factor: 0.5)
        case (.squaredError, .values(let values)):
            ElementwiseLoss.squared.apply(call, targets: values, factor: 1)
        case (_, .labels):
            preconditionFailure("\(self) takes targets as values, one per output, not as class indices")
        }
    }
}

/// The targets of one shard.
package enum TargetView {
    /// A class index per row.
    case labels(UnsafePointer<Int32>)
    /// Rows x outputs.
    case values(UnsafePointer<Float>)
}

/// What stands between a network's outputs and its predictions.
public enum OutputActivation: String, Sendable, Hashable, Codable {
    case linear
    case softmax
    case sigmoid
}
