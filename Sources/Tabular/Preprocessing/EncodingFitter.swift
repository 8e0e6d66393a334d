internal import LinearAlgebra

/// Stand-in until the streaming one is merged.
struct EncodingFitter {
    private let schema: Schema
    private let options: SchemaOptions
    private let featuresAreBytes: Bool
    private var features: [Float] = []
    private var values: [Float] = []
    private var rows: [UInt32] = []
    private var count = 0
    private(set) var notes: [String] = []

    init(schema: Schema, options: SchemaOptions, featuresAreBytes: Bool, rowCount: Int, seed: UInt64) {
        self.schema = schema
        self.options = options
        self.featuresAreBytes = featuresAreBytes
    }

    mutating func add(_ samples: Samples, isTraining: (Int) -> Bool) {
        features += samples.features.elements
        if case .values(let own, _) = samples.targets { values += own.elements }
        for row in 0..<samples.rowCount {
            if isTraining(row) { rows.append(UInt32(count)) }
            count += 1
        }
    }

    func encoding() -> TableEncoding {
        let isNumber = schema.features.flatMap { feature in
            Array(repeating: feature.kind == .number, count: feature.width)
        }
        var scale = options.scale
        if scale == .auto { scale = featuresAreBytes ? .bytes : .standard }
        let all = rows.count == count
        let scaling = FeatureScaling(
            SharedBuffer(features), isNumber: isNumber, rows: all ? nil : rows, rowCount: count, missing: options.missing,
            scale: scale)
        var encoding = TableEncoding(schema: schema, scaling: scaling)
        if case .values(let columns) = schema.target, options.targetScale == .standard {
            let moments = ColumnMoments(SharedBuffer(values), columns: columns.count, rows: all ? nil : rows, rowCount: count)
            encoding.targetMeans = moments.means
            encoding.targetDeviations = moments.deviations.map { $0 > 0 ? $0 : 1 }
        }
        return encoding
    }
}
