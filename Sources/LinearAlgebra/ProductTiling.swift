/// How a product is cut into calls that OpenBLAS computes without packing.
///
/// A product of at most 10⁶ multiplications goes to the *small-matrix kernels* that OpenBLAS has for AVX-512
/// processors. They read the factors where they lie; the general path first copies both into panels, which costs a
/// tenth of the time at the sizes of a shard. Cut to tiles of that size, products of most shapes run at 88–98 % of the
/// processor's peak, whole at 70–90 %, measured on a Zen 5 core. Other kernel families have no such path and get whole
/// products.
///
/// The tiles follow from the shape and the kernel family alone: so do the bits.
package struct ProductTiling: Hashable, Sendable {
    /// Rows of the result, columns of the result and terms of each sum in one call.
    package var rows: Int
    package var columns: Int
    package var inner: Int
    /// Whether each tile of the right factor is copied, so that its rows lie next to one another, before the rows of the
    /// left one pass by.
    package var copiesRight: Bool

    package init(rows: Int, columns: Int, inner: Int, copiesRight: Bool = false) {
        self.rows = rows
        self.columns = columns
        self.inner = inner
        self.copiesRight = copiesRight
    }

    /// Four vectors of AVX-512: the width the kernels are unrolled for.
    package static let width = 64
    /// The most terms of a tile whose right factor is read again for every four rows: 25 KiB of it stay in a first-level
    /// cache of 32 KiB.
    package static let depth = 100
    /// The multiplications that the small-matrix kernels accept.
    private static let limit = 1_000_000
    /// The elements of the result that their kernel for `a bᵀ` accepts.
    private static let transposedLimit = 1_200

    /// The tiles of an m x n product over k terms; `nil` where it is best computed whole.
    package init?(rows m: Int, columns n: Int, inner k: Int, transposed: (a: Transpose, b: Transpose)) {
        guard m * n * k > Self.limit || transposed.b == .yes else { return nil }
        switch transposed {
        case (.no, .no):
            // Copying pays when many rows pass by; and rows of the tile that are a multiple of 2 KiB apart would all
            // want the same few lines of the cache.
            self.init(rightRows: m, columns: n, inner: k, copiesRight: m >= 128 || n % 512 == 0)
        case (.yes, .no):
            // Far beyond the caches, the left factor's columns touch a page of memory for every few numbers.
            guard m * n <= 1 << 20 else { return nil }
            self.init(rightRows: m, columns: n, inner: k, copiesRight: n % 512 == 0)
        case (.no, .yes):
            guard n * k <= 1 << 20 else { return nil }
            // Short sums have no small-matrix kernel for `a bᵀ`.
            let isShort = k < 32 && m >= 8
            guard k >= 32 && m * n > Self.transposedLimit || m * n * k > Self.limit || isShort else { return nil }
            if isShort || m >= 128 && m * n * k > Self.limit {
                self.init(rightRows: m, columns: n, inner: k, copiesRight: true)
                return
            }
            let inner = Self.evenPart(of: k, atMost: 1_024)
            // Each element is a dot product of two rows; long ones fill the cache with fewer.
            let height = inner <= 512 ? 16 : 4
            let widest = min(Self.transposedLimit / height, Self.limit / (height * inner)) / 4 * 4
            self.init(rows: min(m, height), columns: min(n, inner <= 512 ? Self.width : widest), inner: inner)
        case (.yes, .yes):
            return nil
        }
    }

    /// Tiles whose right factor, `width` columns by at most `depth` terms, stays in the first-level cache.
    private init(rightRows m: Int, columns n: Int, inner k: Int, copiesRight: Bool) {
        self.init(
            rows: min(m, 128), columns: min(n, Self.width), inner: Self.evenPart(of: k, atMost: Self.depth),
            copiesRight: copiesRight)
    }

    /// The size of the parts when `count` is cut into as few nearly equal parts as possible.
    private static func evenPart(of count: Int, atMost limit: Int) -> Int {
        let parts = (count + limit - 1) / limit
        return (count + parts - 1) / parts
    }
}
