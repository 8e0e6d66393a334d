extension SchemaOptions {
    /// What happens to missing values. Texts that are missing are a level of their own, except where rows are dropped.
    public enum Missing: RawRepresentable, Sendable, Hashable, Codable {
        /// The column's mean over the training rows.
        case mean
        /// The column's median over the training rows.
        case median
        /// This number; dates have their mean.
        case constant(Float)
        /// Training rows with a missing value are left out; a row to predict gets the mean.
        case drop
        /// A missing value is an error.
        case error

        /// `mean`, `median`, `constant:NUMBER`, `drop` or `error`.
        public init?(rawValue: String) {
            switch rawValue {
            case "mean": self = .mean
            case "median": self = .median
            case "drop": self = .drop
            case "error": self = .error
            default:
                let prefix = "constant:"
                guard rawValue.hasPrefix(prefix), let value = Float(rawValue.dropFirst(prefix.count)), value.isFinite
                else { return nil }
                self = .constant(value)
            }
        }

        public var rawValue: String {
            switch self {
            case .mean: "mean"
            case .median: "median"
            case .constant(let value): "constant:\(value)"
            case .drop: "drop"
            case .error: "error"
            }
        }

        /// What stands for a missing number, in words.
        var filling: String {
            switch self {
            case .median: "the median"
            case .constant(let value): "\(value)"
            case .mean, .drop, .error: "the mean"
            }
        }
    }
}
