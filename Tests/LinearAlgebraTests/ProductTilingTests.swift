import LinearAlgebra
import Testing

@Suite("Product tiling")
struct ProductTilingTests {
    static let sizes = [1, 2, 10, 31, 64, 65, 100, 300, 784, 1000, 4096]

    /// What OpenBLAS' `sgemm_small_matrix_permit` for AVX-512 accepts, for row-major factors.
    private func isAccepted(_ m: Int, _ n: Int, _ k: Int, _ a: Transpose, _ b: Transpose) -> Bool {
        switch (a, b) {
        case (.no, .no), (.yes, .no): m * n * k <= 1_000_000
        case (.no, .yes): m * n * k <= 1_000_000 && m * n <= 1_200 && k >= 32
        case (.yes, .yes): false
        }
    }

    @Test("Every tile but a last short one is what the small-matrix kernels accept", arguments: sizes)
    func accepted(m: Int) throws {
        var cut = 0
        for n in Self.sizes {
            for k in Self.sizes {
                for (a, b) in [(Transpose.no, Transpose.no), (.yes, .no), (.no, .yes)] {
                    guard let tile = ProductTiling(rows: m, columns: n, inner: k, transposed: (a, b)) else { continue }
                    cut += 1
                    #expect(tile.rows > 0 && tile.columns > 0 && tile.inner > 0)
                    #expect(tile.rows <= m && tile.columns <= n && tile.inner <= k)
                    // A copied tile of the right factor is no longer transposed.
                    let right = tile.copiesRight ? Transpose.no : b
                    #expect(
                        isAccepted(tile.rows, tile.columns, tile.inner, a, right), "\(m) x \(n) x \(k): \(tile)")
                }
            }
        }
        if m >= 31 { #expect(cut > 0) }
    }

    @Test("A product that fits a small-matrix kernel is not cut")
    func small() {
        #expect(ProductTiling(rows: 32, columns: 64, inner: 64, transposed: (.no, .no)) == nil)
        #expect(ProductTiling(rows: 64, columns: 64, inner: 32, transposed: (.yes, .no)) == nil)
        #expect(ProductTiling(rows: 16, columns: 64, inner: 64, transposed: (.no, .yes)) == nil)
    }

    @Test("Weights far beyond the caches stay whole")
    func whole() {
        #expect(ProductTiling(rows: 4096, columns: 4096, inner: 256, transposed: (.yes, .no)) == nil)
        #expect(ProductTiling(rows: 256, columns: 4096, inner: 1000, transposed: (.no, .yes)) == nil)
        #expect(ProductTiling(rows: 4, columns: 128, inner: 10, transposed: (.no, .yes)) == nil)
    }

    @Test("The sums of a tiled product are cut into nearly equal parts that stay in the first-level cache")
    func parts() {
        #expect(
            ProductTiling(rows: 64, columns: 256, inner: 784, transposed: (.no, .no))
                == ProductTiling(rows: 64, columns: 64, inner: 98))
        #expect(
            ProductTiling(rows: 300, columns: 300, inner: 256, transposed: (.yes, .no))
                == ProductTiling(rows: 128, columns: 64, inner: 86))
    }

    @Test("The right factor is copied where many rows pass by, or where its own rows would evict one another")
    func copies() {
        func copies(_ m: Int, _ n: Int, _ k: Int, _ a: Transpose, _ b: Transpose) -> Bool? {
            ProductTiling(rows: m, columns: n, inner: k, transposed: (a, b))?.copiesRight
        }
        #expect(copies(256, 300, 300, .no, .no) == true)
        #expect(copies(64, 256, 784, .no, .no) == false)
        #expect(copies(64, 512, 512, .no, .no) == true)
        #expect(copies(256, 300, 300, .no, .yes) == true)
        #expect(copies(64, 256, 128, .no, .yes) == false)
        #expect(copies(32, 64, 2, .no, .yes) == true)
        #expect(copies(512, 512, 256, .yes, .no) == true)
        #expect(copies(300, 300, 256, .yes, .no) == false)
    }
}
