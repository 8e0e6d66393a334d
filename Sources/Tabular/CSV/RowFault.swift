/// Why a row cannot be taken: a value breaks its column's type.
struct RowFault: Error {
    /// Line ends before it in its text.
    var line: Int
    var column: String
    /// What was expected and what was found.
    var reason: String
    var advice: String
}

/// A row that is put aside.
struct RejectedRow: Sendable {
    /// Its place among the rows of its text; `nil` where it was never counted as one.
    var row: Int?
    /// Line ends before it in its text.
    var line: Int
    var column: String?
    var reason: String
    /// The row as it is written.
    var text: String
}

extension ParsedText {
    /// Takes out what was stored of the rows that are put aside.
    mutating func removeRejectedRows(of request: CSVRequest) {
        let rows = rejected.compactMap(\.row)
        guard !rows.isEmpty else { return }
        numbers.remove(rows, width: request.numbers.count)
        doubles.remove(rows, width: request.exact.count)
        times.remove(rows, width: request.times.count)
        for index in texts.indices where !texts[index].codes.isEmpty { texts[index].codes.remove(rows, width: 1) }
        rowCount -= rows.count
    }
}

extension Array {
    /// Removes rows, which ascend, of so many elements each.
    fileprivate mutating func remove(_ rows: [Int], width: Int) {
        guard width > 0, let first = rows.first else { return }
        var end = first * width
        for (index, row) in rows.enumerated() {
            let next = index + 1 < rows.count ? rows[index + 1] * width : count
            for position in (row + 1) * width..<next {
                self[end] = self[position]
                end += 1
            }
        }
        removeLast(count - end)
    }
}
