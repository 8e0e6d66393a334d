/// Some of the rows of a table: a bit for each, so that the rows of a large table that train can be kept in mind.
struct RowSet: Sendable, Hashable {
    private var words: [UInt64]

    /// No row of `rowCount`.
    init(rowCount: Int) {
        words = Array(repeating: 0, count: (rowCount + 63) / 64)
    }

    func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }
}
