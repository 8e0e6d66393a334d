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
        "Each takes its share of rows, in memory or in parts, and all have the score of one", arguments: [2, 3, 7],
        [true, false])
    func shares(ranks: Int, areLabels: Bool) throws {
        let samples =
            areLabels
            ? RandomRows.classes(3, rows: 1000, features: 6, weighted: true)
            : RandomRows.values(rows: 1000, features: 6, columns: 3)
        let whole = try Self.score(SampleSelection(samples), areLabels, InProcessCommunicator()).score
        // More ranks than blocks or parts leave some without rows, and borders of parts cut blocks.
        let data: [any ScoringData] =
            [SampleSelection(samples), RowsInParts(samples: samples, partRows: 90)]
            + [RowsInParts(samples: samples, partRows: 400)]
        for (number, rows) in data.enumerated() {
            let all = try onRanks(ranks) { try Self.score(rows, areLabels, $0) }
            #expect(number == 0 || all.reduce(0) { $0 + $1.rowsRead } == 1000)
            #expect(all.allSatisfy { $0.score == whole }, "\(all) instead of \(whole)")
        }
    }

    @Test("So they have where buckets of scores are counted", arguments: [2, 3])
    func buckets(ranks: Int) throws {
        let samples = RandomRows.classes(3, rows: 1000, features: 6)
        let rows = RowsInParts(samples: samples, partRows: 90)
        let whole = try Self.score(rows, true, InProcessCommunicator(), keptScores: 0).score
        let all = try onRanks(ranks) { try Self.score(rows, true, $0, keptScores: 0) }
        #expect(all.allSatisfy { $0.score == whole })
        let exact = try Self.score(rows, true, InProcessCommunicator()).score
        #expect(whole.metrics.count == exact.metrics.count)
        for (one, other) in zip(whole.metrics, exact.metrics) {
            #expect(isClose(one.value, other.value, relative: 1e-3), "\(one.name)")
        }
    }

    @Test("Sums of integers are in the buffers of all, fewer than there are ranks as well", arguments: [0, 2, 3, 1000])
    func sums(count: Int) throws {
        let all = try onRanks(3) { communicator in
            let buffer = SharedBuffer<Int64>((0..<count).map { Int64($0 + 1) << (20 * communicator.rank) })
            communicator.sum(buffer)
            return buffer.elements
        }
        let factor: Int64 = 0x100_0010_0001
        let sum = (0..<count).map { Int64($0 + 1) * factor }
        #expect(all == [sum, sum, sum])
    }

    private static func score(
        _ rows: any ScoringData, _ areLabels: Bool, _ communicator: InProcessCommunicator,
        keptScores: Int = RankedScores.keptScores
    ) throws -> (score: Score, rowsRead: Int) {
        let graph = Graph(inputs: 6) { Dense(3) }
        let evaluator = Evaluator(
            graph, parameters: Parameters(of: graph, seed: 1), workers: 2, communicator: communicator)
        let scorer = Scorer(
            areLabels ? .classes(3) : .values(means: [0, 0, 0], deviations: [1, 1, 1]),
            outputActivation: areLabels ? .softmax : .linear)
        let tally = evaluator.tally(
            scorer, loss: areLabels ? .softmaxCrossEntropy() : .meanSquaredError, countsConfusion: true,
            keptScores: keptScores)
        let share = rows.rows(inShare: communicator.rank, of: communicator.rankCount)
        return (try evaluator.score(rows, by: tally), share.count)
    }
}
