/// Count, range, mean and variance of columns, gathered piece by piece.
///
/// Within a piece the mean comes first and the squared distances from it second, both as loops along the rows that
/// the compiler vectorises; pieces are joined as Chan, Golub and LeVeque (1979) do. This is as accurate as updating
/// per value (Welford 1962) and needs no division per value.
struct HDF5Moments {
    let width: Int
    /// Whether every value is whole, so that it need not be looked at.
    let isWhole: Bool
    private var rowCount = 0
    private var counts: [Int]
    private var wholes: [Int]
    private var smallest: [Float]
    private var largest: [Float]
    private var means: [Double]
    private var squares: [Double]

    init(width: Int, isWhole: Bool) {
        self.width = width
        self.isWhole = isWhole
        counts = [Int](repeating: 0, count: width)
        wholes = counts
        smallest = [Float](repeating: .infinity, count: width)
        largest = [Float](repeating: -.infinity, count: width)
        means = [Double](repeating: 0, count: width)
        squares = means
    }

    /// Takes the first and only piece: whole rows, NaN where a value is missing.
    mutating func add(_ piece: UnsafeBufferPointer<Float>) {
        guard !piece.isEmpty else { return }
        rowCount = piece.count / width
        var hasMissing = false
        // Without branches, so that it runs several values at a time.
        for value in piece { hasMissing = hasMissing || value != value }
        if hasMissing {
            takeSparse(piece)
        } else {
            takeDense(piece)
        }
    }

    /// What was learned of a column.
    func profile(of column: Int, name: String, levels: [String: Int]?) -> ColumnProfile {
        let count = counts[column]
        return ColumnProfile(
            name: name, missingCount: rowCount - count, numberCount: count,
            integerCount: isWhole ? count : wholes[column], levels: levels,
            range: count > 0 ? Double(smallest[column])...Double(largest[column]) : nil, mean: means[column],
            variance: count > 0 ? squares[column] / Double(count) : 0)
    }

    /// Adds what was learned of the rows that follow.
    mutating func merge(_ part: HDF5Moments) {
        rowCount += part.rowCount
        for column in 0..<width where part.counts[column] > 0 {
            let count = counts[column]
            let distance = part.means[column] - means[column]
            let share = Double(part.counts[column]) / Double(count + part.counts[column])
            squares[column] += part.squares[column] + distance * distance * Double(count) * share
            means[column] += distance * share
            counts[column] += part.counts[column]
            wholes[column] += part.wholes[column]
            smallest[column] = min(smallest[column], part.smallest[column])
            largest[column] = max(largest[column], part.largest[column])
        }
    }

    // MARK: Other ranks

    /// As numbers, for other ranks. Counts are exact below 2^53.
    var values: [Double] {
        [Double(rowCount)] + counts.map(Double.init) + wholes.map(Double.init) + smallest.map(Double.init)
            + largest.map(Double.init) + means + squares
    }

    /// From the `values` of another rank.
    init(width: Int, isWhole: Bool, values: [Double]) {
        precondition(values.count == 1 + 6 * width, "Other columns have other moments")
        func column(_ index: Int) -> ArraySlice<Double> { values[1 + index * width..<1 + (index + 1) * width] }
        self.width = width
        self.isWhole = isWhole
        rowCount = Int(values[0])
        counts = column(0).map { Int($0) }
        wholes = column(1).map { Int($0) }
        smallest = column(2).map { Float($0) }
        largest = column(3).map { Float($0) }
        means = Array(column(4))
        squares = Array(column(5))
    }
}

// MARK: - One piece

extension HDF5Moments {
    /// Without missing values: no branch in the loops.
    private mutating func takeDense(_ piece: UnsafeBufferPointer<Float>) {
        let width = width
        let rows = piece.count / width
        counts.withUnsafeMutableBufferPointer { $0.update(repeating: rows) }
        Self.sums(piece, width, &means, &smallest, &largest)
        for column in 0..<width { means[column] /= Double(rows) }
        Self.squares(piece, width, means, &squares)
        guard !isWhole else { return }
        wholes.withUnsafeMutableBufferPointer { wholes in
            guard let wholes = wholes.baseAddress, var row = piece.baseAddress else { return }
            for _ in 0..<rows {
                for column in 0..<width { wholes[column] &+= Self.isWhole(row[column]) ? 1 : 0 }
                row += width
            }
        }
    }

    private static func sums(
        _ piece: UnsafeBufferPointer<Float>, _ width: Int, _ sums: inout [Double], _ smallest: inout [Float],
        _ largest: inout [Float]
    ) {
        sums.withUnsafeMutableBufferPointer { sums in
            smallest.withUnsafeMutableBufferPointer { smallest in
                largest.withUnsafeMutableBufferPointer { largest in
                    // Pointers, which the compiler need not check, and so several columns at a time.
                    guard let sums = sums.baseAddress, let smallest = smallest.baseAddress,
                        let largest = largest.baseAddress, var row = piece.baseAddress
                    else { return }
                    for _ in 0..<piece.count / width {
                        for column in 0..<width {
                            let value = row[column]
                            sums[column] += Double(value)
                            smallest[column] = value < smallest[column] ? value : smallest[column]
                            largest[column] = value > largest[column] ? value : largest[column]
                        }
                        row += width
                    }
                }
            }
        }
    }

    private static func squares(
        _ piece: UnsafeBufferPointer<Float>, _ width: Int, _ means: [Double], _ squares: inout [Double]
    ) {
        squares.withUnsafeMutableBufferPointer { squares in
            means.withUnsafeBufferPointer { means in
                guard let squares = squares.baseAddress, let means = means.baseAddress, var row = piece.baseAddress
                else { return }
                for _ in 0..<piece.count / width {
                    for column in 0..<width {
                        let distance = Double(row[column]) - means[column]
                        squares[column] += distance * distance
                    }
                    row += width
                }
            }
        }
    }

    private mutating func takeSparse(_ piece: UnsafeBufferPointer<Float>) {
        for column in 0..<width {
            for index in stride(from: column, to: piece.count, by: width) where !piece[index].isNaN {
                let value = piece[index]
                counts[column] += 1
                means[column] += Double(value)
                smallest[column] = min(smallest[column], value)
                largest[column] = max(largest[column], value)
                if !isWhole && Self.isWhole(value) { wholes[column] += 1 }
            }
            guard counts[column] > 0 else { continue }
            means[column] /= Double(counts[column])
            for index in stride(from: column, to: piece.count, by: width) where !piece[index].isNaN {
                let distance = Double(piece[index]) - means[column]
                squares[column] += distance * distance
            }
        }
    }

    /// Adding 2^23 rounds a smaller number to a whole one; a larger one is whole. Unlike `rounded`, no call.
    @inline(__always)
    private static func isWhole(_ value: Float) -> Bool {
        let magnitude = value.magnitude
        return magnitude >= 0x1p23 || (magnitude + 0x1p23) - 0x1p23 == magnitude
    }
}
