import Tabular
import Training

/// As rows of a table on disk come.
struct RowsInParts: ScoringData {
    let samples: Samples
    let partRows: Int

    var rowCount: Int { samples.rowCount }
    var targetShape: Samples.TargetShape { samples.targetShape }

    func rows(inShare share: Int, of shares: Int) -> Range<Int> {
        let parts = (rowCount + partRows - 1) / partRows
        func first(_ share: Int) -> Int { min(rowCount, share * parts / shares * partRows) }
        return first(share)..<first(share + 1)
    }

    func forEachPart(inShare share: Int, of shares: Int, _ body: (SampleSelection) throws -> Void) throws {
        let own = rows(inShare: share, of: shares)
        for first in stride(from: own.lowerBound, to: own.upperBound, by: partRows) {
            let rows = first..<min(first + partRows, own.upperBound)
            try body(SampleSelection(samples, rows: rows.map { UInt32($0) }))
        }
    }
}
