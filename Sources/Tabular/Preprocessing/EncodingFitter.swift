internal import LinearAlgebra

/// Learns from the rows that train how inputs and targets are scaled and missing values filled in, in one pass.
///
/// Rows come in the order of the table, encoded but not scaled, in runs of any length: the encoding is the same to the
/// bit however they are cut, and whichever portions of the table several ranks take. Means and deviations are exact. Medians, quartiles and quantiles are exact up to 131,072
/// training rows (fewer where more than 512 columns need them), and those of a uniform sample of as many rows beyond; see
/// `RowSample` for how far they may be off.
struct EncodingFitter: Sendable {
    private let schema: Schema
    private let missing: SchemaOptions.Missing
    private let scale: SchemaOptions.Scale
    private let scalesTargets: Bool
    private let scaleNotes: [String]

    /// The inputs that are numbers; levels are 0 or 1 and stay so.
    private let numbers: [Int]
    /// Those of them that are parts of dates, for which no constant can stand.
    private let parts: Set<Int>
    private let portions: TablePortions
    /// The portion from which rows come, and what they taught so far.
    private var portion: Int?
    private var moments: ColumnMoments
    private var targetMoments: ColumnMoments
    /// The values of the moments of the portions before, one after the other.
    private var finished: [Double] = []
    private var finishedTargets: [Double] = []
    private var sample: RowSample

    /// - Parameters:
    ///   - portions: Those of the table, as it stands with the rows that do not train.
    ///   - featuresAreBytes: Whether the source knows the features to be one matrix of bytes.
    ///   - seed: Decides which rows a sample holds, where there is one.
    init(
        schema: Schema, options: SchemaOptions, featuresAreBytes: Bool, portions: TablePortions, seed: UInt64,
        sampleRows: Int = RowSample.rowLimit
    ) {
        self.schema = schema
        self.portions = portions
        missing = options.missing
        var scale = options.scale
        var notes: [String] = []
        if scale == .auto {
            scale = featuresAreBytes ? .bytes : .standard
            if featuresAreBytes { notes.append("the features are one matrix of bytes: divided by 255") }
        }
        self.scale = scale
        scaleNotes = notes
        var numbers: [Int] = []
        var parts: Set<Int> = []
        var input = 0
        for feature in schema.features {
            let own = input..<input + feature.numberCount
            numbers += own
            if case .time = feature.kind { parts.formUnion(own) }
            input += feature.width
        }
        self.parts = parts
        self.numbers = numbers
        moments = ColumnMoments(columns: input)
        let needsOrder = missing == .median || scale == .robust || scale == .quantile
        sample = RowSample(columns: needsOrder ? numbers : [], seed: seed, rowLimit: sampleRows)
        var targets = 0
        if case .values(let columns) = schema.target, options.targetScale == .standard { targets = columns.count }
        scalesTargets = targets > 0
        targetMoments = ColumnMoments(columns: targets)
    }

    /// Takes the rows that follow those before.
    ///
    /// - Parameters:
    ///   - some: The rows to take, by index; `nil`: all.
    ///   - isTraining: Whether a row trains, by index; the others are not looked at.
    mutating func add(_ samples: Samples, rows some: Range<Int>? = nil, isTraining: (Int) -> Bool) {
        let columns = samples.featureCount
        for run in portions.runs(of: samples, rows: some ?? 0..<samples.rowCount) {
            if run.portion != portion {
                finishPortion()
                portion = run.portion
                moments = ColumnMoments(columns: moments.columns, from: run.portion * portions.portionRows)
                targetMoments = ColumnMoments(columns: targetMoments.columns)
            }
            for row in run.rows where isTraining(row) {
                let features = samples.features.base + row * columns
                moments.add(features)
                if sample.isTaken { sample.add(features, position: samples.tableRow(row)) }
                if scalesTargets, case .values(let values, let count) = samples.targets {
                    targetMoments.add(values.base + row * count)
                }
            }
        }
    }

    private mutating func finishPortion() {
        guard portion != nil else { return }
        finished += moments.closed().values
        finishedTargets += targetMoments.closed().values
        portion = nil
    }

    /// Learns what the rows of other ranks teach, which have taken other portions of the table.
    mutating func gather(among readers: any TableReaders) {
        guard readers.rankCount > 1 else { return }
        finishPortion()
        let own = (finished, finishedTargets)
        finished = readers.gather(own.0).flatMap { $0 }
        finishedTargets = readers.gather(own.1).flatMap { $0 }
        sample.gather(among: readers)
    }

