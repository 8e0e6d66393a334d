internal import Dispatch
internal import LinearAlgebra

/// The scores by which classes are ranked, for the areas under their ROC curves, in memory that does not grow with the rows.
///
/// Up to `keptScores` of them are kept, and the areas are exact. Of more, the positives and the negatives of every bucket
/// of scores are counted, and all in a bucket are taken for equal: with p of P positives and n of N negatives in each,
/// an area is wrong by at most Σ p n / (2 P N). A bucket holds the floats whose leading bits are equal, in the order of the
/// numbers: sign, exponent and, of up to 16 columns, nine bits of the significand. So no range has to be known. A
/// probability s counts as s / (1 - s), which tells those near 1 apart as finely as those near 0.
///
/// Which of the two it is depends on the number of scores alone. A NaN ranks above all numbers, and equals other NaNs.
struct RankedScores: Sendable {
    static let keptScores = 1 << 22
    /// The most bytes that counts take.
    private static let countBytes = 64 << 20
    private static let mostBits = 18

    let columns: Int
    private let areProbabilities: Bool
    private let limit: Int
    private let roundRows: Int
    /// Columns x `keptRows`: the place of a score among the floats, and in the lowest bit whether it is a positive's.
    private var kept: SharedBuffer<Int64>
    private var keptRows = 0
    /// Every bucket's negatives, and its positives after them; `nil` while all are kept.
    private(set) var counted: SharedCounts?

    /// - Parameter limit: The most scores that are kept.
    init(columns: Int, areProbabilities: Bool, roundRows: Int, limit: Int = keptScores) {
        self.columns = columns
        self.areProbabilities = areProbabilities
        self.roundRows = roundRows
        self.limit = limit
        kept = SharedBuffer(count: 0)
    }

    /// The leading bits that tell buckets apart.
    private static func bits(columns: Int) -> Int {
        let buckets = countBytes / (16 * max(1, columns))
        return min(mostBits, max(0, Int.bitWidth - 1 - max(1, buckets).leadingZeroBitCount))
    }

    /// The most bytes that they take. Whoever sorts a column needs room for half of it.
    static func memory(rows: Int, columns: Int, roundRows: Int, workers: Int) -> Int {
        if rows <= keptScores / max(1, columns) { return rows * (8 * columns + 4 * min(workers, columns)) }
        return SharedCounts.memory(columns: columns, width: 2 << bits(columns: columns), roundRows: roundRows)
    }

    /// Makes room for rows to come.
    ///
    /// - Parameters:
    ///   - rows: All rows that there will be.
    ///   - known: Those of them that were put before, the first ones.
    mutating func reserve(rows: Int, known: Int) {
        guard counted == nil else { return }
        guard rows * columns > limit else {
            if rows > keptRows {
                let larger = known == 0 ? rows : min(max(rows, 2 * keptRows), limit / columns)
                let grown = SharedBuffer<Int64>(count: columns * larger)
                for column in 0..<columns {
                    (grown.base + column * larger).update(from: kept.base + column * keptRows, count: known)
                }
                kept = grown
                keptRows = larger
            }
            return
        }
        let counted = SharedCounts(
            columns: columns, width: 2 << Self.bits(columns: columns), roundRows: roundRows)
        for column in 0..<columns {
            let counts = counted.counts.base + column * counted.width
            for row in 0..<known {
                let entry = kept.base[column * keptRows + row]
                let score = score(at: UInt32(entry >> 1))
                let bucket = bucket(of: score, isProbability: areProbabilities, shift: shift)
                counts[2 * bucket + Int(entry & 1)] += 1
            }
        }
        kept = SharedBuffer(count: 0)
        self.counted = counted
    }

    /// All that is counted or kept, where another rank has 0.
    var buffer: SharedBuffer<Int64> { counted?.counts ?? kept }

    // MARK: Rows

    /// Where the scores of a block's rows go. Memory alone: counting references in the loop over the rows would have workers
    /// wait for one another.
    struct Block {
        fileprivate let kept: UnsafeMutablePointer<Int64>?
        fileprivate let notes: UnsafeMutablePointer<UInt32>?
        /// From a column to the next.
        fileprivate let stride: Int
        fileprivate let shift: UInt32
        fileprivate let areProbabilities: Bool

