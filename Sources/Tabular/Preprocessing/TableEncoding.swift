internal import LinearAlgebra

/// Everything needed to turn raw rows into what a network takes, and its outputs back: fitted once, stored in the model.
public struct TableEncoding: Sendable, Hashable, Codable {
    public var schema: Schema
    public var scaling: FeatureScaling
    /// Targets are (t - mean) / deviation while training; 0 and 1 where they are not scaled.
    public var targetMeans: [Double]
    public var targetDeviations: [Double]

    public init(
        schema: Schema, scaling: FeatureScaling, targetMeans: [Double]? = nil, targetDeviations: [Double]? = nil
    ) {
        var values = 0
        if case .values(let columns) = schema.target { values = columns.count }
        self.schema = schema
        self.scaling = scaling
        self.targetMeans = targetMeans ?? Array(repeating: 0, count: values)
        self.targetDeviations = targetDeviations ?? Array(repeating: 1, count: values)
    }

    /// The outputs that a network needs: one per class, question or value.
    public var outputCount: Int {
        switch schema.target {
        case .classes(_, let labels): labels.count
        case .labels(let columns), .values(let columns): columns.count
        }
    }

    /// Rows of a table, encoded.
    ///
    /// - Parameters:
    ///   - targets: Whether the target columns are read too.
    ///   - readers: The ranks that need the rows: each reads some where they can be read in any order, and all get all.
    /// - Returns: the samples, and sentences on what was odd about the rows.
    /// - Throws: `TableError` when the table does not fit the schema.
    public func samples(
        of source: any TableSource, targets: Bool, among readers: any TableReaders = SoleReader()
    ) throws(TableError) -> (samples: Samples, notes: [String]) {
        let encoder = try encoder(of: source, targets: targets)
        let (samples, notes) = try encoder.samples(of: source, among: readers)
        scale(samples)
        return (samples, notes)
    }

    /// What encodes the rows of another table than the one trained on: with targets those that have one, else all.
    ///
    /// - Throws: `TableError` when the table does not fit the schema.
    func encoder(of source: any TableSource, targets: Bool) throws(TableError) -> RowEncoder {
        try RowEncoder(
            schema, of: source, readsTargets: targets, keepsAllRows: !targets, trained: scaling)
    }

    /// Fills in and scales the features of encoded rows, and scales their targets, in place.
    func scale(_ samples: Samples) {
        scaling.apply(samples.features, rows: samples.rowCount)
        scaleTargets(samples)
    }

    private func scaleTargets(_ samples: Samples) {
        guard case .values(let values, let columns) = samples.targets, !targetMeans.isEmpty else { return }
        for row in 0..<samples.rowCount {
            for column in 0..<columns {
                let index = row * columns + column
                values.base[index] = Float(
                    (Double(values.base[index]) - targetMeans[column]) / targetDeviations[column])
            }
        }
    }
}
