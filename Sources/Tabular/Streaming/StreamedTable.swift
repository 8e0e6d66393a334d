/// A table made ready for training that stays on disk: the encoding fitted to the rows that train, and which these are.
///
/// Everything is as for a `Table` in memory, to the bit; what it keeps in memory is two bits for each row.
public struct StreamedTable: Sendable {
    public let encoding: TableEncoding
    public let training: StreamedRows
    /// Rows held out; `nil` when none are.
    public let validation: StreamedRows?
    /// The rows of every class that train; empty where the target is not a class.
    public let classCounts: [Int]
    /// Sixteen hexadecimal digits that change when the rows or the split do.
    public let fingerprint: String
    /// Sentences on what was decided for the user.
    public let notes: [String]

    /// Reads a table twice from its first row to its last: how many rows of every class have all that training needs, and
    /// the statistics of those that train.
    ///
    /// - Parameters:
    ///   - blockRows: The rows that stay together when the order of blocks is drawn.
    ///   - validationSplit: The share of the rows to hold out, stratified for classification.
    ///   - requiresSplit: Whether too few rows to hold any out are an error, or only worth a note.
    ///   - seed: Decides which.
    public init(
        _ profiled: ProfiledTable, in table: any RandomAccessTable, blockRows: Int, validationSplit: Double = 0,
        requiresSplit: Bool = true, seed: UInt64 = 0
    ) throws(TableError) {
        let (schema, options) = (profiled.schema, profiled.options)
        let encoder = try RowEncoder(schema, of: table, readsTargets: true, keepsAllRows: false)
        let blockCount = (table.rowCount + blockRows - 1) / blockRows

        var totals = Array(repeating: 0, count: max(1, schema.target.classCount))
        var count = 0
        let tally = try encoder.forEachRun(of: table) { samples throws(TableError) in
            for (index, total) in samples.classTotals.enumerated() { totals[index] += total }
            count += samples.rowCount
        }
        guard count > 0 else {
            throw TableError(
                .badData, file: table.name,
                "no row is left to train on: in every one the target or a feature is missing (see --missing)")
        }
        var notes = profiled.notes
        var sampling: HeldOutSampling?
        if validationSplit > 0 {
            sampling = HeldOutSampling(totals: totals, share: validationSplit, seed: seed)
            if sampling == nil {
                let reason = "\(count) rows are too few to hold out a share of \(validationSplit)"
                guard !requiresSplit else { throw TableError(.badData, file: table.name, reason) }
                notes.append(reason + "; all of them train")
            }
        }

        var training = RowSet(rowCount: table.rowCount)
        var validation = RowSet(rowCount: table.rowCount)
        var trainingCounts = Array(repeating: 0, count: blockCount)
        var validationCounts = trainingCounts
        var classCounts = Array(repeating: 0, count: schema.target.classCount)
        var fingerprint = RowFingerprint()
        var fitter = EncodingFitter(
            schema: schema, options: options, featuresAreBytes: table.knownRoles.featuresAreBytes, seed: seed)
        var firstRow = 0
        _ = try encoder.forEachRun(of: table) { samples throws(TableError) in
            fingerprint.add(samples)
            var trains = Array(repeating: true, count: samples.rowCount)
            for row in 0..<samples.rowCount {
                let tableRow = samples.tableRow(row)
                let block = tableRow / blockRows
                let index = samples.splittingClass(row)
                trains[row] = !(sampling?.holdsOutNext(of: index) ?? false)
                fingerprint.add(isTraining: trains[row])
                if trains[row] {
                    training.insert(tableRow)
                    trainingCounts[block] += 1
                    if !classCounts.isEmpty { classCounts[index] += 1 }
                } else {
                    validation.insert(tableRow)
                    validationCounts[block] += 1
                }
            }
            fitter.add(samples) { trains[$0 - firstRow] }
            firstRow += samples.rowCount
        }
        let encoding = fitter.encoding()
        self.encoding = encoding
        self.training = StreamedRows(
            encoding: encoding, encoder: encoder, table: table, blockRows: blockRows, members: training,
            blockCounts: trainingCounts)
        self.validation =
            sampling == nil
            ? nil
            : StreamedRows(
                encoding: encoding, encoder: encoder, table: table, blockRows: blockRows, members: validation,
                blockCounts: validationCounts)
        self.classCounts = classCounts
        self.fingerprint = fingerprint.text
        self.notes = notes + fitter.notes + encoder.notes + encoder.notes(on: tally)
    }
}

extension TableEncoding {
    /// The rows of another table, to be read when they are needed.
    ///
    /// - Throws: `TableError` when the table does not fit the schema.
    public func streamedRows(of table: any RandomAccessTable) throws(TableError) -> StreamedRows {
        let encoder = try RowEncoder(schema, of: table, readsTargets: true, keepsAllRows: false)
        let blockRows = try table.preferredBlockRows(encoder.selection, bytes: 1 << 20)
        var counts = Array(repeating: 0, count: (table.rowCount + blockRows - 1) / blockRows)
        _ = try encoder.forEachRun(of: table) { samples throws(TableError) in
            for row in 0..<samples.rowCount { counts[samples.tableRow(row) / blockRows] += 1 }
        }
        return StreamedRows(
            encoding: self, encoder: encoder, table: table, blockRows: blockRows, members: nil, blockCounts: counts)
    }
}

extension RowEncoder {
    /// Calls `body` with all rows that have what training needs, some at a time. Returns what was odd about rows.
    fileprivate func forEachRun(
        of table: any RandomAccessTable, _ body: (Samples) throws(TableError) -> Void
    ) throws(TableError) -> EncodedRows.Tally {
        var tally = EncodedRows.Tally()
        let runRows = try table.preferredBlockRows(selection, bytes: 1 << 20)
        var rows = rows(capacity: min(runRows, table.rowCount))
        for first in stride(from: 0, to: table.rowCount, by: runRows) {
            try encode(first..<min(first + runRows, table.rowCount), of: table, into: &rows)
            tally.merge(rows.tally)
            try body(rows.samples())
        }
        return tally
    }

    /// Some rows of a table, in place of those that are there.
    func encode(
        _ range: Range<Int>, of table: any RandomAccessTable, into rows: inout EncodedRows
    ) throws(TableError) {
        rows.removeAll()
        try table.read(selection, rows: range) { (chunk: borrowing RowChunk) throws(TableError) in
            try encode(chunk, into: &rows)
        }
    }
}
