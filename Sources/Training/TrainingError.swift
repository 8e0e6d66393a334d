/// Why a run cannot start.
public struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A clause.
    public let reason: String

    public init(_ reason: String) {
        self.reason = reason
    }

    public var description: String { "Training cannot start: \(reason)." }
}
