internal import COpenBLAS

/// Whether a factor enters a product as it is stored or transposed.
package enum Transpose {
    case no
    case yes

    fileprivate var cblas: CBLAS_TRANSPOSE {
        switch self {
        case .no: CblasNoTrans
        case .yes: CblasTrans
        }
    }
}

/// `c = op(a) op(b)`: the one place where OpenBLAS multiplies, on one thread.
///
/// With m x k = op(a), k x n = op(b) and m x n = c.
///
/// - Precondition: the shapes fit, and every dimension fits BLAS' 32-bit integers. (OpenBLAS itself would print a line
///   about a bad argument and leave `c` as it was.)
package func multiply(
    _ a: MatrixView, _ transposeA: Transpose, _ b: MatrixView, _ transposeB: Transpose,
    into c: MutableMatrixView
) {
    let (m, k) = transposeA == .no ? (a.rows, a.columns) : (a.columns, a.rows)
    let (inner, n) = transposeB == .no ? (b.rows, b.columns) : (b.columns, b.rows)
    precondition(
        k == inner && m == c.rows && n == c.columns,
        "The product of \(m) x \(k) and \(inner) x \(n) is not \(c.rows) x \(c.columns)")
    precondition(max(m, n, k) <= Int(Int32.max), "A matrix dimension exceeds BLAS' 32-bit range")
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
        c.base.update(repeating: 0, count: c.count)
        return
    }
    BLAS.useOneThread()
    cblas_sgemm(
        CblasRowMajor, transposeA.cblas, transposeB.cblas, blasint(m), blasint(n), blasint(k), 1, a.base,
        blasint(a.columns), b.base, blasint(b.columns), 0, c.base, blasint(c.columns))
}
