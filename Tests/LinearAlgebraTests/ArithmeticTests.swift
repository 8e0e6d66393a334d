import LinearAlgebra
import TestSupport
import Testing

@Suite("Element-wise arithmetic and reductions")
struct ArithmeticTests {
    @Test("Sums and products of elements are single operations, in place or not", arguments: awkwardSizes)
    func elementwise(columns: Int) {
        var random = CounterRandom.test(columns)
        let a = random.matrix(3, columns)
        let b = random.matrix(3, columns)
        let sums = zip(a.elements, b.elements).map { $0 + $1 }
        let products = zip(a.elements, b.elements).map { $0 * $1 }
        let results = [
            (sums, written(3, columns) { c in a.withView { a in b.withView { add(a, $0, into: c) } } }),
            (sums, changed(a) { c in b.withView { add(c.readOnly, $0, into: c) } }),
            (sums, changed(b) { c in a.withView { add($0, c.readOnly, into: c) } }),
            (
                products,
                written(3, columns) { c in a.withView { a in b.withView { multiplyElements(a, $0, into: c) } } }
            ),
            (products, changed(a) { c in b.withView { multiplyElements(c.readOnly, $0, into: c) } }),
            (products, changed(b) { c in a.withView { multiplyElements($0, c.readOnly, into: c) } }),
        ]
        for (expected, found) in results { #expect(bitDifference(found.elements, expected) == nil) }
        let doubled = changed(a) { add($0.readOnly, $0.readOnly, into: $0) }
        #expect(bitDifference(doubled.elements, a.elements.map { 2 * $0 }) == nil)
    }

    @Test("Column sums run from the first row to the last", arguments: awkwardSizes)
    func columnSums(columns: Int) {
        var random = CounterRandom.test(100 + columns)
        let x = random.matrix(19, columns)
        var expected = [Float](repeating: 0, count: columns)
        for row in 0..<x.rows {
            for column in 0..<columns { expected[column] += x[row, column] }
        }
        var sums = Matrix(rows: 1, columns: columns)
        let gradient = changed(x) { view in
            sums = written(1, columns) {
                // The derivative of the identity in place is nothing but the sums.
                ElementwiseFunction.linear.applyDerivative(
                    state: view.readOnly, outputGradient: view.readOnly, inputGradient: view, columnSums: $0)
            }
        }
        #expect(gradient == x)
        #expect(bitDifference(sums.elements, expected) == nil)
    }

    @Test("Norms are sums in double precision", arguments: [0] + awkwardSizes)
    func sums(count: Int) {
        var random = CounterRandom.test(200 + count)
        let buffer = SharedBuffer(random.floats(count, in: -1000...1000))
        let found = norms(buffer.base, count: count)
        let exact = buffer.elements.map(Double.init)
        // Any order of n additions in double precision is within n ulp.
        let bound = Double(max(count, 1)) * 0x1p-52
        let absolute = exact.reduce(0) { $0 + abs($1) }
        let square = exact.reduce(0) { $0 + $1 * $1 }
        #expect(abs(found.absolute - absolute) <= bound * absolute)
        #expect(abs(found.square - square) <= bound * square)
    }

    @Test("Norms neither overflow nor hide NaN")
    func extremeNorms() {
        let large = SharedBuffer<Float>([3e38, -3e38, 0x1p-149])
        #expect(norms(large.base, count: 3).square > 1.7e77)
        let broken = SharedBuffer<Float>([1, .nan, 2])
        #expect(norms(broken.base, count: 3).square.isNaN)
        #expect(norms(broken.base, count: 3).absolute.isNaN)
    }

    @Test(
        "The sum of squares tells whether every element is finite, and neither overflows nor hides NaN",
        arguments: awkwardSizes)
    func squareSum(count: Int) {
        var random = CounterRandom.test(900 + count)
        let buffer = SharedBuffer(random.floats(count))
        let square = buffer.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
        let found = squareSumIfFinite(buffer.base, count: count)
        #expect(found.map { abs($0 - square) <= 1e-5 * square } == true)
        for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            for index in 0..<count {
                let before = buffer[index]
                buffer[index] = value
                #expect(squareSumIfFinite(buffer.base, count: count) == nil)
                buffer[index] = before
            }
        }
        guard count > 0 else { return }
        buffer[count - 1] = 3e38
        #expect(squareSumIfFinite(buffer.base, count: count).map { abs($0 - 9e76) < 1e70 } == true)
    }

    @Test("One infinite or NaN element is found wherever it stands", arguments: awkwardSizes)
    func finite(count: Int) {
        let buffer = SharedBuffer<Float>(count: count)
        #expect(allFinite(buffer.base, count: 0))
        let fine: [Float] = [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
        for index in 0..<count { buffer[index] = fine[index % fine.count] }
        #expect(allFinite(buffer.base, count: count))
        for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            for index in 0..<count {
                let before = buffer[index]
                buffer[index] = value
                #expect(!allFinite(buffer.base, count: count))
                #expect(allFinite(buffer.base, count: index))
                buffer[index] = before
            }
        }
    }

    @Test("Rows are gathered by index, repeated where asked", arguments: [1, 3, 16, 33])
    func gathering(columns: Int) {
        var random = CounterRandom.test(300 + columns)
        let source = random.matrix(9, columns)
        let order: [UInt32] = [5, 8, 0, 3, 3, 1, 7]
        let buffer = SharedBuffer(source.elements)
        let found = written(5, columns) {
            gatherRows(SharedBuffer(order), from: 1, rows: 5, columns: columns, of: buffer.base, into: $0.base)
        }
        #expect(found == Matrix(order[1...5].map { source.row(Int($0)) }))
    }

    @Test("More rows than are fetched ahead, of any type", arguments: [1, 2, 700, 3_000])
    func gatheringAhead(columns: Int) {
        let rows = 300
        let source = SharedBuffer((0..<Int32(rows * columns)).map { $0 })
        let order = SharedBuffer((0..<UInt32(rows)).reversed().map { $0 })
        let target = SharedBuffer<Int32>(count: rows * columns)
        gatherRows(order, from: 0, rows: rows, columns: columns, of: source.base, into: target.base)
        for row in 0..<rows {
            #expect(target[row * columns] == Int32((rows - 1 - row) * columns))
            #expect(target[row * columns + columns - 1] == Int32((rows - row) * columns - 1))
        }
    }
}
