/// How a product is cut into calls that OpenBLAS computes without packing.
///
/// A product of at most 10⁶ multiplications goes to the *small-matrix kernels* that OpenBLAS has for AVX-512
/// processors. They read the factors where they lie; the general path first copies both into panels, which costs a
/// tenth of the time at the sizes of a shard. Cut to tiles of that size, products of all shapes run at 88–98 % of the
/// processor's peak, whole at 73–87 %, measured on a Zen 4 core. Other kernel families have no such path and get whole products.
///
/// The tiles follow from the shape and the kernel family alone: so do the bits.
package struct ProductTiling: Hashable, Sendable {
    /// Rows of the result, columns of the result and terms of each sum in one call.
    package var rows: Int
    package var columns: Int
    package var inner: Int

    package init(rows: Int, columns: Int, inner: Int) {
        self.rows = rows
        self.columns = columns
        self.inner = inner
    }

    /// The multiplications that the small-matrix kernels accept.
    private static let limit = 1_000_000
    /// The elements of the result that their kernel for `a bᵀ` accepts.
    private static let transposedLimit = 1_200
    /// Four vectors of AVX-512: the width the kernels are unrolled for.
    private static let width = 64

    /// The tiles of an m x n product over k terms; `nil` where it is best computed whole.
    ///
    /// The bounds on the sizes are where packing pays again, because a factor or the result that is read with long
    /// strides exceeds the second-level cache many times.
    package init?(rows m: Int, columns n: Int, inner k: Int, transposed: (a: Transpose, b: Transpose)) {
        columns = min(n, Self.width)
        switch transposed {
        case (.no, .no):
            guard m * n * k > Self.limit, n * k <= 1 << 22 else { return nil }
            inner = Self.evenPart(of: k, atMost: 320)
            rows = min(m, Self.rowLimit(columns, inner))
        case (.yes, .no):
            guard m * n * k > Self.limit, m * n <= 1 << 20 else { return nil }
            inner = Self.evenPart(of: k, atMost: 320)
            rows = min(m, Self.rowLimit(columns, inner))
        case (.no, .yes):
            guard k >= 32, m * n > Self.transposedLimit || m * n * k > Self.limit, n * k <= 1 << 18 else { return nil }
            inner = Self.evenPart(of: k, atMost: 512)
            rows = min(m, Self.transposedLimit / columns / 4 * 4)
        case (.yes, .yes):
            return nil
        }
    }

    /// Rows whose part of the left factor stays in the first-level cache, as far as the kernels accept them: they take
    /// four at a time.
    private static func rowLimit(_ columns: Int, _ inner: Int) -> Int {
        max(4, min(8_192 / inner, limit / (columns * inner)) / 4 * 4)
    }

    /// The size of the parts when `count` is cut into as few nearly equal parts as possible.
    private static func evenPart(of count: Int, atMost limit: Int) -> Int {
        let parts = (count + limit - 1) / limit
        return (count + parts - 1) / parts
    }
}
