internal import LinearAlgebra

/// How each input of a network is made from a number: (x - offset) · factor, with `fill` for a missing value.
public struct FeatureScaling: Sendable, Hashable, Codable {
    /// What replaces a missing value, before scaling.
    public var fills: [Float]
    public var offsets: [Float]
    public var factors: [Float]
    /// Inputs that become normal scores; their offset is 0 and their factor 1.
    public var scores: [NormalScores]
    /// The smallest and largest training value of each input, before scaling; empty where they are not known.
    public var minima: [Float]
    public var maxima: [Float]

    /// Leaves numbers as they are; a missing value becomes 0.
    public init(identity count: Int) {
        fills = Array(repeating: 0, count: count)
        offsets = fills
        factors = Array(repeating: 1, count: count)
        scores = []
        minima = []
        maxima = []
    }

    /// What older files lack was not there then.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        fills = try container.decode([Float].self, forKey: .fills)
        offsets = try container.decode([Float].self, forKey: .offsets)
        factors = try container.decode([Float].self, forKey: .factors)
        scores = try container.decodeIfPresent([NormalScores].self, forKey: .scores) ?? []
        minima = try container.decodeIfPresent([Float].self, forKey: .minima) ?? []
        maxima = try container.decodeIfPresent([Float].self, forKey: .maxima) ?? []
    }

    /// Whether it scales rows of so many inputs: what comes from a file may be anything.
    public func fits(inputs: Int) -> Bool {
        [fills, offsets, factors].allSatisfy { $0.count == inputs }
            && [minima, maxima].allSatisfy { $0.isEmpty || $0.count == inputs } && minima.count == maxima.count
            && scores.allSatisfy { (0..<inputs).contains($0.input) && $0.isSound }
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
        for scores in scores {
            var position = scores.input
            for _ in 0..<rows {
                features.base[position] = scores.score(features.base[position])
                position += columns
            }
        }
    }
}
