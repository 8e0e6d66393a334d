/// A table made ready for training: rows, the shares that train and validate, and the encoding fitted to the former.
public struct Table: Sendable {
    public let encoding: TableEncoding
    public let training: SampleSelection
    /// Rows held out; `nil` when none are.
    public let validation: SampleSelection?
    /// The rows of the table, with those that were left out.
    public let rowCount: Int
    /// Sixteen hexadecimal digits that change when the rows or the split do.
    public let fingerprint: String
    /// Sentences on what was decided for the user.
    public let notes: [String]

    /// Reads the table in a CSV or HDF5 file, all its rows to train on.
    ///
    ///     let table = try Table(contentsOf: "datasets/digits.csv", target: "label")
    public init(
        contentsOf path: String, target: String? = nil, validationSplit: Double = 0, seed: UInt64 = 0
    ) throws(TableError) {
        let options = SchemaOptions(targets: target.map { [ColumnPattern(name: $0)] } ?? [])
        try self.init(
            openTable([path]), options: options, validationSplit: validationSplit, seed: seed)
    }

    /// The numbers per row that a network takes.
    public var featureCount: Int { encoding.schema.featureCount }

    /// The classes of the target; 0 where it is not a class.
    public var classCount: Int { encoding.schema.target.classCount }

    /// Reads a table, resolves its schema, holds rows out and fits the encoding to the rest.
    ///
    /// - Parameters:
    ///   - validationSplit: The share of the rows to hold out, stratified for classification.
    ///   - requiresSplit: Whether too few rows to hold any out are an error, or only worth a note.
    ///   - seed: Decides which.
    public init(
        _ source: any TableSource, options: SchemaOptions, validationSplit: Double = 0, requiresSplit: Bool = true,
        seed: UInt64 = 0
    ) throws(TableError) {
        try self.init(
            ProfiledTable(source, options: options), validationSplit: validationSplit, requiresSplit: requiresSplit,
            seed: seed)
    }

    /// Reads a table whose schema is resolved.
    ///
    /// - Parameter readers: The ranks that train on it. Where rows can be read in any order, each reads a part of them, and
    ///   all end with all; else each reads all.
    public init(
        _ table: ProfiledTable, validationSplit: Double = 0, requiresSplit: Bool = true, seed: UInt64 = 0,
        among readers: any TableReaders = SoleReader()
    ) throws(TableError) {
        let (source, schema, options) = (table.source, table.schema, table.options)
        let shared = table.rows as? any RandomAccessTable
        let readers = shared == nil ? SoleReader() : readers
        let encoder = try RowEncoder(schema, of: table.rows, readsTargets: true, keepsAllRows: false)
        let (samples, encodingNotes) = try encoder.samples(
            of: table.rows, rowCount: table.rowCount, among: readers)
        guard samples.rowCount > 0 else {
            throw TableError(
                .badData, file: source.name,
                "no row is left to train on: in every one the target or a feature is missing (see --missing)")
        }
        let split = validationSplit > 0 ? Split(samples, share: validationSplit, seed: seed) : nil
        var splitNotes: [String] = []
        if validationSplit > 0, split == nil {
            let reason = "\(samples.rowCount) rows are too few to hold out a share of \(validationSplit)"
            guard !requiresSplit else { throw TableError(.badData, file: source.name, reason) }
            splitNotes.append(reason + "; all of them train")
        }
        let portions = TablePortions(rowCount: table.rowCount, columns: schema.featureCount)
        var fitter = EncodingFitter(
            schema: schema, options: options, featuresAreBytes: source.knownRoles.featuresAreBytes, portions: portions,
            seed: seed)
        var fingerprint = RowFingerprint(portions)
        var trains = Array(repeating: true, count: samples.rowCount)
        for row in split?.validation ?? [] { trains[Int(row)] = false }
        let own = readers.rankCount == 1 ? nil : samples.rows(within: portions.rows(of: readers))
        fitter.add(samples, rows: own) { trains[$0] }
        fingerprint.add(samples, rows: own) { trains[$0] }
        fitter.gather(among: readers)
        if let shared { try fingerprint.gather(among: readers, of: shared, encoder) }
        self.fingerprint = fingerprint.text
        rowCount = table.rowCount
        let encoding = fitter.encoding()
        encoding.scale(samples)
        self.encoding = encoding
        training = SampleSelection(samples, rows: split?.training)
        validation = split.map { SampleSelection(samples, rows: $0.validation) }
        notes = table.notes + splitNotes + fitter.notes + encodingNotes
    }
}
