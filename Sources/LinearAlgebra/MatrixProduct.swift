internal import CKernels
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
        return multiplyTile(
            left.tile(rows: 0..<m, columns: 0..<k), right.tile(rows: 0..<k, columns: 0..<n), rows: 0..<m,
            columns: 0..<n, inner: 0..<k, into: c)
    }
    if tiling.copiesRight {
        // Filling the larger one with zeros costs as much as a product of a thousand small terms.
        if tiling.inner * tiling.columns <= 640 {
            multiplyCopying(left, right, m, n, k, into: c, tiling: tiling, panel: InlineArray<640, Float>(repeating: 0))
        } else {
            multiplyCopying(
                left, right, m, n, k, into: c, tiling: tiling, panel: InlineArray<6400, Float>(repeating: 0))
        }
    } else {
        forEachPanel(n, k, tiling) { columns, terms in
            let tile = right.tile(rows: terms, columns: columns)
            forEachTile(left, m, columns, terms, tile, into: c, tiling: tiling)
        }
    }
}

/// Every tile of the right factor is copied to `panel`, on the stack, first; a transposed one is turned on the way.
@inline(never)
private func multiplyCopying<let capacity: Int>(
    _ left: Factor, _ right: Factor, _ m: Int, _ n: Int, _ k: Int, into c: MutableMatrixView, tiling: ProductTiling,
    panel: consuming InlineArray<capacity, Float>
) {
    precondition(tiling.inner * tiling.columns <= capacity, "A tile of \(tiling.inner) terms does not fit")
    withUnsafeMutableBytes(of: &panel) { bytes in
        guard let target = bytes.assumingMemoryBound(to: Float.self).baseAddress else { return }
        forEachPanel(n, k, tiling) { columns, terms in
            let tile = right.tile(rows: terms, columns: columns)
            switch right.transpose {
            case .no:
                descent_copy_tile(terms.count, columns.count, tile.base, tile.stride, target, tiling.columns)
            case .yes:
                descent_transpose_tile(terms.count, columns.count, tile.base, tile.stride, target, tiling.columns)
            }
            let copy = Tile(base: UnsafePointer(target), stride: tiling.columns, transpose: .no)
            forEachTile(left, m, columns, terms, copy, into: c, tiling: tiling)
        }
    }
}

/// Calls `body` for each tile of the right factor: its columns and terms, the first terms of columns first.
private func forEachPanel(_ n: Int, _ k: Int, _ tiling: ProductTiling, _ body: (Range<Int>, Range<Int>) -> Void) {
    for column in stride(from: 0, to: n, by: tiling.columns) {
        for term in stride(from: 0, to: k, by: tiling.inner) {
            body(column..<min(column + tiling.columns, n), term..<min(term + tiling.inner, k))
        }
    }
}

/// Rows innermost: the tile of the right factor stays in cache while those of the left pass by.
private func forEachTile(
    _ left: Factor, _ m: Int, _ columns: Range<Int>, _ terms: Range<Int>, _ right: Tile, into c: MutableMatrixView,
    tiling: ProductTiling
) {
    for row in stride(from: 0, to: m, by: tiling.rows) {
        let rows = row..<min(row + tiling.rows, m)
        multiplyTile(
            left.tile(rows: rows, columns: terms), right, rows: rows, columns: columns, inner: terms, into: c)
    }
}

/// A part of a factor: where it lies, and how.
private struct Tile {
    /// The first element, as stored.
    let base: UnsafePointer<Float>
    /// From one stored row to the next.
    let stride: Int
    let transpose: Transpose
}

/// A factor of a product as it is stored.
private struct Factor {
    let view: MatrixView
    let transpose: Transpose

    init(_ view: MatrixView, _ transpose: Transpose) {
        self.view = view
        self.transpose = transpose
    }

    /// Rows and columns of op(view).
    func tile(rows: Range<Int>, columns: Range<Int>) -> Tile {
        let base =
            switch transpose {
            case .no: view.base + rows.lowerBound * view.columns + columns.lowerBound
            case .yes: view.base + columns.lowerBound * view.columns + rows.lowerBound
            }
        return Tile(base: base, stride: view.columns, transpose: transpose)
    }
}

/// One call: a tile of the product, over some of the terms; later terms are added to what earlier ones wrote.
private func multiplyTile(
    _ a: Tile, _ b: Tile, rows: Range<Int>, columns: Range<Int>, inner: Range<Int>, into c: MutableMatrixView
) {
    cblas_sgemm(
        CblasRowMajor, a.transpose.cblas, b.transpose.cblas, blasint(rows.count), blasint(columns.count),
        blasint(inner.count), 1, a.base, blasint(a.stride), b.base, blasint(b.stride), inner.lowerBound == 0 ? 0 : 1,
        c.base + rows.lowerBound * c.columns + columns.lowerBound, blasint(c.columns))
}
