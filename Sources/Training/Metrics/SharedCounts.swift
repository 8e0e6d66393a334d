internal import LinearAlgebra

/// Counts that all workers raise, without a copy for each of them and without waiting for one another: whoever computes a
/// row notes which count of each column it raises, and when a round of rows is complete, one worker for each column raises
/// them.
struct SharedCounts: Sendable {
    let columns: Int
    /// The counts of a column.
    let width: Int
    /// Columns x width.
    let counts: SharedBuffer<Int64>
    /// Columns x rows of a round.
    private let notes: SharedBuffer<UInt32>
    private let roundRows: Int

    init(columns: Int, width: Int, roundRows: Int) {
        precondition(width <= Int(UInt32.max), "There cannot be \(width) counts in a column")
        self.columns = columns
        self.width = width
        self.roundRows = roundRows
        counts = SharedBuffer(count: columns * width)
        notes = SharedBuffer(count: columns * roundRows)
    }

    /// The bytes that they take.
    static func memory(columns: Int, width: Int, roundRows: Int) -> Int { columns * (8 * width + 4 * roundRows) }

    /// Where rows of a round note the count that they raise in the first column: one behind the other. Notes on the next
    /// column stand `roundRows` further on.
    func notes(ofRows rows: Range<Int>) -> UnsafeMutablePointer<UInt32> {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= roundRows, "A round has \(roundRows) rows")
        return notes.base + rows.lowerBound
    }

    /// Raises what the rows of a round have noted for a column.
    func raise(column: Int, rows: Range<Int>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= roundRows, "A round has \(roundRows) rows")
        let notes = notes.base + column * roundRows
        let counts = counts.base + column * width
        for row in rows { counts[Int(notes[row])] += 1 }
    }
}
