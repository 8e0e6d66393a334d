import LinearAlgebra
import TestSupport
import Testing

@testable import Training

@Suite("Exact sums")
struct ExactSumTests {
    /// Calls `body` with sums that are 0.
    private static func sums<Result>(_ count: Int, _ body: ([ExactSum]) -> Result) -> Result {
        let integers = SharedBuffer<Int64>(count: count * ExactSum.size)
        return withExtendedLifetime(integers) {
            body((0..<count).map { ExactSum(integers.base + $0 * ExactSum.size) })
        }
    }

    private static func sum(_ numbers: [Double]) -> Double {
        sums(1) { sums in
            for number in numbers { sums[0].add(number) }
            return sums[0].value
        }
    }

    @Test("What doubles lose is kept, and rounded once: to the nearest, to even where two are")
    func byHand() {
        #expect(Self.sum([]) == 0)
        #expect(Self.sum([1e30, 1, -1e30]) == 1)
        #expect(Self.sum([1, 0x1p-149, -1]) == 0x1p-149)
        #expect(Self.sum([0x1p53, 1]) == 0x1p53)
        #expect(Self.sum([0x1p53, 1, 0x1p-298]) == 0x1p53 + 2)
        #expect(Self.sum([0x1p53, 1, -0x1p-298]) == 0x1p53)
        #expect(Self.sum([0x1p53, 3]) == 0x1p53 + 4)
        #expect(Self.sum([-0x1p53, -1, -0x1p-298]) == -0x1p53 - 2)
        #expect(Self.sum([0.1, 0.2, 0.3, -0.6]) == 0.1 + (0.2 + 0.3 - 0.6 - 0x1p-55) + 0x1p-55)
        #expect(Self.sum([-0.0, 0]) == 0)
        let largest = Double(Float.greatestFiniteMagnitude)
        let least = Double(Float.leastNonzeroMagnitude)
        #expect(Self.sum([largest * largest, least * least, -largest * largest]) == least * least)
        #expect(Self.sum([Double](repeating: -largest * largest, count: 1000)) == -1000 * (largest * largest))
    }

    @Test("Infinities and NaN come out as of any sum")
    func notFinite() {
        #expect(Self.sum([1, .infinity, 2]) == .infinity)
        #expect(Self.sum([-.infinity, 1]) == -.infinity)
        #expect(Self.sum([-.infinity, 1, .infinity]).isNaN)
        #expect(Self.sum([1, .nan]).isNaN)
        #expect(Self.sum([.infinity, .signalingNaN]).isNaN)
    }

    @Test("Numbers of all sizes have the nearest double for a sum, in any order and in any parts")
    func random() {
        var random = CounterRandom.test(70)
        // Multiples of 2^-40 below 2^50, which sum exactly in 128 bits.
        var numbers = (0..<3000).map { _ in
            let bits = random.int(in: 1...53)
            let scaled = Double(random.int(in: 0...(1 << bits) - 1)) * (random.int(in: 0...1) == 0 ? 1 : -1)
            return scaled * Double(sign: .plus, exponent: random.int(in: -40...(-3)), significand: 1)
        }
        let exact = numbers.reduce(into: Int128(0)) { $0 += Int128($1 * 0x1p40) }
        let found = Self.sum(numbers)
        let error = abs(Int128(found * 0x1p40) - exact)
        for other in [found.nextUp, found.nextDown] { #expect(error <= abs(Int128(other * 0x1p40) - exact)) }

        for partCount in [1, 2, 7] {
            random.shuffle(&numbers)
            let value = Self.sums(partCount + 1) { sums in
                for (index, number) in numbers.enumerated() {
                    sums[index % partCount].add(number)
                    if index % 100 == 0 { sums[index % partCount].carry() }
                }
                for part in 0..<partCount {
                    for index in 0..<ExactSum.size { sums[partCount].integers[index] += sums[part].integers[index] }
                }
                return sums[partCount].value
            }
            #expect(value == found)
        }
    }

    @Test("Products are added without rounding")
    func products() {
        let value = Self.sums(1) { sums in
            sums[0].add(0x1.000002p0, times: 0x1.0000000000001p0)
            sums[0].add(-1)
            sums[0].add(-0x1p-23)
            return sums[0].value
        }
        #expect(value == 0x1p-52 + 0x1p-75)
    }

    private static func spread(_ values: [Float]) -> Double {
        sums(2) { sums in
            for value in values.map(Double.init) {
                sums[0].add(value)
                sums[1].add(value * value)
            }
            return ExactSum.squaredDeviations(sum: sums[0], squares: sums[1], count: values.count)
        }
    }

    @Test("Squared deviations are those of two passes, however large the mean")
    func squaredDeviations() {
        var random = CounterRandom.test(71)
        for offset: Float in [0, -3, 1e4, 1e6, -3e7] {
            let values = random.floats(1001, in: -100...100).map { $0 + offset }
            let differences = values.map { Double($0) - Double(values[0]) }
            let mean = differences.reduce(0, +) / 1001
            let exact = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            #expect(exact > 0)
            #expect(isClose(Self.spread(values) / exact, 1, relative: 1e-11), "\(offset)")
        }
        #expect(isClose(Self.spread([1e9, 1e9, Float(1e9).nextUp]), 64 * 64 * 2 / 3.0))
    }

    @Test("Equal values deviate by exactly nothing, and so do none")
    func equalValues() {
        for value: Float in [0, 0.1, -0x1p-140, 3e38, 1 / 3] {
            for count in [1, 2, 3, 1000] { #expect(Self.spread(Array(repeating: value, count: count)) == 0) }
        }
        #expect(Self.spread([]) == 0)
        #expect(Self.spread([1, .infinity]).isNaN)
        #expect(Self.spread([1, .nan]).isNaN)
    }
}
