public import LinearAlgebra

/// The right answers for a batch.
public enum Targets: Sendable, Hashable {
    /// A class index per row.
    case labels([Int])
    /// Rows x outputs: values to predict, or a distribution over classes such as a one-hot row.
    case values(Matrix)

    /// The number of rows.
    public var rows: Int {
        switch self {
        case .labels(let labels): labels.count
        case .values(let values): values.rows
        }
    }
}
