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

    /// Fits to rows.
    ///
    /// - Parameters:
    ///   - features: All rows x inputs; NaN where a value is missing.
    ///   - isNumber: Which inputs are numbers; levels are 0 or 1 and stay so.
    ///   - rows: The rows to fit to: those that train.
    init(
        _ features: SharedBuffer<Float>, isNumber: [Bool], rows: [UInt32]?, rowCount: Int,
        missing: SchemaOptions.Missing, scale: SchemaOptions.Scale
    ) {
        let columns = isNumber.count
        self.init(identity: columns)
        let moments = ColumnMoments(features, columns: columns, rows: rows, rowCount: rowCount)
        for column in 0..<columns where isNumber[column] {
            let statistics: (Double, Double, Double)?
            // Order statistics need the column itself; the others come from one pass over all columns.
            if missing == .median || scale == .robust {
                statistics = Self.quartiles(features, column: column, columns: columns, rows: rows, rowCount: rowCount)
            } else {
                statistics = nil
            }
            let median = statistics?.1 ?? 0
            fills[column] = Float(missing == .median ? median : moments.means[column])
            let (offset, spread): (Double, Double) =
                switch scale {
                case .auto, .none: (0, 1)
                case .bytes: (0, 255)
                case .standard: (moments.means[column], moments.deviations[column])
                case .minmax:
                    (Double(moments.minima[column]), Double(moments.maxima[column]) - Double(moments.minima[column]))
                case .robust: (median, Self.robustSpread(statistics, deviation: moments.deviations[column]))
                }
            offsets[column] = Float(offset)
            // A column that does not vary becomes 0 rather than noise blown up.
            factors[column] = spread > 0 && spread.isFinite ? Float(1 / spread) : (scale == .none ? 1 : 0)
        }
    }

    /// The quartiles' distance, or the standard deviation where half of the values are one and the same: a column that
    /// varies seldom still varies.
    private static func robustSpread(_ quartiles: (Double, Double, Double)?, deviation: Double) -> Double {
        let distance = quartiles.map { $0.2 - $0.0 } ?? 0
        return distance > 0 ? distance : deviation
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

    /// The 25th, 50th and 75th percentile of a column, by linear interpolation between order statistics (type 7 of
    /// Hyndman and Fan 1996, NumPy's default).
    private static func quartiles(
        _ features: SharedBuffer<Float>, column: Int, columns: Int, rows: [UInt32]?, rowCount: Int
    ) -> (Double, Double, Double) {
        var values: [Float] = []
        for position in 0..<(rows?.count ?? rowCount) {
            let value = features.base[(rows.map { Int($0[position]) } ?? position) * columns + column]
            if !value.isNaN { values.append(value) }
        }
        guard !values.isEmpty else { return (0, 0, 0) }
        values.sort()
        func quantile(_ share: Double) -> Double {
            let position = share * Double(values.count - 1)
            let lower = Int(position)
            let upper = min(lower + 1, values.count - 1)
            let weight = position - Double(lower)
            return Double(values[lower]) * (1 - weight) + Double(values[upper]) * weight
        }
        return (quantile(0.25), quantile(0.5), quantile(0.75))
    }
}
