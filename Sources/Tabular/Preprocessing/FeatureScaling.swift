internal import LinearAlgebra

/// How each input of a network is made from a number: (x - offset) · factor, with `fill` for a missing value.
public struct FeatureScaling: Sendable, Hashable, Codable {
    /// What replaces a missing value, before scaling.
    public var fills: [Float]
    public var offsets: [Float]
    public var factors: [Float]

    /// Leaves numbers as they are; a missing value becomes 0.
    public init(identity count: Int) {
        fills = Array(repeating: 0, count: count)
        offsets = fills
        factors = Array(repeating: 1, count: count)
    }

    /// Scales rows in place.
    func apply(_ features: SharedBuffer<Float>, rows: Int) {
        let columns = fills.count
        fills.withUnsafeBufferPointer { fills in
            offsets.withUnsafeBufferPointer { offsets in
                factors.withUnsafeBufferPointer { factors in
                    for row in 0..<rows {
                        let values = features.base + row * columns
                        for column in 0..<columns {
                            let value = values[column]
                            let known = value.isNaN ? fills[column] : value
                            values[column] = (known - offsets[column]) * factors[column]
                        }
                    }
                }
            }
        }
    }
}
