/// Some consecutive rows of a table, encoded.
package struct EncodedPart: Sendable {
    /// The position of the first among the rows that were encoded.
    package let firstRow: Int
    package let samples: Samples
    /// The texts of columns that are passed on, a list for each, empty where a value is missing.
    package let kept: [[String]]
}

extension TableEncoding {
    /// Reads a table whatever its size, and hands out its rows encoded, `partRows` at a time; the last part has fewer.
    ///
    /// - Parameters:
    ///   - targets: Whether the target columns are read too; rows without a target are then left out.
    ///   - columns: Columns whose texts come with the rows; without targets only.
    ///   - body: Returns whether to go on.
    /// - Returns: sentences on what was odd about the rows.
    /// - Throws: `TableError` when the table does not fit the schema.
    package func forEachPart(
        of source: any TableSource, targets: Bool, partRows: Int, keeping columns: [Int] = [],
        _ body: (EncodedPart) throws(TableError) -> Bool
    ) throws(TableError) -> [String] {
        precondition(columns.isEmpty || !targets, "Texts are kept of all rows, or of none")
        let encoder = try encoder(of: source, targets: targets)
        var selection = encoder.selection
        let firstKept = selection.text.count
        selection.text += columns.map { .init(column: $0, isPerChunk: true) }
        var rows = encoder.rows(capacity: partRows)
        var kept = columns.map { _ in [String]() }
        var tally = EncodedRows.Tally()
        var firstRow = 0
        var isWanted = true
        let stop = TableError(.inputOutput, file: source.name, "nobody reads on")

        func handOut() throws(TableError) {
            tally.merge(rows.tally)
            let samples = rows.samples()
            scale(samples)
            isWanted = try body(EncodedPart(firstRow: firstRow, samples: samples, kept: kept))
            guard isWanted else { throw stop }
            firstRow += samples.rowCount
            rows = encoder.rows(capacity: partRows)
            kept = columns.map { _ in [] }
        }
        do throws(TableError) {
            try source.read(selection) { (chunk: borrowing RowChunk) throws(TableError) in
                var done = 0
                while done < chunk.rowCount {
                    let some = done..<min(chunk.rowCount, done + partRows - rows.rowCount)
                    try encoder.encode(chunk, rows: some, into: &rows)
                    for index in columns.indices {
                        let (width, column) = (chunk.levels.count, firstKept + index)
                        for row in some {
                            let code = chunk.codes[row * width + column]
                            kept[index].append(code < 0 ? "" : chunk.levels[column][Int(code)])
                        }
                    }
                    done = some.upperBound
                    if rows.rowCount == partRows { try handOut() }
                }
            }
            if rows.rowCount > 0 { try handOut() } else { tally.merge(rows.tally) }
        } catch {
            if isWanted { throw error }
        }
        return encoder.notes + encoder.notes(on: tally)
    }
}
