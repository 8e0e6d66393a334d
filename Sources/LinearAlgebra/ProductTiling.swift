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
    /// The bounds on the weights' size, n k or for `aᵀ b` m n, are where packing pays again: tiles of a matrix far
    /// beyond the caches touch a page of memory for every few numbers.
    package init?(rows m: Int, columns n: Int, inner k: Int, transposed: (a: Transpose, b: Transpose)) {
        switch transposed {
        case (.no, .no), (.yes, .no):
            guard m * n * k > Self.limit, transposed.a == .yes ? m * n <= 1 << 20 : n * k <= 1 << 22 else { return nil }
            columns = min(n, Self.width)
            inner = Self.evenPart(of: k, atMost: 320)
            // The kernels take four rows at a time; their part of the left factor stays in the first-level cache.
            rows = min(m, max(4, min(8_192 / inner, Self.limit / (columns * inner)) / 4 * 4))
        case (.no, .yes):
            guard k >= 32, m * n > Self.transposedLimit || m * n * k > Self.limit, n * k <= 1 << 20 else { return nil }
            inner = Self.evenPart(of: k, atMost: 1_024)
            // Each element is a dot product of two rows; long ones fill the cache with fewer.
            let height = inner <= 512 ? 16 : 4
            rows = min(m, height)
            let widest = min(Self.transposedLimit / height, Self.limit / (height * inner)) / 4 * 4
            columns = min(n, inner <= 512 ? Self.width : widest)
        case (.yes, .yes):
            return nil
        }
    }

    /// The size of the parts when `count` is cut into as few nearly equal parts as possible.
    private static func evenPart(of count: Int, atMost limit: Int) -> Int {
        let parts = (count + limit - 1) / limit
        return (count + parts - 1) / parts
    }
}
