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
    ///   - readers: The ranks that train on it. Each reads a part of the rows, and all end with the same.
    public init(
        _ profiled: ProfiledTable, in table: any RandomAccessTable, blockRows: Int, validationSplit: Double = 0,
        requiresSplit: Bool = true, seed: UInt64 = 0, among readers: any TableReaders = SoleReader()
    ) throws(TableError) {
        let (schema, options) = (profiled.schema, profiled.options)
        let encoder = try RowEncoder(schema, of: table, readsTargets: true, keepsAllRows: false)
        let portions = TablePortions(rowCount: table.rowCount, columns: schema.featureCount)
        let rows = portions.rows(of: readers)

        let census = try ClassCensus(of: table, encoder, rows: rows, among: readers)
        guard census.rowCount > 0 else {
            throw TableError(
                .badData, file: table.name,
                "no row is left to train on: in every one the target or a feature is missing (see --missing)")
        }
        var notes = profiled.notes
        var sampling: HeldOutSampling?
        if validationSplit > 0 {
            sampling = HeldOutSampling(totals: census.totals, share: validationSplit, seed: seed)
            if sampling == nil {
                let reason = "\(census.rowCount) rows are too few to hold out a share of \(validationSplit)"
                guard !requiresSplit else { throw TableError(.badData, file: table.name, reason) }
                notes.append(reason + "; all of them train")
            }
        }
        sampling?.skip(census.before)

        var training = RowSet(rowCount: table.rowCount)
        var validation = RowSet(rowCount: table.rowCount)
        var classCounts = Array(repeating: 0, count: schema.target.classCount)
        var fingerprint = RowFingerprint(portions)
        var fitter = EncodingFitter(
            schema: schema, options: options, featuresAreBytes: table.knownRoles.featuresAreBytes, portions: portions,
            seed: seed)
        _ = try encoder.forEachRun(of: table, rows: rows) { samples throws(TableError) in
            var trains = Array(repeating: true, count: samples.rowCount)
            for row in 0..<samples.rowCount {
                let index = samples.splittingClass(row)
                trains[row] = !(sampling?.holdsOutNext(of: index) ?? false)
                if trains[row] {
                    training.insert(samples.tableRow(row))
                    if !classCounts.isEmpty { classCounts[index] += 1 }
                } else {
                    validation.insert(samples.tableRow(row))
                }
            }
            fingerprint.add(samples) { trains[$0] }
            fitter.add(samples) { trains[$0] }
        }
        fitter.gather(among: readers)
        try fingerprint.gather(among: readers, of: table, encoder)
        training.gather(among: readers, portions)

        let encoding = fitter.encoding()
        func streamed(_ members: RowSet) -> StreamedRows {
            StreamedRows(
                encoding: encoding, encoder: encoder, table: table, blockRows: blockRows, members: members,
                blockCounts: members.counts(rowCount: table.rowCount, blockRows: blockRows))
        }
        self.encoding = encoding
        self.training = streamed(training)
        if sampling == nil {
            self.validation = nil
        } else {
            validation.gather(among: readers, portions)
            self.validation = streamed(validation)
        }
        self.classCounts = readers.sum(classCounts)
        self.fingerprint = fingerprint.text
        self.notes = notes + fitter.notes + encoder.notes + encoder.notes(on: census.tally)
    }
}

extension TableEncoding {
    /// The rows of another table, to be read when they are needed.
    ///
    /// - Parameter readers: The ranks that need them: together they look once through the table.
    /// - Throws: `TableError` when the table does not fit the schema.
    public func streamedRows(
        of table: any RandomAccessTable, among readers: any TableReaders = SoleReader()
    ) throws(TableError) -> StreamedRows {
        try readers.check("\(table.rowCount) rows", of: table.name)
        let encoder = try RowEncoder(schema, of: table, readsTargets: true, keepsAllRows: false)
        let blockRows = try table.preferredBlockRows(encoder.selection, bytes: 1 << 20)
        let portions = TablePortions(rowCount: table.rowCount, columns: schema.featureCount)
        var known = RowSet(rowCount: table.rowCount)
        _ = try encoder.forEachRun(of: table, rows: portions.rows(of: readers)) { samples throws(TableError) in
            for row in 0..<samples.rowCount { known.insert(samples.tableRow(row)) }
        }
        known.gather(among: readers, portions)
        return StreamedRows(
            encoding: self, encoder: encoder, table: table, blockRows: blockRows, members: nil,
            blockCounts: known.counts(rowCount: table.rowCount, blockRows: blockRows))
    }
}

/// A first pass over a table: how many rows of every class have all that training needs.
private struct ClassCensus {
    /// The rows of every class; all rows as one where there are no classes.
    var totals: [Int]
    /// Those of them that stand before the rows of this rank.
    var before: [Int]
    /// What was odd about rows.
    var tally: EncodedRows.Tally

    var rowCount: Int { totals.reduce(0, +) }

    init(
        of table: any RandomAccessTable, _ encoder: RowEncoder, rows: Range<Int>, among readers: any TableReaders
    ) throws(TableError) {
        var own = Array(repeating: 0, count: encoder.splittingClassCount)
        tally = try encoder.forEachRun(of: table, rows: rows) { samples throws(TableError) in
            for (index, total) in samples.classTotals.enumerated() { own[index] += total }
        }
        tally = tally.gathered(among: readers)
        totals = own.map { _ in 0 }
        before = totals
        for (rank, counts) in readers.gather(own).enumerated() {
            if rank == readers.rank { before = totals }
            totals = zip(totals, counts).map(+)
        }
    }
}

extension RowEncoder {
    /// Calls `body` with those of some rows that have what training needs, a run at a time. Returns what was odd about
    /// rows.
    fileprivate func forEachRun(
        of table: any RandomAccessTable, rows some: Range<Int>, _ body: (Samples) throws(TableError) -> Void
    ) throws(TableError) -> EncodedRows.Tally {
        var tally = EncodedRows.Tally()
        let runRows = try table.preferredBlockRows(selection, bytes: 1 << 20)
        var rows = rows(capacity: min(runRows, some.count))
        var first = some.lowerBound
        while first < some.upperBound {
            // Runs end where what is stored together does.
            let end = min((first / runRows + 1) * runRows, some.upperBound)
            try encode(first..<end, of: table, into: &rows)
            tally.merge(rows.tally)
            try body(rows.samples())
            first = end
        }
        return tally
    }
}
