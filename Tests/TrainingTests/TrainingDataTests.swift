import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("Where training rows come from")
struct TrainingDataTests {
    static let samples = RandomRows.classes(3, rows: 43, features: 5, weighted: true)

    private func order(_ selection: SampleSelection, epoch: Int, shuffles: Bool, seed: UInt64 = 1) throws -> [UInt32]? {
        var orders: [[UInt32]?] = []
        try selection.forEachWindow(epoch: epoch, from: 0, batchSize: 8, shuffles: shuffles, seed: seed) { window in
            #expect(window.count == selection.count)
            orders.append(window.order?.elements)
            return true
        }
        #expect(orders.count == 1)
        return orders[0]
    }

    @Test("Rows in memory are one window, in the order of the selection or of the seed and the epoch")
    func memory() throws {
        let all = SampleSelection(Self.samples)
        #expect(all.rowCount == 43)
        #expect(all.featureCount == 5)
        #expect(try order(all, epoch: 1, shuffles: false) == nil)
        let some = SampleSelection(Self.samples, rows: [5, 3, 40])
        #expect(some.rowCount == 3)
        #expect(try order(some, epoch: 1, shuffles: false) == [5, 3, 40])
        #expect(try order(some, epoch: 1, shuffles: true)?.sorted() == [3, 5, 40])

        let first = try #require(try order(all, epoch: 1, shuffles: true))
        #expect(first.sorted() == Array(0..<43))
        #expect(first != Array(0..<43))
        #expect(try order(all, epoch: 1, shuffles: true) == first)
        #expect(try order(all, epoch: 2, shuffles: true) != first)
        #expect(try order(all, epoch: 1, shuffles: true, seed: 2) != first)
    }

    /// 43 rows in batches of 8, as windows of 16, 8, 16 and 3 rows.
    private func run(_ data: any TrainingData, dropsLastBatch: Bool = false) throws -> Training {
        let graph = Graph(inputs: 5) {
            Dense(7, activation: .relu)
            Dropout(0.3)
            Dense(3)
        }
        let scorer = Scorer(.classes(3), outputActivation: .softmax)
        let configuration = TrainingConfiguration(
            loss: .softmaxCrossEntropy(), optimizer: .adam(), schedule: .cosine(), batchSize: 8, shards: 3,
            shuffles: false, dropsLastBatch: dropsLastBatch)
        return try Training(of: graph, on: data, configuration: configuration, epochs: 3, workers: 2, scorer: scorer)
    }

    @Test("Many windows train as one", arguments: [false, true])
    func windows(dropsLastBatch: Bool) throws {
        let whole = try run(SampleSelection(Self.samples), dropsLastBatch: dropsLastBatch)
        try whole.run()
        let cut = try run(WindowedData(Self.samples, windows: [16, 8, 16, 3]), dropsLastBatch: dropsLastBatch)
        try cut.run()
        #expect(bitDifference(cut.parameters.values.elements, whole.parameters.values.elements) == nil)
        #expect(cut.history.map(\.metrics) == whole.history.map(\.metrics))
        #expect(cut.history.map(\.learningRate) == whole.history.map(\.learningRate))
    }

    @Test("A failure in a later window has the step of the run and the row of the table")
    func failure() throws {
        let features = SharedBuffer(Self.samples.features.elements)
        features[30 * 5 + 2] = .nan
        let broken = Samples(
            rowCount: 43, featureCount: 5, features: features, targets: Self.samples.targets,
            weights: Self.samples.weights)
        let training = try run(WindowedData(broken, windows: [16, 8, 16, 3]))
        let failure = try #require(throws: NumericalFailure.self) { try training.run() }
        #expect(failure.step == 4)
        #expect(failure.rows.first == 30)
    }

    @Test("What a source throws reaches the caller")
    func sourceError() throws {
        let training = try run(WindowedData(Self.samples, windows: [16, 8], failsAtEnd: true))
        #expect(throws: WindowedData.Failure.self) { try training.run() }
    }
}

/// Rows that are delivered in windows, each a copy, in the order of the table.
private struct WindowedData: TrainingData {
    struct Failure: Error {}

    private let windows: [Samples]
    private let failsAtEnd: Bool

    init(_ samples: Samples, windows counts: [Int], failsAtEnd: Bool = false) {
        guard case .labels(let labels, let classes) = samples.targets else { preconditionFailure("labels are wanted") }
        var first = 0
        windows = counts.map { count in
            let rows = first..<first + count
            first += count
            let columns = samples.featureCount
            return Samples(
                rowCount: count, featureCount: columns,
                features: SharedBuffer(
                    Array(samples.features.elements[rows.lowerBound * columns..<rows.upperBound * columns])),
                targets: .labels(SharedBuffer(Array(labels.elements[rows])), classes: classes),
                weights: samples.weights.map { SharedBuffer(Array($0.elements[rows])) }, tableRows: Array(rows))
        }
        self.failsAtEnd = failsAtEnd
    }

    var rowCount: Int { windows.reduce(0) { $0 + $1.rowCount } }
    var featureCount: Int { windows[0].featureCount }
    var targetShape: Samples.TargetShape { windows[0].targetShape }

    func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {
        var first = 0
        for window in windows {
            defer { first += window.rowCount }
            guard position < first + window.rowCount else { continue }
            guard
                try body(TrainingWindow(samples: window, order: nil, count: window.rowCount, position: first))
            else { return }
        }
        if failsAtEnd { throw Failure() }
    }
}
