/// Which rows of a window are kept in memory, and in which order they are visited there.
struct WindowVisits {
    /// By position in the visiting order: the row among those kept, or among all where all are; `nil`: as they lie. Visits to
    /// rows that are not needed name any.
    let order: [UInt32]?
    /// The rows to keep, as they lie in the window before it is shuffled; `nil`: all.
    let needed: RowSet?
    let neededCount: Int

    /// - Parameters:
    ///   - order: The order in which the rows of the window are visited; `nil`: as they lie.
    ///   - needed: The visits that are needed; `nil`: all.
    init(_ order: [UInt32]?, count: Int, needed visits: [Range<Int>]?) {
        guard let visits else {
            self.order = order
            needed = nil
            neededCount = count
            return
        }
        var needed = RowSet(rowCount: count)
        for visit in visits.joined() { needed.insert(order.map { Int($0[visit]) } ?? visit) }
        // Rows are kept as they lie, so that they are read from front to back.
        var place = Array(repeating: UInt32(0), count: count)
        var kept: UInt32 = 0
        for row in 0..<count where needed.contains(row) {
            place[row] = kept
            kept += 1
        }
        self.order = (0..<count).map { visit in place[order.map { Int($0[visit]) } ?? visit] }
        self.needed = needed
        neededCount = Int(kept)
    }
}
