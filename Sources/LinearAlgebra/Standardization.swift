internal import CKernels

/// y = (x - mean) / √(variance + ε) ⊙ gamma + beta, with mean and variance of each row.
///
/// - Parameter statistics: Receives, for each row, its mean, and behind all means 1 / √(variance + ε): 2 x rows.
package func layerNormalize(
    _ x: MatrixView, epsilon: Float, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    statistics: UnsafeMutablePointer<Float>, into y: MutableMatrixView
) {
    descent_layer_normalize(x.rows, x.columns, epsilon, x.base, gamma, beta, statistics, y.base)
}

/// The gradients of `layerNormalize`; `nil` leaves one out. `inputGradient` may be the memory of `outputGradient`.
package func layerNormalizeBackward(
    _ x: MatrixView, statistics: UnsafePointer<Float>, gamma: UnsafePointer<Float>?, outputGradient: MatrixView,
    inputGradient: MutableMatrixView?, gammaGradient: UnsafeMutablePointer<Float>?,
    betaGradient: UnsafeMutablePointer<Float>?
) {
    descent_layer_normalize_backward(
        x.rows, x.columns, x.base, statistics, gamma, outputGradient.base, inputGradient?.base, gammaGradient,
        betaGradient)
}

/// The sums over the rows of x, then of x²: 2 x columns.
package func columnMoments(_ x: MatrixView, into sums: UnsafeMutablePointer<Double>) {
    descent_column_moments(x.rows, x.columns, x.base, sums, sums + x.columns)
}

/// The sums over the rows of g, then of g (x - mean) inverse: 2 x columns.
package func standardizedSums(
    _ x: MatrixView, mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>, gradient g: MatrixView,
    into sums: UnsafeMutablePointer<Double>
) {
    descent_standardized_sums(x.rows, x.columns, x.base, mean, inverse, g.base, sums, sums + x.columns)
}

/// The sums of a batch from those of its shards, `stride` apart, in a balanced binary tree over the shard's index.
package func sumShards(
    _ sums: UnsafePointer<Double>, stride: Int, shards: Int, count: Int, into total: UnsafeMutablePointer<Double>
) {
    descent_sum_shards(shards, stride, count, sums, total)
}

/// dx = factor (g - meanGradient - (x - mean) inverse meanProduct), column by column; `dx` may be the memory of `g`.
package func batchNormalizeBackward(
    _ x: MatrixView, mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>, factor: UnsafePointer<Float>,
    meanGradient: UnsafePointer<Float>, meanProduct: UnsafePointer<Float>, outputGradient g: MatrixView,
    inputGradient dx: MutableMatrixView
) {
    descent_batch_normalize_backward(
        x.rows, x.columns, x.base, mean, inverse, factor, meanGradient, meanProduct, g.base, dx.base)
}
