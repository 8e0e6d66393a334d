import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("Element-wise functions and their derivatives")
struct ElementwiseFunctionTests {
    /// The accuracy of one function, as measured with AVX-512, AVX2 and neither, and rounded up.
    struct Accuracy: Sendable, CustomTestStringConvertible {
        var function: ElementwiseFunction
        /// The largest error of the value in units in its last place, where x is at least `above`.
        var ulps: Double
        var above = -Float.infinity
        /// The largest error of the value, and of the derivative, in units of 2^-23, the last place of 1; for values
        /// beyond 1, of their own last place.
        var units: Double
        var derivativeUnits: Double

        var testDescription: String { "\(function)" }
    }

    static let accuracies = [
        Accuracy(function: .linear, ulps: 0, units: 0, derivativeUnits: 0),
        Accuracy(function: .relu, ulps: 0, units: 0, derivativeUnits: 0),
        Accuracy(function: .leakyReLU(slope: 0.01), ulps: 0.5, units: 0.5, derivativeUnits: 0),
        // e^-x overflows below -88.7, where σ is subnormal: the result is then 0.
        Accuracy(function: .sigmoid, ulps: 2.5, above: -87, units: 1, derivativeUnits: 1),
        Accuracy(function: .tanh, ulps: 1.5, units: 0.75, derivativeUnits: 1.25),
        Accuracy(function: .elu(alpha: 1), ulps: 5.5, units: 1.5, derivativeUnits: 2),
        Accuracy(function: .elu(alpha: 0.3), ulps: 6.5, units: 1, derivativeUnits: 1),
        Accuracy(function: .selu, ulps: 7, units: 2.5, derivativeUnits: 2.5),
        Accuracy(function: .softplus, ulps: 3, units: 1.5, derivativeUnits: 1),
        // 1 + erf cancels on the left, where the value itself is small.
        Accuracy(function: .gelu, ulps: 3, above: -1, units: 1.5, derivativeUnits: 1.5),
        Accuracy(function: .silu, ulps: 3.5, above: -87, units: 2.5, derivativeUnits: 10),
    ]

    static let functions = accuracies.map(\.function)

    /// Finite numbers from all over the range, and a fine grid where the functions bend.
    static let arguments: [Float] = {
        var bits: [UInt32] = []
        var pattern: UInt64 = 0
        while pattern < 1 << 32 {
            bits.append(UInt32(pattern))
            pattern += 400_009
        }
        let spread = bits.map(Float.init(bitPattern:)).filter(\.isFinite)
        let grid = (-10_000...10_000).map { Float($0) * 0.00231 }
        let special: [Float] = [
            0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88.72, 88.73, -88.72, -88.73, 103.97, -103.97,
        ]
        return spread + grid + special
    }()

    /// f(x) and f'(x).
    private func evaluate(_ function: ElementwiseFunction, _ arguments: [Float]) -> (value: [Float], slope: [Float]) {
        let x = Matrix(rows: 1, columns: arguments.count, elements: arguments)
        let ones = Matrix(rows: 1, columns: arguments.count, repeating: 1)
        let y = written(1, arguments.count) { y in x.withView { function.apply(to: $0, into: y) } }
        let slope = written(1, arguments.count) { d in
            (function.needsInput ? x : y).withView { state in
                ones.withView { function.applyDerivative(state: state, outputGradient: $0, inputGradient: d) }
            }
        }
        return (y.elements, slope.elements)
    }

    @Test("Errors stay within the stated bounds over the whole range", arguments: accuracies)
    func accuracy(_ accuracy: Accuracy) {
        let x = Self.arguments
        let found = evaluate(accuracy.function, x)
        let unit = Double(Float.ulpOfOne)
        var ulps = (error: 0.0, x: Float(0))
        var units = ulps
        var slopeUnits = ulps
        for index in x.indices {
            let value = accuracy.function.exact(Double(x[index]))
            let slope = accuracy.function.exactDerivative(Double(x[index]))
            let error = ulpError(of: found.value[index], exact: value)
            if x[index] >= accuracy.above, error > ulps.error { ulps = (error, x[index]) }
            let absolute = abs(value) > 1 ? error : abs(Double(found.value[index]) - value) / unit
            if !(absolute <= units.error) { units = (absolute, x[index]) }
            let slopeError = abs(Double(found.slope[index]) - slope) / unit
            if !(slopeError <= slopeUnits.error) { slopeUnits = (slopeError, x[index]) }
        }
        #expect(ulps.error <= accuracy.ulps, "at \(ulps.x)")
        #expect(units.error <= accuracy.units, "at \(units.x)")
        #expect(slopeUnits.error <= accuracy.derivativeUnits, "at \(slopeUnits.x)")
    }

    @Test("NaN comes out of every function as NaN", arguments: functions)
    func notANumber(_ function: ElementwiseFunction) {
        for count in [1, 16, 35] {
            for position in 0..<count {
                var x = [Float](repeating: 0.5, count: count)
                x[position] = .nan
                let y = evaluate(function, x).value
                #expect(y.indices.allSatisfy { y[$0].isNaN == ($0 == position) })
            }
        }
    }

    @Test("A NaN gradient stays NaN, also where the derivative is 0", arguments: functions)
    func notANumberBackward(_ function: ElementwiseFunction) {
        let state: Matrix = [[-2, 0, 0.5, 2]]
        let gradient = Matrix(rows: 1, columns: 4, repeating: .nan)
        let found = written(1, 4) { d in
            state.withView { state in
                gradient.withView { function.applyDerivative(state: state, outputGradient: $0, inputGradient: d) }
            }
        }
        #expect(found.elements.allSatisfy { $0.isNaN })
    }

