/// The exact sum of `Float`s and of products of two of them, rounded once, when it is asked for: the same whoever adds
/// them, in whatever order and parts.
///
/// The sum is a fixed-point number of 704 bits in two's complement, the lowest of which counts 2^-352. Each of its integers
/// has room for 64 bits and takes 32 of them, so that an addition need not carry (Neal 2015, "Fast exact summation
/// using small and large superaccumulators"). All of a sum are integers, and adding those of two sums, each to each, adds
/// the sums.
struct ExactSum {
    private static let limbs = 22
    private static let exponentOfLowestBit = -352
    /// Behind the limbs: how many NaNs were added, how many infinities, and how many of the negative kind.
    private static let nanPlace = limbs
    private static let infinityPlace = limbs + 1
    private static let negativeInfinityPlace = limbs + 2
    /// The integers of a sum, all 0 at the beginning.
    static let size = limbs + 3

    let integers: UnsafeMutablePointer<Int64>

    /// The sum that is kept in `size` integers.
    init(_ integers: UnsafeMutablePointer<Int64>) {
        self.integers = integers
    }

    /// Adds a number. After 2^30 of them at most, `carry` is due.
    ///
    /// - Precondition: it is a `Float`, a product of two of them or a rounded one, or about as large.
    func add(_ number: Double) {
        let bits = number.bitPattern
        let exponent = Int(bits >> 52) & 0x7FF
        guard exponent != 0x7FF else {
            if number.isNaN {
                integers[Self.nanPlace] += 1
            } else {
                integers[number > 0 ? Self.infinityPlace : Self.negativeInfinityPlace] += 1
            }
            return
        }
        guard number != 0 else { return }
        // A significand's lowest bit counts 2^(exponent - 1075).
        let position = exponent - 1075 - Self.exponentOfLowestBit
        precondition(position >= 0 && position >> 5 < Self.limbs - 3, "\(number) is beyond the range of a sum")
        let significand = bits & 0xF_FFFF_FFFF_FFFF | 0x10_0000_0000_0000
        let (high, low) = significand.multipliedFullWidth(by: 1 &<< UInt64(position & 31))
        let limb = integers + position >> 5
        let sign: Int64 = bits >> 63 == 0 ? 1 : -1
        limb[0] &+= sign &* Int64(low & 0xFFFF_FFFF)
        limb[1] &+= sign &* Int64(low >> 32)
        limb[2] &+= sign &* Int64(high)
    }

    /// Adds a product of two numbers without rounding it.
    func add(_ factor: Double, times other: Double) {
        let product = factor * other
        add(product)
        if product.isFinite { add((-product).addingProduct(factor, other)) }
    }

    /// Leaves 32 bits in every integer but the last.
    func carry() {
        for index in 0..<Self.limbs - 1 {
            integers[index + 1] &+= integers[index] >> 32
            integers[index] &= 0xFFFF_FFFF
        }
    }

    /// The sum, rounded to the nearest double.
    var value: Double {
        if integers[Self.nanPlace] > 0 { return .nan }
        switch (integers[Self.infinityPlace] > 0, integers[Self.negativeInfinityPlace] > 0) {
        case (true, true): return .nan
        case (true, false): return .infinity
        case (false, true): return -.infinity
        case (false, false): break
        }
        return Self.withCopy(of: self) { copy in
            copy.carry()
            guard copy.integers[Self.limbs - 1] < 0 else { return copy.magnitude }
            for index in 0..<Self.limbs { copy.integers[index] = -copy.integers[index] }
            copy.carry()
            return -copy.magnitude
        }
    }

    /// The value of limbs that are carried and not negative.
    private var magnitude: Double {
        guard let top = (0..<Self.limbs).last(where: { integers[$0] != 0 }) else { return 0 }
        func limb(_ index: Int) -> UInt64 { index < 0 ? 0 : UInt64(integers[index]) }
        // The upper 65 bits or more of the number, in 96; below them it only matters whether there is anything.
        let high = limb(top)
        let low = limb(top - 1) << 32 | limb(top - 2)
        let shift = UInt64(high.leadingZeroBitCount)
        var leading = high << shift | (shift == 0 ? 0 : low >> (64 - shift))
        if low << shift != 0 || (0..<max(0, top - 2)).contains(where: { integers[$0] != 0 }) { leading |= 1 }
        return Double(
            sign: .plus, exponent: 32 * top - Int(shift) + Self.exponentOfLowestBit, significand: Double(leading))
    }

    /// Calls `body` with a sum that begins as a copy of another.
    static func withCopy<Result>(of sum: ExactSum, _ body: (ExactSum) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: size) { memory in
            guard let base = memory.baseAddress else { preconditionFailure("There is no memory for a sum") }
            base.initialize(from: sum.integers, count: size)
            return body(ExactSum(base))
        }
    }
}

extension ExactSum {
    /// Σ (x - mean)² of n numbers, from the sums of x and of x², which are exact: so nothing is lost where the mean is
    /// large beside the deviations. Exactly 0 where all x, which are `Float`s, are equal.
    ///
    /// With a number c near the mean, it is Σ (x - c)² - (Σ (x - c))² / n, where Σ (x - c)² = Σ x² - 2 c Σ x + n c².
    static func squaredDeviations(sum: ExactSum, squares: ExactSum, count: Int) -> Double {
        guard count > 0, sum.value.isFinite, squares.value.isFinite else { return count > 0 ? .nan : 0 }
        let n = Double(count)
        let center = Double(Float(sum.value / n))
        let deviation = withCopy(of: sum) { deviation in
            deviation.add(center, times: -n)
            return deviation.value
        }
        let aroundCenter = withCopy(of: squares) { result in
            // Σ x as numbers that have no more than 53 bits.
            withCopy(of: sum) { rest in
                while rest.value != 0 {
                    let part = rest.value
                    result.add(part, times: -2 * center)
                    rest.add(-part)
                }
            }
            result.add(center * center, times: n)
            return result.value
        }
        return aroundCenter - deviation * deviation / n
    }
}
