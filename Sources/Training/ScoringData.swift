public import Tabular

/// Rows that are scored: in memory, or read part by part.
public protocol ScoringData: Sendable {
    var rowCount: Int { get }
    /// The form of the targets.
    var targetShape: Samples.TargetShape { get }

    /// Calls `body` with all rows in order, in as many parts as suits.
    func forEachPart(_ body: (SampleSelection) throws -> Void) throws
}

extension SampleSelection: ScoringData {
    public func forEachPart(_ body: (SampleSelection) throws -> Void) throws { try body(self) }
}

extension StreamedRows: ScoringData {
    public var rowCount: Int { count }

    public func forEachPart(_ body: (SampleSelection) throws -> Void) throws {
        try forEachPart { (samples: Samples) in try body(SampleSelection(samples)) }
    }
}
