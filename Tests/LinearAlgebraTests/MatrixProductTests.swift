import LinearAlgebra
import TestSupport
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
    static let shapes = [
        (1, 1, 1), (1, 1, 7), (1, 5, 1), (3, 1, 1), (2, 3, 4), (5, 7, 3), (16, 16, 16), (17, 15, 31), (1, 64, 33),
        (65, 1, 9), (33, 10, 64), (50, 37, 29),
    ]

    @Test("Products agree with plain loops for every transposition", arguments: shapes)
    func transpositions(m: Int, n: Int, k: Int) {
        var random = CounterRandom.test(m * 10_000 + n * 100 + k)
        let a = random.matrix(m, k)
        let b = random.matrix(k, n)
        var exact: [Double] = []
        for i in 0..<m {
            for j in 0..<n { exact.append((0..<k).reduce(0) { $0 + Double(a[i, $1]) * Double(b[$1, j]) }) }
        }
        // A sum of k products of numbers up to 1, each rounded: k/2 ulp of k at worst, in any order.
        let tolerance = Tolerance(absolute: Double(k) * Double(k) * 0x1p-24 + 0x1p-24)
        for (transposeA, left) in [(Transpose.no, a), (.yes, a.transposed)] {
            for (transposeB, right) in [(Transpose.no, b), (.yes, b.transposed)] {
                let found = written(m, n) { c in
                    left.withView { leftView in
                        right.withView { multiply(leftView, transposeA, $0, transposeB, into: c) }
                    }
                }
                #expect(tolerance.disagreement(of: found.elements, with: exact) == nil)
            }
        }
        #expect(tolerance.disagreement(of: (a * b).elements, with: exact) == nil)
    }

    @Test(
        "A product in tiles agrees with plain loops, whatever the tiles leave over",
        arguments: [(1, 1, 1), (2, 3, 2), (4, 16, 8), (5, 7, 11), (17, 33, 32), (64, 64, 64)], [false, true])
    func tiles(sizes: (rows: Int, columns: Int, inner: Int), copiesRight: Bool) {
        let (rows, columns, inner) = sizes
        let (m, n, k) = (23, 51, 47)
        var random = CounterRandom.test(rows + columns)
        let a = random.matrix(m, k)
        let b = random.matrix(k, n)
        var exact: [Double] = []
        for i in 0..<m {
            for j in 0..<n { exact.append((0..<k).reduce(0) { $0 + Double(a[i, $1]) * Double(b[$1, j]) }) }
        }
        let tiling = ProductTiling(rows: rows, columns: columns, inner: inner, copiesRight: copiesRight)
        for (transposeA, left) in [(Transpose.no, a), (.yes, a.transposed)] {
            for (transposeB, right) in [(Transpose.no, b), (.yes, b.transposed)] {
                let found = changed(Matrix(rows: m, columns: n, repeating: .nan)) { c in
                    left.withView { leftView in
                        right.withView { multiply(leftView, transposeA, $0, transposeB, into: c, tiling: tiling) }
                    }
                }
                #expect(Tolerance(absolute: 1e-5).disagreement(of: found.elements, with: exact) == nil)
            }
        }
    }

    @Test("Products of whole numbers are exact")
    func wholeNumbers() {
        let x: Matrix = [[1, 2, 3], [4, 5, 6]]
        let y: Matrix = [[7, 8], [9, 10], [11, 12]]
        #expect(x * y == [[58, 64], [139, 154]])
    }

    @Test("A product over nothing is zero, and an empty product writes nothing")
    func empty() {
        let memory = SharedBuffer<Float>(count: 16)
        let found = written(3, 2) { c in
            multiply(
                MatrixView(memory.base, rows: 3, columns: 0), .no, MatrixView(memory.base, rows: 0, columns: 2), .no,
                into: c)
        }
        #expect(found == Matrix(rows: 3, columns: 2))
        let none = written(0, 2) { c in
            multiply(
                MatrixView(memory.base, rows: 0, columns: 4), .no, MatrixView(memory.base, rows: 4, columns: 2), .no,
                into: c)
        }
        #expect(none.elements.isEmpty)
        #expect(Matrix(rows: 2, columns: 0) * Matrix(rows: 0, columns: 2) == [[0, 0], [0, 0]])
    }

    @Test("The product overwrites: what was there, NaN included, does not come through")
    func overwriting() {
        let x: Matrix = [[2]]
        let found = changed([[.nan]]) { c in x.withView { multiply($0, .no, $0, .no, into: c) } }
        #expect(found == [[4]])
    }

    @Test("The same product has the same bits every time")
    func repetition() {
        var random = CounterRandom.test(2)
        let a = random.matrix(37, 53)
        let b = random.matrix(53, 41)
        let first = a * b
        for _ in 0..<3 { #expect(bitDifference((a * b).elements, first.elements) == nil) }
    }

    @Test("The library says who it is")
    func library() {
        #expect(!BLAS.kernel.isEmpty && BLAS.kernel != "unknown")
        #expect(BLAS.configuration.contains("OpenBLAS"))
    }
}