        func put(_ score: Float, isPositive: Bool, row: Int, column: Int) {
            let index = column * stride + row
            let answer = isPositive ? 1 : 0
            if let kept {
                kept[index] = Int64(place(of: score)) << 1 | Int64(answer)
            } else if let notes {
                notes[index] = UInt32(2 * bucket(of: score, isProbability: areProbabilities, shift: shift) + answer)
            }
        }
    }

    /// - Parameters:
    ///   - place: The place of the block's first row among all.
    ///   - roundRow: Its place in the round.
    ///   - rows: How many the block has.
    func block(at place: Int, roundRow: Int, rows: Int) -> Block {
        guard let counted else {
            precondition(place + rows <= keptRows, "There is no room for \(rows) rows at \(place)")
            return Block(
                kept: kept.base + place, notes: nil, stride: keptRows, shift: 0, areProbabilities: areProbabilities)
        }
        return Block(
            kept: nil, notes: counted.notes(ofRows: roundRow..<roundRow + rows), stride: roundRows, shift: shift,
            areProbabilities: areProbabilities)
    }

    private var shift: UInt32 { UInt32(UInt32.bitWidth - Self.bits(columns: columns)) }

    // MARK: Areas

    /// The areas under the ROC curves of the columns, ties counting half (Mann and Whitney 1947); `nil` where all rows are
    /// positive or all negative. What is kept is sorted, and no rows can be put after that.
    ///
    /// - Parameter rows: The rows that were put.
    func areas(rows: Int, workers: Int) -> [Double?] {
        let areas = SharedBuffer<Double>(count: columns)
        let loop = PhasedLoop(repeating: [columns], repetitions: 1, last: [])
        loop.run(workers: min(workers, columns)) { _, _, column, _ in
            let area = counted.map { Self.area($0, column) } ?? area(ofKept: column, rows: rows)
            areas.base[column] = area ?? .nan
        }
        return areas.elements.map { $0.isNaN ? nil : $0 }
    }

    private func area(ofKept column: Int, rows: Int) -> Double? {
        var entries = UnsafeMutableBufferPointer(start: kept.base + column * keptRows, count: rows)
        entries.sort()
        var area = PairCount()
        var positives = 0
        var negatives = 0
        for row in 0..<rows {
            if entries[row] & 1 == 0 { negatives += 1 } else { positives += 1 }
            if row + 1 == rows || entries[row + 1] >> 1 != entries[row] >> 1 {
                area.add(positives: positives, negatives: negatives)
                (positives, negatives) = (0, 0)
            }
        }
        return area.share
    }

    private static func area(_ counted: SharedCounts, _ column: Int) -> Double? {
        var area = PairCount()
        let counts = counted.counts.base + column * counted.width
        for bucket in 0..<counted.width / 2 {
            area.add(positives: Int(counts[2 * bucket + 1]), negatives: Int(counts[2 * bucket]))
        }
        return area.share
    }
}

/// Counts the pairs of a positive and a negative that are in order, groups of equal scores coming from the lowest up.
private struct PairCount {
    private var positives = 0.0
    private var negatives = 0.0
    private var inOrder = 0.0

    mutating func add(positives own: Int, negatives others: Int) {
        inOrder += Double(own) * (negatives + Double(others) / 2)
        positives += Double(own)
        negatives += Double(others)
    }

    /// Of all pairs; `nil` where there are none.
    var share: Double? { positives > 0 && negatives > 0 ? inOrder / (positives * negatives) : nil }
}

private func bucket(of score: Float, isProbability: Bool, shift: UInt32) -> Int {
    Int(place(of: isProbability ? score / (1 - score) : score) >> shift)
}

/// The place of a number among all floats, from the least to the largest; both zeros have the same.
private func place(of score: Float) -> UInt32 {
    guard !score.isNaN else { return .max }
    let bits = (score + 0).bitPattern
    return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
}

private func score(at place: UInt32) -> Float {
    Float(bitPattern: place >> 31 == 0 ? ~place : place & 0x7FFF_FFFF)
}