    /// The most bytes that it keeps of a table.
    var bytes: Int {
        sample.bytes(ofRows: portions.rowCount)
            + portions.count * ColumnMoments.valuesPerColumn * (moments.columns + targetMoments.columns)
            * MemoryLayout<Double>.stride
    }

    /// What the rows so far teach.
    func encoding() -> TableEncoding {
        var encoding = TableEncoding(schema: schema, scaling: scaling())
        if scalesTargets {
            let moments = total.targets
            encoding.targetMeans = moments.means
            encoding.targetDeviations = moments.deviations.map { $0 > 0 ? $0 : 1 }
        }
        return encoding
    }

    /// Sentences on what was decided for the user, and on columns that are the same in all rows so far.
    var notes: [String] { scaleNotes + duplicateNotes() }

    /// The moments of all portions.
    private var total: (features: ColumnMoments, targets: ColumnMoments) {
        var done = self
        done.finishPortion()
        func total(_ values: [Double], columns: Int) -> ColumnMoments {
            var moments = ColumnMoments(columns: columns)
            let count = ColumnMoments.valuesPerColumn * columns
            for first in stride(from: 0, to: values.count, by: max(1, count)) {
                moments.merge(values[first..<first + count])
            }
            return moments
        }
        return (
            total(done.finished, columns: moments.columns), total(done.finishedTargets, columns: targetMoments.columns)
        )
    }

    private func duplicateNotes() -> [String] {
        let moments = total.features
        var first: [[UInt64]: String] = [:]
        var repeats: [String] = []
        var input = 0
        for feature in schema.features {
            defer { input += feature.width }
            let inputs = input..<input + feature.width
            // Columns that do not vary are named already, and are all alike.
            guard inputs.contains(where: { moments.minimum($0) < moments.maximum($0) }) else { continue }
            let fingerprint = inputs.flatMap { moments.fingerprint($0) }
            if let other = first[fingerprint] {
                repeats.append("column '\(feature.column)' repeats column '\(other)' in all rows that train")
            } else {
                first[fingerprint] = feature.column
            }
        }
        let shown = 5
        return repeats.count <= shown
            ? repeats
            : repeats.prefix(shown) + ["\(repeats.count - shown) more columns repeat others in all rows that train"]
    }

    private func scaling() -> FeatureScaling {
        let moments = total.features
        let deviations = moments.deviations
        var scaling = FeatureScaling(identity: schema.featureCount)
        scaling.minima = Array(repeating: -.greatestFiniteMagnitude, count: schema.featureCount)
        scaling.maxima = Array(repeating: .greatestFiniteMagnitude, count: schema.featureCount)
        for (index, input) in numbers.enumerated() {
            let mean = moments.means[input]
            let sorted = sample.sorted(index)
            // A column whose every known value escaped the sample has its mean still.
            let median = sorted.quantile(0.5) ?? mean
            scaling.fills[input] =
                switch missing {
                case .median: Float(median)
                case .constant(let value) where !parts.contains(input): value
                case .constant, .mean, .drop, .error: Float(mean)
                }
            if moments.minimum(input) <= moments.maximum(input) {
                scaling.minima[input] = Float(moments.minimum(input))
                scaling.maxima[input] = Float(moments.maximum(input))
            }
            if scale == .quantile,
                let scores = NormalScores(input: input, sorted: sorted, rows: moments.count(input))
            {
                scaling.scores.append(scores)
                continue
            }
            let (offset, spread): (Double, Double) =
                switch scale {
                case .auto, .none: (0, 1)
                // Without a known value, and so without a rank.
                case .quantile: (0, 0)
                case .bytes: (0, 255)
                case .standard: (mean, deviations[input])
                case .minmax: (moments.minimum(input), moments.maximum(input) - moments.minimum(input))
                case .robust: (median, Self.robustSpread(sorted, deviation: deviations[input]))
                }
            scaling.offsets[input] = offset.isFinite ? Float(offset) : 0
            // A column that does not vary becomes 0 rather than noise blown up.
            scaling.factors[input] = spread > 0 && spread.isFinite ? Float(1 / spread) : (scale == .none ? 1 : 0)
        }
        return scaling
    }

    /// The quartiles' distance, or the standard deviation where half of the values are one and the same: a column that
    /// varies seldom still varies.
    private static func robustSpread(_ sorted: [Float], deviation: Double) -> Double {
        guard let lower = sorted.quantile(0.25), let upper = sorted.quantile(0.75), upper > lower else {
            return deviation
        }
        return upper - lower
    }
}
