internal import CKernels

/// y = (x - center) ⊙ factor + offset, with a number per column or one for all; `y` may be the memory of `x`.
///
/// - Precondition: as many of each as there are columns, or one; those that are left out count as 0.
package func shiftAndScale(
    _ x: MatrixView, center: UnsafePointer<Float>? = nil, factor: UnsafePointer<Float>,
    offset: UnsafePointer<Float>? = nil, isPerColumn: Bool, into y: MutableMatrixView
) {
    let rows = isPerColumn ? x.rows : x.count
    descent_shift_scale(rows, isPerColumn ? x.columns : 1, x.base, center, factor, offset, y.base)
}
