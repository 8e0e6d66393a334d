import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("Softmax rows")
struct SoftmaxTests {
    private func softmaxed(_ x: Matrix) -> Matrix {
        written(x.rows, x.columns) { y in x.withView { softmax($0, into: y) } }
    }

    private func exact(_ x: Matrix) -> [Double] {
        (0..<x.rows).flatMap { row in
            let logits = x.row(row).map(Double.init)
            let largest = logits.max() ?? 0
            let total = logits.reduce(0) { $0 + exp($1 - largest) }
            return logits.map { exp($0 - largest) / total }
        }
    }

    @Test("Rows agree with double precision, and are the same in place", arguments: awkwardSizes + [1000])
    func values(columns: Int) {
        var random = CounterRandom.test(columns)
        for range: ClosedRange<Float> in [-1...1, -30...30, 1000...1100] {
            let x = random.matrix(4, columns, in: range)
            let y = softmaxed(x)
            // 2 ulp for e^x, half for the quotient, columns / 16 rounded additions of positive numbers in a lane;
            // and the difference of a logit to the largest is rounded by up to half an ulp of the range's width.
            let width = Double(range.upperBound - range.lowerBound)
            let rounding = Tolerance(
                absolute: 0x1p-149, relative: width * 0x1p-24 + (4 + Double(columns) / 32) * 0x1p-23)
            #expect(rounding.disagreement(of: y.elements, with: exact(x)) == nil)
            let inPlace = changed(x) { softmax($0.readOnly, into: $0) }
            #expect(bitDifference(inPlace.elements, y.elements) == nil)
        }
    }

    @Test("e^x is within 2.5 ulp from the smallest subnormal number up, seen through a softmax of two")
    func exponential() {
        // softmax(x, 0) = (e^x, 1) / (1 + e^x). Measured: 2.01 ulp and 1.48 ulp.
        var arguments: [Float] = []
        for step in 0...30_000 { arguments.append(-Float(step) * 0.00351) }
        var magnitude = Float.leastNonzeroMagnitude
        while magnitude < 1 {
            arguments.append(-magnitude)
            magnitude *= 1.37
            magnitude = max(magnitude, magnitude.nextUp)
        }
        let x = Matrix(rows: arguments.count, columns: 2, elements: arguments.flatMap { [$0, 0] })
        let y = softmaxed(x)
        let worst = arguments.indices.map { row -> Double in
            let e = exp(Double(arguments[row]))
            return max(
                ulpError(of: y.elements[2 * row], exact: e / (1 + e)),
                ulpError(of: y.elements[2 * row + 1], exact: 1 / (1 + e)))
        }
        #expect((worst.max() ?? .infinity) < 2.5)
    }

    @Test("Large logits neither overflow nor vanish")
    func extremes() {
        let x: Matrix = [
            [3e38, 3e38, -3e38], [-3e38, -3e38, -3e38], [0x1p-149, 0, -0.0], [200, 0, -200],
            [-.infinity, 0, -.infinity],
        ]
        let third = Float(1) / 3
        #expect(
            softmaxed(x) == [[0.5, 0.5, 0], [third, third, third], [third, third, third], [1, 0, 0], [0, 1, 0]])
    }

    @Test("NaN fills its row, wherever it stands, and no other", arguments: [1, 3, 16, 17, 40])
    func notANumber(columns: Int) {
        for position in 0..<columns {
            var x = Matrix(rows: 3, columns: columns, repeating: 1)
            x[1, position] = .nan
            let y = softmaxed(x)
            #expect(y.row(1).allSatisfy { $0.isNaN })
            #expect(y.row(0) == y.row(2) && y.row(0).allSatisfy { !$0.isNaN })
        }
    }

    @Test("Backward applies the Jacobian y_i (1{i=j} - y_j)", arguments: [1, 2, 5, 16, 17, 40])
    func jacobian(columns: Int) {
        var random = CounterRandom.test(500 + columns)
        let x = random.matrix(3, columns, in: -3...3)
        let g = random.matrix(3, columns)
        let y = softmaxed(x)
        let found = written(3, columns) { d in
            y.withView { y in g.withView { softmaxBackward(output: y, outputGradient: $0, inputGradient: d) } }
        }
        let p = exact(x)
        var expected: [Double] = []
        for row in 0..<3 {
            for i in 0..<columns {
                expected.append(
                    (0..<columns).reduce(0.0) { sum, j in
                        let jacobian = p[row * columns + i] * ((i == j ? 1 : 0) - p[row * columns + j])
                        return sum + jacobian * Double(g[row, j])
                    })
            }
        }
        // g - <g, y> is of order 1 and rounded a few times; y scales the error.
        let tolerance = Tolerance(absolute: 8 * 0x1p-24 * (p.max() ?? 1))
        #expect(tolerance.disagreement(of: found.elements, with: expected) == nil)
    }
}
