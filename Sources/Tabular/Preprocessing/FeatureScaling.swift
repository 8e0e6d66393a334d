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

    /// The numbers that are looked at together (64 KiB): those that stay in a core's cache until they are scaled.
    private static let numbersAtOnce = 1 << 14

    /// Scales rows in place.
    func apply(_ features: SharedBuffer<Float>, rows: Int) {
        let columns = fills.count
        let step = max(1, Self.numbersAtOnce / max(1, columns))
        offsets.withUnsafeBufferPointer { offsets in
            factors.withUnsafeBufferPointer { factors in
                guard let center = offsets.baseAddress, let factor = factors.baseAddress else { return }
                for first in stride(from: 0, to: rows, by: step) {
                    let count = min(step, rows - first)
                    let values = features.base + first * columns
                    if !allFinite(values, count: count * columns) { fillIn(values, rows: count) }
                    let view = MutableMatrixView(values, rows: count, columns: columns)
                    shiftAndScale(view.readOnly, center: center, factor: factor, isPerColumn: true, into: view)
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

    /// Puts in what stands for missing values.
    private func fillIn(_ values: UnsafeMutablePointer<Float>, rows: Int) {
        for row in 0..<rows {
            let values = values + row * fills.count
            for column in fills.indices where values[column].isNaN { values[column] = fills[column] }
        }
    }
}
