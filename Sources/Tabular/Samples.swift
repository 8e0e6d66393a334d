public import LinearAlgebra

/// Rows ready for a network: features as it takes them, targets as its loss takes them.
public struct Samples: Sendable {
    /// The right answers, in the form that a loss takes.
    public enum Targets: Sendable {
        /// A class index per row.
        case labels(SharedBuffer<Int32>, classes: Int)
        /// Rows x columns.
        case values(SharedBuffer<Float>, columns: Int)
        /// No target: rows to predict.
        case none
    }

    /// The form of the targets, without their values.
    public enum TargetShape: Sendable, Hashable {
        case labels(classes: Int)
        case values(columns: Int)
        case none
    }

    public let rowCount: Int
    public let featureCount: Int
    /// Rows x features, row by row.
    public let features: SharedBuffer<Float>
    public let targets: Targets
    /// A weight per row; `nil`: all 1.
    public let weights: SharedBuffer<Float>?
    /// The position of each row in its table, where rows were left out; `nil`: row i is row i.
    public let tableRows: [Int]?

    /// - Precondition: the buffers have the sizes that the counts say, and there are fewer than 2^32 rows.
    public init(
        rowCount: Int, featureCount: Int, features: SharedBuffer<Float>, targets: Targets,
        weights: SharedBuffer<Float>? = nil, tableRows: [Int]? = nil
    ) {
        precondition(features.count == rowCount * featureCount, "The features do not fill \(rowCount) rows")
        precondition(rowCount < 1 << 32, "More than 2^32 rows do not fit in memory at once")
        switch targets {
        case .labels(let labels, let classes):
            precondition(labels.count == rowCount, "There is a label for every row")
            precondition(
                (0..<rowCount).allSatisfy { labels.base[$0] >= 0 && labels.base[$0] < classes },
                "A label is an index below \(classes)")
        case .values(let values, let columns):
            precondition(values.count == rowCount * columns, "There are \(columns) targets for every row")
        case .none: break
        }
        precondition(weights.map { $0.count == rowCount } ?? true, "There is a weight for every row, or none at all")
        self.rowCount = rowCount
        self.featureCount = featureCount
        self.features = features
        self.targets = targets
        self.weights = weights
        self.tableRows = tableRows
    }

    /// The form of the targets.
    public var targetShape: TargetShape {
        switch targets {
        case .labels(_, let classes): .labels(classes: classes)
        case .values(_, let columns): .values(columns: columns)
        case .none: .none
        }
    }

    /// The same rows with other weights.
    public func with(weights: SharedBuffer<Float>?) -> Samples {
        Samples(
            rowCount: rowCount, featureCount: featureCount, features: features, targets: targets, weights: weights,
            tableRows: tableRows)
    }

    /// The same rows with other targets.
    public func with(targets: Targets) -> Samples {
        Samples(
            rowCount: rowCount, featureCount: featureCount, features: features, targets: targets, weights: weights,
            tableRows: tableRows)
    }

    /// The position in the table of a row.
    public func tableRow(_ row: Int) -> Int { tableRows.map { $0[row] } ?? row }
}

/// Some of the rows of `Samples`, in an order: a training share, a held-out share.
public struct SampleSelection: Sendable {
    public let samples: Samples
    /// The rows, by index; `nil`: all of them in order.
    public let rows: [UInt32]?

    public init(_ samples: Samples, rows: [UInt32]? = nil) {
        self.samples = samples
        self.rows = rows
    }

    /// The number of rows selected.
    public var count: Int { rows?.count ?? samples.rowCount }

    /// The index into `samples` of a selected row.
    public func row(_ position: Int) -> Int { rows.map { Int($0[position]) } ?? position }
}
