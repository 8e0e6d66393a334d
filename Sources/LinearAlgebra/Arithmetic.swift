internal import CKernels

/// c = a + b, element by element; `c` may be the memory of `a` or `b`.
package func add(_ a: MatrixView, _ b: MatrixView, into c: MutableMatrixView) {
    descent_add(c.count, a.base, b.base, c.base)
}

/// c = a ⊙ b, element by element; `c` may be the memory of `a` or `b`.
package func multiplyElements(_ a: MatrixView, _ b: MatrixView, into c: MutableMatrixView) {
    descent_multiply(c.count, a.base, b.base, c.base)
}

/// y = softmax(x), row by row.
package func softmax(_ x: MatrixView, into y: MutableMatrixView) {
    descent_softmax(x.rows, x.columns, x.base, y.base)
}

/// dx = y ⊙ (g - <g, y>), row by row.
package func softmaxBackward(output y: MatrixView, outputGradient g: MatrixView, inputGradient: MutableMatrixView) {
    descent_softmax_backward(y.rows, y.columns, y.base, g.base, inputGradient.base)
}

/// Copies `rows` rows, those that `order` names from `first` on, next to one another. A row is `columns` elements.
///
/// The rows that `order` names next are fetched ahead: a shuffled order is the one thing about memory that the processor
/// cannot foresee.
package func gatherRows<Element: BitwiseCopyable>(
    _ order: SharedBuffer<UInt32>, from first: Int, rows: Int, columns: Int, of source: UnsafePointer<Element>,
    into target: UnsafeMutablePointer<Element>
) {
    precondition(first >= 0 && first + rows <= order.count, "There are no rows \(first)..<\(first + rows) in the order")
    descent_gather(
        rows, order.count - first, columns * MemoryLayout<Element>.stride, source, order.base + first, target)
}

/// Whether no element is infinite or NaN.
package func allFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    descent_all_finite(count, x) != 0
}

/// The sum of x², about; `nil` where an element is infinite or NaN. As fast as `allFinite`.
package func squareSumIfFinite(_ x: UnsafePointer<Float>, count: Int) -> Double? {
    let sum = descent_square_sum(count, x)
    // A sum of floats is not finite if one of them is not, but their squares may overflow by themselves.
    guard !sum.isFinite else { return sum }
    return allFinite(x, count: count) ? norms(x, count: count).square : nil
}

/// The sums of |x| and of x² in double precision, in a fixed order.
package func norms(_ x: UnsafePointer<Float>, count: Int) -> (absolute: Double, square: Double) {
    var sums = (0.0, 0.0)
    withUnsafeMutablePointer(to: &sums) { pointer in
        pointer.withMemoryRebound(to: Double.self, capacity: 2) { descent_norms(count, x, $0) }
    }
    return (sums.0, sums.1)
}

/// Waits a moment for another thread; `round` counts the waits so far.
package func pause(round: UInt32) {
    descent_pause(round)
}

/// The processors in this process' affinity mask; `nil` where the system keeps none.
package var allowedProcessors: Int? {
    let count = Int(descent_allowed_processors())
    return count > 0 ? count : nil
}
