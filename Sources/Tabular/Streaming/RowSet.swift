internal import LinearAlgebra

/// Some of the rows of a table: a bit for each, so that the rows of a large table that train can be kept in mind.
struct RowSet: Sendable, Hashable {
    private var words: [UInt64]

    /// No row of `rowCount`.
    init(rowCount: Int) {
        words = Array(repeating: 0, count: (rowCount + 63) / 64)
    }

    func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    /// How many of some rows of the table are in it.
    func count(in rows: Range<Int>) -> Int {
        guard !rows.isEmpty else { return 0 }
        let (first, last) = (rows.lowerBound >> 6, (rows.upperBound - 1) >> 6)
        return (first...last).reduce(0) { count, index in
            var word = words[index]
            if index == first { word &= .max << UInt64(rows.lowerBound & 63) }
            if index == last { word &= .max >> UInt64(63 - (rows.upperBound - 1) & 63) }
            return count + word.nonzeroBitCount
        }
    }

    /// How many of the rows of every block are in it.
    func counts(rowCount: Int, blockRows: Int) -> [Int] {
        stride(from: 0, to: rowCount, by: blockRows).map { count(in: $0..<min($0 + blockRows, rowCount)) }
    }

    /// Adds the rows of other ranks, each of which has decided on other portions.
    mutating func gather(among readers: any TableReaders, _ portions: TablePortions) {
        guard readers.rankCount > 1 else { return }
        let all = SharedBuffer(words)
        words = []
        readers.share(
            all,
            parts: (0..<readers.rankCount).map { rank in
                // Portions begin where words do.
                let rows = portions.rows(ofRank: rank, of: readers.rankCount)
                return rows.isEmpty ? 0..<0 : rows.lowerBound >> 6..<(rows.upperBound + 63) >> 6
            })
        words = all.elements
    }
}
