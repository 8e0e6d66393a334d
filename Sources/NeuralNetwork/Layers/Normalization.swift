internal import LinearAlgebra

/// Fixed standardisation, `y = (x - mean) / max(√variance, 1e-7)`, with numbers per column or one for all: Keras'
/// `Normalization` after `adapt`. Backward: dx = g / max(√variance, 1e-7).
public struct Normalization: Layer, Hashable, Codable {
    /// As many as there are columns, or one.
    public let mean: [Float]
    /// As many as `mean`.
    public let variance: [Float]
    /// Whether a file keeps mean and variance as weights, as Keras does after `adapt`, instead of as constants.
    public let isAdapted: Bool
    private let factor: [Float]

    /// The least deviation that is divided by, as in Keras.
    static let smallestDeviation: Float = 1e-7

    /// - Precondition: the lists are of one length.
    public init(mean: [Float], variance: [Float], isAdapted: Bool = false) {
        precondition(mean.count == variance.count, "\(mean.count) means do not go with \(variance.count) variances")
        self.mean = mean
        self.variance = variance
        self.isAdapted = isAdapted
        factor = variance.map { 1 / max($0.squareRoot(), Self.smallestDeviation) }
    }

    public var operation: Operation { .normalization(self) }

    /// The layer that undoes it, `y = x √variance + mean`.
    public var inverse: Rescaling {
        Rescaling(scale: variance.map { max($0.squareRoot(), Self.smallestDeviation) }, offset: mean)
    }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        let size = try singleInput(inputSizes, "Normalization")
        try check(mean, "means", size: size)
        try check(variance, "variances", size: size)
        guard variance.allSatisfy({ $0 >= 0 }) else { throw GraphError("one of its variances is negative") }
        return size
    }

    public func forward(_ call: borrowing LayerCall) {
        let input = call.input(0)
        mean.withUnsafeBufferPointer { means in
            factor.withUnsafeBufferPointer { factors in
                guard let factor = factors.baseAddress else { return }
                shiftAndScale(
                    input, center: means.baseAddress, factor: factor, isPerColumn: factors.count > 1,
                    into: call.output)
            }
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        guard let inputGradient = call.inputGradient(0) else { return }
        scaleColumns(call.outputGradient.readOnly, by: factor, into: inputGradient)
    }
}

extension Normalization {
    private enum CodingKeys: String, CodingKey {
        case mean
        case variance
        case isAdapted
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let mean = try container.decode([Float].self, forKey: .mean)
        let variance = try container.decode([Float].self, forKey: .variance)
        guard mean.count == variance.count else {
            throw GraphError("\(mean.count) means do not go with \(variance.count) variances")
        }
        self.init(
            mean: mean, variance: variance,
            isAdapted: try container.decodeIfPresent(Bool.self, forKey: .isAdapted) ?? false)
    }
}
