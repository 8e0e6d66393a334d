/// How far computed numbers may be from exact ones: an error of `absolute + relative |exact|`, or of `ulps` units in
/// the last place of the exact number, whichever is more.
public struct Tolerance: Sendable, Hashable {
    public var absolute: Double
    public var relative: Double
    public var ulps: Double

    public init(absolute: Double = 0, relative: Double = 0, ulps: Double = 0) {
        self.absolute = absolute
        self.relative = relative
        self.ulps = ulps
    }

    /// The largest error that is let pass at `exact`.
    public func allowance(at exact: Double) -> Double {
        max(absolute + relative * abs(exact), ulps * ulp(at: exact))
    }

    /// What is wrong with `found`, or `nil` where every number agrees: first the counts, then NaN and infinities, then
    /// the number that exceeds its allowance most.
    public func disagreement(of found: [Float], with exact: [Double]) -> String? {
        guard found.count == exact.count else { return "\(found.count) numbers instead of \(exact.count)" }
        var worst = (index: 0, excess: 1.0)
        for index in found.indices {
            let number = Double(found[index])
            let expected = exact[index]
            if number.isNaN || expected.isNaN || number.isInfinite || expected.isInfinite {
                guard number == expected || (number.isNaN && expected.isNaN) else {
                    return "\(number) instead of \(expected) at index \(index)"
                }
                continue
            }
            let error = abs(number - expected)
            guard error > 0 else { continue }
            let excess = error / allowance(at: expected)
            if excess > worst.excess { worst = (index, excess) }
        }
        guard worst.excess > 1 else { return nil }
        let number = found[worst.index]
        let expected = exact[worst.index]
        let error = abs(Double(number) - expected)
        return """
            \(number) instead of \(expected) at index \(worst.index) of \(found.count): an error of \(error), \
            \(error / abs(expected)) relative, \(ulpError(of: number, exact: expected)) ulp, \
            \(worst.excess) times what is allowed
            """
    }

    /// The same for numbers that were computed in single precision on both sides. Literals are exact.
    @_disfavoredOverload
    public func disagreement(of found: [Float], with expected: [Float]) -> String? {
        disagreement(of: found, with: expected.map(Double.init))
    }
}

/// The distance between neighbouring `Float`s at `exact`.
public func ulp(at exact: Double) -> Double {
    let rounded = Float(exact)
    return Double(rounded.isFinite ? rounded.ulp : Float.greatestFiniteMagnitude.ulp)
}

/// The error of `found` in units in the last place; infinite where only one of the two is NaN, or infinite.
public func ulpError(of found: Float, exact: Double) -> Double {
    if found.isNaN || exact.isNaN { return found.isNaN && exact.isNaN ? 0 : .infinity }
    let rounded = Float(exact)
    if found == rounded { return found.isInfinite ? 0 : abs(Double(found) - exact) / ulp(at: exact) }
    if found.isInfinite || rounded.isInfinite { return .infinity }
    return abs(Double(found) - exact) / ulp(at: exact)
}

/// Where two runs of numbers differ in bits, or `nil` where they do not: signs of zero count, NaN equals its like.
public func bitDifference(_ left: [Float], _ right: [Float]) -> String? {
    guard left.count == right.count else { return "\(left.count) numbers instead of \(right.count)" }
    guard let index = left.indices.first(where: { left[$0].bitPattern != right[$0].bitPattern }) else { return nil }
    return "\(left[index]) differs from \(right[index]) at index \(index) of \(left.count)"
}