    @Test("Infinities go to the limits")
    func infinities() {
        let limits: [(ElementwiseFunction, Float, Float)] = [
            (.linear, -.infinity, .infinity), (.relu, 0, .infinity), (.leakyReLU(slope: 0.01), -.infinity, .infinity),
            (.sigmoid, 0, 1), (.tanh, -1, 1), (.elu(alpha: 1), -1, .infinity), (.elu(alpha: 0.5), -0.5, .infinity),
            (.selu, -1.7580993, .infinity), (.softplus, 0, .infinity),
        ]
        for (function, low, high) in limits {
            #expect(evaluate(function, [-.infinity, .infinity]).value == [low, high], "\(function)")
        }
        // x Φ(x) and x σ(x) are ∞ · 0 on the left: NaN, as everywhere that computes the products. No finite network has
        // an infinity to give them.
        for function in [ElementwiseFunction.gelu, .silu] {
            let found = evaluate(function, [-.infinity, .infinity]).value
            #expect(found[0].isNaN && found[1] == .infinity)
            #expect(evaluate(function, [-.greatestFiniteMagnitude]).value == [0])
        }
    }

    @Test("Zeros of either sign give the value at 0; the slopes of ReLU and its kin there are those of the left")
    func zeros() {
        let values: [(ElementwiseFunction, Float, Float)] = [
            (.linear, 0, 1), (.relu, 0, 0), (.leakyReLU(slope: 0.2), 0, 0.2), (.sigmoid, 0.5, 0.25), (.tanh, 0, 1),
            (.elu(alpha: 0.5), 0, 0.5), (.selu, 0, 1.7580993), (.softplus, 0.6931472, 0.5), (.gelu, 0, 0.5),
            (.silu, 0, 0.5),
        ]
        for (function, value, slope) in values {
            let found = evaluate(function, [0, -0.0])
            #expect(found.value == [value, value], "\(function)")
            #expect(found.slope == [slope, slope], "\(function)")
        }
    }

    @Test("Subnormal numbers keep their relative accuracy", arguments: functions)
    func subnormals(_ function: ElementwiseFunction) {
        let x: [Float] = [0x1p-149, -0x1p-149, 0x1.4p-137, -0x1.4p-137, 0x1.dp-127, -0x1.dp-127]
        let found = evaluate(function, x).value
        let exact = x.map { function.exact(Double($0)) }
        // Products with a half or a slope are rounded to whole subnormal steps.
        #expect(Tolerance(ulps: 2).disagreement(of: found, with: exact) == nil)
    }

    @Test("The bias is added to each row first, and the sum kept where asked", arguments: functions)
    func bias(_ function: ElementwiseFunction) {
        for columns in [1, 16, 21] {
            var random = CounterRandom.test(columns)
            let x = random.matrix(4, columns, in: -2...2)
            let bias = random.matrix(1, columns)
            var sums = x
            for row in 0..<4 {
                for column in 0..<columns { sums[row, column] += bias[0, column] }
            }
            let expected = written(4, columns) { y in sums.withView { function.apply(to: $0, into: y) } }
            let plain = written(4, columns) { y in
                x.withView { x in bias.withView { function.apply(to: x, bias: $0, into: y) } }
            }
            #expect(bitDifference(plain.elements, expected.elements) == nil)
            let inPlace = changed(x) { y in bias.withView { function.apply(to: y.readOnly, bias: $0, into: y) } }
            #expect(bitDifference(inPlace.elements, expected.elements) == nil)
            var kept = Matrix(rows: 4, columns: columns)
            let keeping = changed(x) { y in
                kept = written(4, columns) { kept in
                    bias.withView { function.apply(to: y.readOnly, bias: $0, keeping: kept, into: y) }
                }
            }
            #expect(bitDifference(kept.elements, sums.elements) == nil)
            #expect(bitDifference(keeping.elements, expected.elements) == nil)
        }
    }

    @Test("Derivatives are multiplied in place or not, and their columns summed first row first", arguments: functions)
    func backward(_ function: ElementwiseFunction) {
        for columns in awkwardSizes {
            var random = CounterRandom.test(700 + columns)
            let x = random.matrix(6, columns, in: -2...2)
            let g = random.matrix(6, columns)
            let state =
                function.needsInput ? x : written(6, columns) { y in x.withView { function.apply(to: $0, into: y) } }
            let slopes = evaluate(function, x.elements).slope
            let expected = zip(g.elements, slopes).map { $0 * $1 }
            var sums = [Float](repeating: 0, count: columns)
            for index in expected.indices { sums[index % columns] += expected[index] }

            let apart = written(6, columns) { d in
                state.withView { state in
                    g.withView { function.applyDerivative(state: state, outputGradient: $0, inputGradient: d) }
                }
            }
            // One product, or with the derivative one fused operation.
            let tolerance = Tolerance(absolute: 0x1p-24, ulps: 1)
            #expect(tolerance.disagreement(of: apart.elements, with: expected) == nil)
            let inPlace = changed(g) { d in
                state.withView {
                    function.applyDerivative(state: $0, outputGradient: d.readOnly, inputGradient: d)
                }
            }
            #expect(bitDifference(inPlace.elements, apart.elements) == nil)
            var found = Matrix(rows: 1, columns: columns)
            let summed = changed(g) { d in
                found = written(1, columns) { sums in
                    state.withView {
                        function.applyDerivative(
                            state: $0, outputGradient: d.readOnly, inputGradient: d, columnSums: sums)
                    }
                }
            }
            #expect(bitDifference(summed.elements, apart.elements) == nil)
            #expect(Tolerance(absolute: 6e-7).disagreement(of: found.elements, with: sums) == nil)
        }
    }
}
