public import Tabular

/// Rows that are scored: in memory, or read part by part.
public protocol ScoringData: Sendable {
    var rowCount: Int { get }
    /// The form of the targets.
    var targetShape: Samples.TargetShape { get }

    /// The rows in one of several shares, which ranks score and read: consecutive ones, in the order of the shares.
    func rows(inShare share: Int, of shares: Int) -> Range<Int>

    /// Calls `body` with the rows of a share in order, in as many parts as suits.
    func forEachPart(inShare share: Int, of shares: Int, _ body: (SampleSelection) throws -> Void) throws
}

extension SampleSelection: ScoringData {
    /// The first has all: they are read.
    public func rows(inShare share: Int, of shares: Int) -> Range<Int> { share == 0 ? 0..<count : count..<count }

    public func forEachPart(inShare share: Int, of shares: Int, _ body: (SampleSelection) throws -> Void) throws {
        if share == 0 { try body(self) }
    }
}

extension StreamedRows: ScoringData {
    public var rowCount: Int { count }

    public func forEachPart(inShare share: Int, of shares: Int, _ body: (SampleSelection) throws -> Void) throws {
        try forEachPart(inShare: share, of: shares) { (samples: Samples) in try body(SampleSelection(samples)) }
    }
}
