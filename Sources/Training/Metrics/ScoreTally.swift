internal import LinearAlgebra
internal import ModelFile
internal import NeuralNetwork
internal import Tabular

/// What is counted and summed of rows in order to score them, in memory that does not grow with them.
///
/// All of it are integers, counts of rows and exact sums, and what workers and ranks have is added integer by integer. So a
/// score has the same bits whoever took which rows, and in whatever parts they came.
///
/// Rows are taken in rounds: any worker takes any block of a round's rows, and when all are taken, any worker any of the
/// columns of `SharedCounts`.
struct ScoreTally: Sendable {
    /// The most rows that are taken at once.
    static let blockRows = Evaluator.blockRows
    private static let mostConfusedClasses = 2048

    let scorer: Scorer
    let loss: Loss?
    /// The rows that there are, once all are taken.
    private(set) var rowCount = 0
    private(set) var ranked: RankedScores
    /// `nil` where nobody wants to know.
    let confusion: SharedCounts?
    private let workers: [Worker]
    let layout: Layout

    /// What each worker counts, and where it computes.
    private struct Worker: Sendable {
        let integers: SharedBuffer<Int64>
        let losses: SharedBuffer<Float>
        let predictions: SharedBuffer<Float>
        let answers: AnswerMemory
        let order: SharedBuffer<UInt32>
    }

    /// - Parameters:
    ///   - loss: `nil` where it is not summed.
    ///   - roundRows: The most rows of a round.
    ///   - keptScores: The most scores of which areas under the curve are exact.
    init(
        _ scorer: Scorer, loss: Loss?, countsConfusion: Bool = false, workers: Int = 1, roundRows: Int = blockRows,
        keptScores: Int = RankedScores.keptScores
    ) {
        self.scorer = scorer
        self.loss = loss
        ranked = RankedScores(
            columns: scorer.meaning.rankedColumns, areProbabilities: scorer.outputActivation != .linear,
            roundRows: roundRows, limit: keptScores)
        let classes = scorer.meaning.classCount
        confusion =
            countsConfusion && classes > 0 && classes <= Self.mostConfusedClasses
            ? SharedCounts(columns: 1, width: classes * classes, roundRows: roundRows) : nil
        let layout = Layout(scorer.meaning)
        self.layout = layout
        self.workers = (0..<workers).map { _ in
            Worker(
                integers: SharedBuffer(count: layout.count), losses: SharedBuffer(count: Self.blockRows),
                predictions: SharedBuffer(count: Self.blockRows * scorer.meaning.outputCount),
                answers: AnswerMemory(rows: Self.blockRows, columns: scorer.meaning.outputCount),
                order: SharedBuffer(count: Self.blockRows))
        }
    }

    /// The most bytes that the tally of so many rows takes, on one of several ranks.
    static func memory(_ scorer: Scorer, rows: Int, workers: Int, ranks: Int) -> Int {
        let meaning = scorer.meaning
        let ranked = RankedScores.memory(
            rows: rows, columns: meaning.rankedColumns,
            roundRows: roundBlocks(meaning, workers: workers) * blockRows, workers: workers)
        let worker = 8 * Layout(meaning).count + 4 * blockRows * (2 * meaning.outputCount + 4)
        return ranked * (ranks > 1 ? 2 : 1) + worker * workers
    }

    /// The blocks of a round: as many for each worker, so many that rounds take time, and few enough that what is noted of
    /// their rows takes little memory.
    static func roundBlocks(_ meaning: Scorer.Meaning, workers: Int) -> Int {
        let perWorker = (1 << 20) / (blockRows * max(1, meaning.rankedColumns) * workers)
        return workers * max(1, min(16, perWorker))
    }

    /// Makes room for rows to come.
    ///
    /// - Parameter rows: All that there will be, of which those that were announced before have been taken.
    mutating func expect(rows: Int) {
        ranked.reserve(rows: rows, known: rowCount)
        rowCount = rows
    }

