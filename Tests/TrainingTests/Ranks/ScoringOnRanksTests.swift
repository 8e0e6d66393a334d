import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("Ranks score together")
struct ScoringOnRanksTests {
    @Test(
        "Each reads its share of rows that come in parts, and all have the score of one", arguments: [2, 3, 7],
        [true, false])
    func parts(ranks: Int, areLabels: Bool) throws {
        let samples =
            areLabels
            ? RandomRows.classes(3, rows: 1000, features: 6, weighted: true)
            : RandomRows.values(rows: 1000, features: 6, columns: 3)
        let whole = try Self.score(SampleSelection(samples), areLabels, InProcessCommunicator()).score
        // More ranks than parts leave some without rows.
        for partRows in [90, 400] {
            let parts = RowsInParts(samples: samples, partRows: partRows)
            let all = try onRanks(ranks) { try Self.score(parts, areLabels, $0) }
            #expect(all.reduce(0) { $0 + $1.rowsRead } == 1000)
            #expect(all.allSatisfy { $0.score == whole }, "\(all) instead of \(whole)")
        }
    }

    private static func score(
        _ rows: any ScoringData, _ areLabels: Bool, _ communicator: InProcessCommunicator
    ) throws -> (score: [Metric], rowsRead: Int) {
        let graph = Graph(inputs: 6) { Dense(3) }
        let evaluator = Evaluator(
            graph, parameters: Parameters(of: graph, seed: 1), workers: 2, communicator: communicator)
        let scorer = Scorer(
            areLabels ? .classes(3) : .values(means: [0, 0, 0], deviations: [1, 1, 1]),
            outputActivation: areLabels ? .softmax : .linear)
        let score = try evaluator.score(
            rows, loss: areLabels ? .softmaxCrossEntropy() : .meanSquaredError, scorer: scorer)
        let share = rows.rows(inShare: communicator.rank, of: communicator.rankCount)
        return ([Metric("loss", score.loss)] + score.metrics, share.count)
    }
}

/// As rows of a table on disk come.
private struct RowsInParts: ScoringData {
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
