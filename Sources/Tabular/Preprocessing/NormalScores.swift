/// Maps a number to the normal score of its rank among the training rows: a column of any distribution becomes one of
/// mean 0 and deviation 1 that is normal.
///
/// The rank is linear between the stored quantiles, which stand for equal shares of the rows. A value that several
/// quantiles share, such as the zeros of a column that is mostly 0, has the middle of their ranks. Ranks are kept 10^-7
/// away from 0 and 1, so scores lie within ±5.2. These are the numbers of scikit-learn's
/// `QuantileTransformer(output_distribution="normal")`, but for shared smallest and largest values, which it puts at the
/// ends.
public struct NormalScores: Sendable, Hashable, Codable {
    /// Quantiles for so many rows each (Gorishniy, Rubachev, Khrulkov and Babenko 2021), within these bounds.
    static let rowsPerQuantile = 30
    static let counts = 10...1_000

    /// The input of the network.
    public var input: Int
    /// At least two quantiles, ascending; the first is the minimum and the last the maximum.
    public var quantiles: [Float]

    /// The quantiles of ascending values, `nil` where there are none.
    ///
    /// - Parameter rows: The training rows that have a value; the values may be a sample of theirs.
    init?(input: Int, sorted: [Float], rows: Int) {
        guard !sorted.isEmpty else { return nil }
        let count = min(max(rows / Self.rowsPerQuantile, Self.counts.lowerBound), Self.counts.upperBound)
        self.input = input
        quantiles = (0..<count).compactMap { sorted.quantile(Double($0) / Double(count - 1)) }.map { Float($0) }
        // Interpolation may round a hair below the value before.
        for index in 1..<count { quantiles[index] = max(quantiles[index], quantiles[index - 1]) }
    }

    /// Whether the numbers are as the fitter makes them: what comes from a file may be anything.
    var isSound: Bool {
        quantiles.count > 1 && quantiles.allSatisfy(\.isFinite) && zip(quantiles, quantiles.dropFirst()).allSatisfy(<=)
    }

    /// The score of a known value.
    func score(_ value: Float) -> Float {
        quantiles.withUnsafeBufferPointer { quantiles in
            let last = Double(quantiles.count - 1)
            let first = Self.first(in: quantiles) { $0 >= value }
            let rank: Double
            if first == quantiles.count {
                rank = 1
            } else if quantiles[first] == value {
                rank = Double(first + Self.first(in: quantiles) { $0 > value } - 1) / 2 / last
            } else if first == 0 {
                rank = 0
            } else {
                let below = Double(quantiles[first - 1])
                rank = (Double(first - 1) + (Double(value) - below) / (Double(quantiles[first]) - below)) / last
            }
            return Float(NormalDistribution.quantile(min(max(rank, 1e-7), 1 - 1e-7)))
        }
    }

    @inline(__always)
    private static func first(in quantiles: UnsafeBufferPointer<Float>, _ isBeyond: (Float) -> Bool) -> Int {
        var low = 0
        var high = quantiles.count
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(quantiles[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
