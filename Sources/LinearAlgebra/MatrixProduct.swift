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
    let n = transposeB == .no ? b.columns : b.rows
    let tiling =
        BLAS.hasSmallMatrixKernels
        ? ProductTiling(rows: m, columns: n, inner: k, transposed: (transposeA, transposeB)) : nil
    multiply(a, transposeA, b, transposeB, into: c, tiling: tiling)
}

/// The product in tiles of a given size, or whole. The tiles decide the last bits of the sums.
package func multiply(
    _ a: MatrixView, _ transposeA: Transpose, _ b: MatrixView, _ transposeB: Transpose,
    into c: MutableMatrixView, tiling: ProductTiling?
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
    let left = Factor(a, transposeA)
    let right = Factor(b, transposeB)
    guard let tiling else {
        return multiplyTile(left, right, rows: 0..<m, columns: 0..<n, inner: 0..<k, into: c)
    }
    // Rows innermost: the tile of b stays in cache while those of a pass by.
    for column in stride(from: 0, to: n, by: tiling.columns) {
        for term in stride(from: 0, to: k, by: tiling.inner) {
            for row in stride(from: 0, to: m, by: tiling.rows) {
                multiplyTile(
                    left, right, rows: row..<min(row + tiling.rows, m),
                    columns: column..<min(column + tiling.columns, n), inner: term..<min(term + tiling.inner, k),
                    into: c)
            }
        }
    }
}

/// A factor of a product as it is stored.
private struct Factor {
    let view: MatrixView
    let transpose: Transpose

    init(_ view: MatrixView, _ transpose: Transpose) {
        self.view = view
        self.transpose = transpose
    }

    /// Where op(view)[row, column] lies.
    func element(_ row: Int, _ column: Int) -> UnsafePointer<Float> {
        switch transpose {
        case .no: view.base + row * view.columns + column
        case .yes: view.base + column * view.columns + row
        }
    }
}

/// One call: a tile of the product, over some of the terms; later terms are added to what earlier ones wrote.
private func multiplyTile(
    _ a: Factor, _ b: Factor, rows: Range<Int>, columns: Range<Int>, inner: Range<Int>, into c: MutableMatrixView
) {
    cblas_sgemm(
        CblasRowMajor, a.transpose.cblas, b.transpose.cblas, blasint(rows.count), blasint(columns.count),
        blasint(inner.count), 1, a.element(rows.lowerBound, inner.lowerBound), blasint(a.view.columns),
        b.element(inner.lowerBound, columns.lowerBound), blasint(b.view.columns), inner.lowerBound == 0 ? 0 : 1,
        c.base + rows.lowerBound * c.columns + columns.lowerBound, blasint(c.columns))
}
