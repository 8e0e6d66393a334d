public import LinearAlgebra

/// How a parameter starts.
///
/// With fan-in and fan-out the inputs and outputs of a kernel (a vector has its length for both).
public enum Initializer: Sendable, Hashable, Codable {
    case zeros
    case constant(Float)
    /// U(-l, l), l = √(6 / (fan-in + fan-out)) (Glorot and Bengio 2010).
    case glorotUniform
    /// Truncated N(0, σ), σ = √(2 / (fan-in + fan-out)).
    case glorotNormal
    /// U(-l, l), l = √(6 / fan-in) (He et al. 2015).
    case heUniform
    /// Truncated N(0, σ), σ = √(2 / fan-in).
    case heNormal
    /// Truncated N(0, σ), σ = √(1 / fan-in) (LeCun et al. 1998).
    case lecunNormal

    /// Fills a parameter. Normals are truncated at two standard deviations and widened to have σ, as in Keras.
    public func fill(
        _ elements: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout CounterRandom
    ) {
        let fanIn = Double(shape[0])
        let fanOut = Double(shape[shape.count - 1])
        switch self {
        case .zeros:
            elements.update(repeating: 0)
        case .constant(let value):
            elements.update(repeating: value)
        case .glorotUniform:
            fillUniform(elements, limit: (6 / (fanIn + fanOut)).squareRoot(), using: &random)
        case .heUniform:
            fillUniform(elements, limit: (6 / fanIn).squareRoot(), using: &random)
        case .glorotNormal:
            fillNormal(elements, deviation: (2 / (fanIn + fanOut)).squareRoot(), using: &random)
        case .heNormal:
            fillNormal(elements, deviation: (2 / fanIn).squareRoot(), using: &random)
        case .lecunNormal:
            fillNormal(elements, deviation: (1 / fanIn).squareRoot(), using: &random)
        }
    }

    private func fillUniform(
        _ elements: UnsafeMutableBufferPointer<Float>, limit: Double, using random: inout CounterRandom
    ) {
        for index in elements.indices { elements[index] = Float((2 * random.uniform() - 1) * limit) }
    }

    /// The standard deviation of a standard normal cut off at ±2.
    private static let truncatedDeviation = 0.87962566103423978

    /// Marsaglia's polar method (1964), which needs no trigonometry; each pair of uniforms gives two normals.
    private func fillNormal(
        _ elements: UnsafeMutableBufferPointer<Float>, deviation: Double, using random: inout CounterRandom
    ) {
        let scale = deviation / Self.truncatedDeviation
        var index = 0
        while index < elements.count {
            let u = 2 * random.uniform() - 1
            let v = 2 * random.uniform() - 1
            let square = u * u + v * v
            guard square > 0, square < 1 else { continue }
            let factor = (-2 * logarithm(square) / square).squareRoot()
            for normal in [u * factor, v * factor] where abs(normal) <= 2 && index < elements.count {
                elements[index] = Float(normal * scale)
                index += 1
            }
        }
    }
}

/// log x for x in (0, 1), from the standard library alone: the platform's `log` may differ in the last bit between
/// machines, and initial weights should not. By x = m 2^e and the series of 2 atanh((m - 1) / (m + 1)).
private func logarithm(_ x: Double) -> Double {
    var mantissa = x.significand
    var exponent = Double(x.exponent)
    if mantissa > 1.4142135623730951 {
        mantissa /= 2
        exponent += 1
    }
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var term = s
    var sum = 0.0
    for odd in stride(from: 1.0, through: 21.0, by: 2.0) {
        sum += term / odd
        term *= square
    }
    return 2 * sum + exponent * 0.6931471805599453
}