    /// Counts rows of a block. Different workers may do so at once.
    ///
    /// - Parameters:
    ///   - outputs: Their outputs, row by row.
    ///   - rows: Which rows of the selection they are.
    ///   - place: The place of the first among all rows that are scored.
    ///   - roundRow: Its place in the round.
    func take(
        _ outputs: UnsafePointer<Float>, of selection: SampleSelection, rows: Range<Int>, at place: Int, roundRow: Int,
        worker: Int
    ) {
        let own = workers[worker]
        var order: SharedBuffer<UInt32>?
        if let selected = selection.rows {
            for (position, row) in rows.enumerated() { own.order.base[position] = selected[row] }
            order = own.order
        }
        let answers = ShardAnswers(
            selection.samples, order: order, rows: order == nil ? rows : 0..<rows.count, memory: own.answers)
        let view = MatrixView(outputs, rows: rows.count, columns: scorer.meaning.outputCount)
        if let loss {
            loss.evaluate(
                LossCall(
                    predictions: view, weights: answers.weights, gradientScale: 1, losses: own.losses.base,
                    gradient: nil), targets: answers.targets)
            let sum = ExactSum(own.integers.base + layout.loss)
            for row in 0..<rows.count { sum.add(Double(own.losses.base[row])) }
            sum.carry()
        }
        let predictions = scorer.activated(view, in: own.predictions)
        let block = Block(
            predictions: predictions, targets: answers.targets, integers: own.integers.base,
            ranked: ranked.block(at: place, roundRow: roundRow, rows: rows.count),
            confusion: confusion?.notes(ofRows: roundRow..<roundRow + rows.count))
        switch scorer.meaning {
        case .classes(let classes): take(block, classes: classes)
        case .secondClass: takeSecondClass(block)
        case .labels(let labels): take(block, labels: labels)
        case .values(let means, _): take(block, values: means.count)
        }
    }

    /// Rows of a block with their predictions.
    struct Block {
        let predictions: MatrixView
        let targets: TargetView
        /// What the worker counts.
        let integers: UnsafeMutablePointer<Int64>
        let ranked: RankedScores.Block
        /// Where rows note who was taken for whom.
        let confusion: UnsafeMutablePointer<UInt32>?

        var rows: Range<Int> { 0..<predictions.rows }
    }

    /// The columns that are to be raised after each round.
    var sharedColumns: Int { (ranked.counted?.columns ?? 0) + (confusion?.columns ?? 0) }

    /// Raises what the rows of a round have noted for a column. Different workers may do so for different columns at once.
    func raise(column: Int, rows: Range<Int>) {
        let rankedColumns = ranked.counted?.columns ?? 0
        if column < rankedColumns {
            ranked.counted?.raise(column: column, rows: rows)
        } else {
            confusion?.raise(column: column - rankedColumns, rows: rows)
        }
    }

    /// Adds up what the workers of all ranks have counted; to be called on all, once.
    func gather(_ communicator: any Communicator) {
        let total = workers[0].integers
        for worker in workers.dropFirst() {
            for index in 0..<total.count { total.base[index] += worker.integers.base[index] }
        }
        for buffer in [total, ranked.buffer] + (confusion.map { [$0.counts] } ?? []) { communicator.sum(buffer) }
    }

    /// What has been gathered of all rows.
    var total: UnsafeMutablePointer<Int64> { workers[0].integers.base }

    /// The score of the rows, once what was counted is gathered.
    ///
    /// - Parameter penalty: Is added to the mean of the losses.
    func score(penalty: Double = 0) -> Score {
        let metrics =
            switch scorer.meaning {
            case .classes, .secondClass: classMetrics()
            case .labels(let labels): labelMetrics(labels)
            case .values(_, let deviations): valueMetrics(deviations)
            }
        return Score(
            rowCount: rowCount,
            loss: ExactSum(total + layout.loss).value / Double(max(1, rowCount)) + penalty, metrics: metrics,
            confusion: confusion.map { confusion in
                let classes = scorer.meaning.classCount
                return (0..<classes).map { actual in
                    (0..<classes).map { Int(confusion.counts.base[actual * classes + $0]) }
                }
            })
    }

    /// The areas under the ROC curves of the ranked columns.
    func areas() -> [Double?] { ranked.areas(rows: rowCount, workers: workers.count) }
}

extension ScoreTally {
    /// Where in a worker's integers what is counted.
    struct Layout: Sendable {
        let loss = 0
        /// Of classes the rows whose label is among the five highest scores, and behind it of every class the hits, the
        /// actual and the predicted rows; of every question the same of two classes; of every value its sums.
        let counts = ExactSum.size
        let count: Int

        init(_ meaning: Scorer.Meaning) {
            let counts =
                switch meaning {
                case .classes, .secondClass: 1 + 3 * meaning.classCount
                case .labels(let labels): 6 * labels
                case .values(let means, _): ErrorSums.size * means.count
                }
            // Workers do not write to one another's cache lines.
            count = (ExactSum.size + counts + 15) / 16 * 16
        }
    }
}

extension Scorer.Meaning {
    var outputCount: Int {
        switch self {
        case .classes(let count), .labels(let count): count
        case .secondClass: 1
        case .values(let means, _): means.count
        }
    }

    /// The classes of which a row has one; 0 for other tasks.
    var classCount: Int {
        switch self {
        case .classes(let classes): classes
        case .secondClass: 2
        case .labels, .values: 0
        }
    }

    /// The scores of a row that rank it among the others: with two classes the second's alone.
    var rankedColumns: Int {
        switch self {
        case .classes(2), .secondClass: 1
        case .classes(let count), .labels(let count): count
        case .values: 0
        }
    }
}
