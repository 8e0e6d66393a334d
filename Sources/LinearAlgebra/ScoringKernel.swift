internal import CKernels

/// Counts and sums that tell how good a shard's outputs are.
package enum ScoringKernel {
    /// The rows whose first largest output stands at the label.
    package static func correctRows(_ outputs: MatrixView, labels: UnsafePointer<Int32>) -> Int {
        descent_count_correct(outputs.rows, outputs.columns, outputs.base, labels)
    }

    /// The rows whose first largest output stands where the first largest target stands.
    package static func correctRows(_ outputs: MatrixView, distributions: UnsafePointer<Float>) -> Int {
        descent_count_correct_dense(outputs.rows, outputs.columns, outputs.base, distributions)
    }

    /// The logits on the right side of 0 for targets of 0 and 1.
    package static func correctAnswers(_ outputs: MatrixView, targets: UnsafePointer<Float>) -> Int {
        descent_count_correct_binary(outputs.count, outputs.base, targets)
    }

    /// Σ (output - target)².
    package static func squaredError(_ outputs: MatrixView, targets: UnsafePointer<Float>) -> Double {
        descent_squared_error(outputs.count, outputs.base, targets)
    }
}
