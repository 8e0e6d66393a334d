internal import LinearAlgebra
internal import ModelFile
public import NeuralNetwork
internal import Tabular

extension Evaluator {
    /// The loss and the metrics of rows, in memory that does not grow with them. Of rows that are read part by part, each
    /// rank reads its share.
    ///
    /// The result has the same bits for any number of workers and ranks, and in whatever parts rows come. The area under the
    /// ROC curve is exact up to 2^22 scores, which are rows times the classes that are ranked. Of more, the scores are put in
    /// buckets: a probability s by nine bits of the significand of s / (1 - s), another score by nine of its own, and by fewer
    /// with more than 16 classes. The area is then wrong by at most Σ p n / (2 P N), where p of P positives and n of N
    /// negatives are in a bucket.
    ///
    /// - Parameters:
    ///   - countsConfusion: Whether the confusion matrix is wanted.
    ///   - isCancelled: Asked again and again, by any worker.
    /// - Throws: what reading them throws, and `CancellationError` when `isCancelled` said so.
    public func score(
        _ data: any ScoringData, loss: Loss, scorer: Scorer, countsConfusion: Bool = false,
        isCancelled: @Sendable () -> Bool = { false }
    ) throws -> Score {
        try score(
            data, by: tally(scorer, loss: loss, countsConfusion: countsConfusion), isCancelled: isCancelled)
    }

    /// - Parameter empty: What takes the rows, and is used up.
    func score(
        _ data: any ScoringData, by empty: ScoreTally, isCancelled: @Sendable () -> Bool = { false }
    ) throws -> Score {
        var tally = empty
        tally.expect(rows: data.rowCount)
        func check() throws {
            if isCancelled() { throw CancellationError() }
        }
        if let selection = data as? SampleSelection {
            take(selection, at: 0, places: ownShare(of: selection.count), into: tally, isCancelled: isCancelled)
            try check()
        } else {
            let share = data.rows(inShare: communicator.rank, of: communicator.rankCount)
            var first = share.lowerBound
            try data.forEachPart(inShare: communicator.rank, of: communicator.rankCount) { part in
                let places = first..<first + part.count
                precondition(places.upperBound <= share.upperBound, "There are more rows than were counted")
                take(part, at: first, places: places, into: tally, isCancelled: isCancelled)
                try check()
                first = places.upperBound
            }
            precondition(first == share.upperBound, "There are fewer rows than were counted")
        }
        tally.gather(communicator)
        return tally.score(penalty: penalty)
    }

    /// An empty tally for this evaluator's workers.
    ///
    /// - Parameter keptScores: The most scores of which areas under the curve are exact.
    func tally(
        _ scorer: Scorer, loss: Loss, countsConfusion: Bool, keptScores: Int = RankedScores.keptScores
    ) -> ScoreTally {
        precondition(
            scorer.meaning.outputCount == outputCount,
            "A network of \(outputCount) outputs cannot be scored by \(scorer.meaning.outputCount)")
        return ScoreTally(
            scorer, loss: loss, countsConfusion: countsConfusion, workers: workers,
            roundRows: ScoreTally.roundBlocks(scorer.meaning, workers: workers) * Self.blockRows,
            keptScores: keptScores)
    }

    /// Takes rows into a tally that expects them.
    ///
    /// - Parameters:
    ///   - first: The place of the selection's first row among all rows that are scored.
    ///   - places: The places of the rows that are taken.
    ///   - isCancelled: Asked before every block; once it is true, no more rows are taken.
    func take(
        _ selection: SampleSelection, at first: Int, places: Range<Int>, into tally: ScoreTally,
        isCancelled: @Sendable () -> Bool = { false }
    ) {
        guard !places.isEmpty else { return }
        let blocks = Self.blocks(of: places)
        // Where no columns are shared, there is nothing to wait for.
        let columns = tally.sharedColumns
        let roundBlocks =
            columns == 0
            ? blocks.count : min(blocks.count, ScoreTally.roundBlocks(tally.scorer.meaning, workers: workers))
        let (rounds, rest) = blocks.count.quotientAndRemainder(dividingBy: roundBlocks)
        let loop = PhasedLoop(
            repeating: [roundBlocks, columns], repetitions: rounds, last: rest == 0 ? [] : [rest, columns])
        loop.run(workers: min(workers, blocks.count)) { round, phase, item, worker in
            guard !isCancelled() else { return }
            let firstBlock = blocks.lowerBound + round * roundBlocks
            let roundPlace = firstBlock * Self.blockRows
            if phase == 0 {
                let own = Self.places(ofBlock: firstBlock + item, in: places)
                let rows = own.lowerBound - first..<own.upperBound - first
                let outputs = outputs(
                    selection, rows: rows, offset: own.lowerBound % Self.blockRows, worker: worker)
                tally.take(
                    outputs, of: selection, rows: rows, at: own.lowerBound,
                    roundRow: columns == 0 ? 0 : own.lowerBound - roundPlace, worker: worker)
            } else {
                let round = (roundPlace..<roundPlace + roundBlocks * Self.blockRows).clamped(to: places)
                tally.raise(column: item, rows: round.lowerBound - roundPlace..<round.upperBound - roundPlace)
            }
        }
    }

    /// The places of this rank's share of rows that all ranks have: whole blocks.
    private func ownShare(of count: Int) -> Range<Int> {
        let blocks = Self.blocks(of: 0..<count).count
        func first(_ rank: Int) -> Int { min(rank * blocks / communicator.rankCount * Self.blockRows, count) }
        return first(communicator.rank)..<first(communicator.rank + 1)
    }
}
