/// Mean, standard deviation (population), minimum and maximum of every column, from one pass over rows in their order;
/// missing values left out.
///
/// Squares are summed about a pivot, the first value of a column at first and its mean so far later on: the textbook
/// difference of squares loses all digits of a large offset. The sums of 1,024 rows at a time are joined to the rest as
/// Chan, Golub and LeVeque (1979) do. The blocks are counted in rows, so nothing depends on the runs in which rows come.
/// Moments of rows that follow are joined in the same way.
struct ColumnMoments: Sendable {
    private static let blockRows = 1_024
    /// Of the golden ratio.
    private static let weylStep: UInt64 = 0x9E37_79B9_7F4A_7C15

    let columns: Int
    private var counts: [Double]
    private(set) var means: [Double]
    private var squares: [Double]
    /// Of the block: pivots, sums, squares and counts; of all rows: minima, maxima and sums that tell their order. One
    /// array, so that one access serves the loop.
    private var sums: [Double]
    private var rowsInBlock = 0
    private var weyl: UInt64
    /// Columns without a value so far, and so without a pivot.
    private var unknown: [Int]

    /// - Parameter position: A number that no other moments have with which these are to be joined, like that of the first
    ///   row: it goes into the sums that tell the order of rows.
    init(columns: Int, from position: Int = 0) {
        self.columns = columns
        weyl = UInt64(position) &* Self.weylStep
        counts = Array(repeating: 0, count: columns)
        means = counts
        squares = counts
        unknown = Array(0..<columns)
        sums =
            Array(repeating: 0, count: 4 * columns) + Array(repeating: .infinity, count: columns)
            + Array(repeating: -.infinity, count: columns) + Array(repeating: 0, count: columns)
    }

    /// Takes the next row; NaN where a value is missing.
    mutating func add(_ row: UnsafePointer<Float>) {
        if rowsInBlock == Self.blockRows { closeBlock() }
        rowsInBlock += 1
        // Weights that no order of the rows is likely to balance: Weyl's sequence of the golden ratio in (-1/2, 1/2).
        weyl &+= Self.weylStep
        let weight = Double(Int64(bitPattern: weyl)) * 0x1p-64
        let columns = columns
        let unknown = unknown
        var hasNews = false
        sums.withUnsafeMutableBufferPointer { sums in
            guard let pivots = sums.baseAddress else { return }
            for column in unknown where !row[column].isNaN {
                pivots[column] = Double(row[column])
                hasNews = true
            }
            let totals = pivots + columns
            let squares = totals + columns
            let counts = squares + columns
            let minima = counts + columns
            let maxima = minima + columns
            let orders = maxima + columns
            for column in 0..<columns {
                let value = Double(row[column])
                let isKnown = value == value
                let distance = isKnown ? value - pivots[column] : 0
                totals[column] += distance
                squares[column] += distance * distance
                counts[column] += isKnown ? 1 : 0
                minima[column] = value < minima[column] ? value : minima[column]
                maxima[column] = value > maxima[column] ? value : maxima[column]
                orders[column] += isKnown ? value * weight : 0
            }
        }
        if hasNews { self.unknown.removeAll { !row[$0].isNaN } }
    }

    /// The moments of the rows so far.
    func closed() -> ColumnMoments {
        var moments = self
        moments.closeBlock()
        return moments
    }

    /// 0 for a column without values. Of closed moments.
    var deviations: [Double] { zip(squares, counts).map { $1 > 0 ? ($0 / $1).squareRoot() : 0 } }

    /// Infinite for a column without values.
    func minimum(_ column: Int) -> Double { sums[4 * columns + column] }
    func maximum(_ column: Int) -> Double { sums[5 * columns + column] }

    /// The rows with a value. Of closed moments.
    func count(_ column: Int) -> Int { Int(counts[column]) }

    /// What two columns have in common when they are the same row by row, and next to never when they are not. Of closed
    /// moments.
    func fingerprint(_ column: Int) -> [UInt64] {
        [counts[column], means[column], squares[column], sums[6 * columns + column]].map(\.bitPattern)
    }

    // MARK: Joining

    /// The numbers per column that `values` holds.
    static let valuesPerColumn = 6

    /// All that is to be known to join these moments to others. Of closed moments.
    var values: [Double] { counts + means + squares + sums[(4 * columns)...] }

    /// Adds the moments of rows that follow, as their `values`. Of closed moments.
    mutating func merge(_ values: ArraySlice<Double>) {
        precondition(values.count == Self.valuesPerColumn * columns, "Other columns have other moments")
        func value(_ index: Int, _ column: Int) -> Double { values[values.startIndex + index * columns + column] }
        for column in 0..<columns where value(0, column) > 0 {
            join(column, count: value(0, column), mean: value(1, column), squares: value(2, column))
            sums[4 * columns + column] = min(sums[4 * columns + column], value(3, column))
            sums[5 * columns + column] = max(sums[5 * columns + column], value(4, column))
            sums[6 * columns + column] += value(5, column)
        }
    }

    private mutating func closeBlock() {
        for column in 0..<columns {
            let count = sums[3 * columns + column]
            if count > 0 {
                let shift = sums[columns + column] / count
                join(
                    column, count: count, mean: sums[column] + shift,
                    squares: max(0, sums[2 * columns + column] - sums[columns + column] * shift))
                sums[column] = means[column]
            }
            sums[columns + column] = 0
            sums[2 * columns + column] = 0
            sums[3 * columns + column] = 0
        }
        rowsInBlock = 0
    }

    private mutating func join(_ column: Int, count: Double, mean: Double, squares other: Double) {
        let total = counts[column] + count
        if counts[column] == 0 {
            means[column] = mean
            squares[column] = other
        } else {
            let distance = mean - means[column]
            squares[column] += other + distance * distance * counts[column] * count / total
            means[column] += distance * count / total
        }
        counts[column] = total
    }
}
