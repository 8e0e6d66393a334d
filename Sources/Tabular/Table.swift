/// A table made ready for training: rows, the shares that train and validate, and the encoding fitted to the former.
public struct Table: Sendable {
    public let encoding: TableEncoding
    public let training: SampleSelection
    /// Rows held out; `nil` when none are.
    public let validation: SampleSelection?
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
    public var classCount: Int {
        if case .classes(_, let labels) = encoding.schema.target { labels.count } else { 0 }
    }

    /// Rows that take no more memory are parsed once: the values that the first pass met are kept for the second.
    private static let keptBytes = 1 << 30

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
        let (profile, rows) = try source.profile(keepingUpTo: Self.keptBytes)
        let (schema, schemaNotes) = try Schema.resolve(profile, of: source, options: options)
        let encoder = try RowEncoder(schema, of: rows, readsTargets: true, keepsAllRows: false)
        let (samples, encodingNotes) = try encoder.samples(of: rows, rowCount: profile.rowCount)
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
        var fitter = EncodingFitter(
            schema: schema, options: options, featuresAreBytes: source.knownRoles.featuresAreBytes, seed: seed)
        if let split {
            var trains = Array(repeating: false, count: samples.rowCount)
            for row in split.training { trains[Int(row)] = true }
            fitter.add(samples) { trains[$0] }
        } else {
            fitter.add(samples) { _ in true }
        }
        let encoding = fitter.encoding()
        encoding.scale(samples)
        self.encoding = encoding
        training = SampleSelection(samples, rows: split?.training)
        validation = split.map { SampleSelection(samples, rows: $0.validation) }
        notes = source.notes + schemaNotes + splitNotes + fitter.notes + encodingNotes
    }
}
