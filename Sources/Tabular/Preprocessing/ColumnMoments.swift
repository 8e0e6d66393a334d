internal import LinearAlgebra

/// Mean, standard deviation (population), minimum and maximum of every column, missing values left out.
struct ColumnMoments {
    private(set) var means: [Double]
    private(set) var deviations: [Double]
    private(set) var minima: [Float]
    private(set) var maxima: [Float]

    /// - Parameters:
    ///   - values: All rows x columns; NaN where a value is missing.
    ///   - rows: The rows to look at; all where `nil`.
    init(_ values: SharedBuffer<Float>, columns: Int, rows: [UInt32]?, rowCount: Int) {
        var sums = [Double](repeating: 0, count: columns)
        var counts = [Double](repeating: 0, count: columns)
        var minima = [Float](repeating: .infinity, count: columns)
        var maxima = [Float](repeating: -.infinity, count: columns)
        Self.forEachRow(values, columns: columns, rows: rows, rowCount: rowCount) { row in
            for column in 0..<columns where !row[column].isNaN {
                let value = row[column]
                sums[column] += Double(value)
                counts[column] += 1
                if value < minima[column] { minima[column] = value }
                if value > maxima[column] { maxima[column] = value }
            }
        }
        let means = zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
        // A second pass about the mean: the textbook difference of squares loses all digits of a large offset.
        var squares = [Double](repeating: 0, count: columns)
        Self.forEachRow(values, columns: columns, rows: rows, rowCount: rowCount) { row in
            for column in 0..<columns where !row[column].isNaN {
                let difference = Double(row[column]) - means[column]
                squares[column] += difference * difference
            }
        }
        self.means = means
        self.minima = minima
        self.maxima = maxima
        deviations = zip(squares, counts).map { $1 > 0 ? ($0 / $1).squareRoot() : 0 }
    }

    private static func forEachRow(
        _ values: SharedBuffer<Float>, columns: Int, rows: [UInt32]?, rowCount: Int,
        _ body: (UnsafePointer<Float>) -> Void
    ) {
        if let rows {
            for row in rows { body(values.base + Int(row) * columns) }
        } else {
            for row in 0..<rowCount { body(values.base + row * columns) }
        }
    }
}
