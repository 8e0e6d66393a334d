import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("The outputs and the loss of many rows")
struct EvaluatorTests {
    /// Wide enough that a product of 256 rows runs other code in OpenBLAS than one of few rows, with other bits.
    static let graph = Graph(inputs: 200) {
        Dropout(0.4)
        Dense(100, activation: .relu)
        Dense(4)
    }

    static let parameters: Parameters = {
        var random = CounterRandom.test(50)
        return random.parameters(of: graph, in: -0.1...0.1)
    }()

    static let scorer = Scorer(
        .values(means: [0, 0, 0, 0], deviations: [1, 1, 1, 1]), outputActivation: .linear)

    static let samples = RandomRows.values(rows: 1000, features: 200, columns: 4, weighted: true)

    /// The outputs of all rows in order, on one worker.
    static let expected = outputs(SampleSelection(samples), workers: 1)

    static func outputs(_ selection: SampleSelection, workers: Int) -> [Float] {
        Evaluator(graph, parameters: parameters, workers: workers).outputs(selection).elements
    }

    @Test("A row's outputs are the network's, with dropout passing everything")
    func values() {
        let inputs = Matrix(rows: 30, columns: 200, elements: Array(Self.samples.features.elements.prefix(30 * 200)))
        let exact = Reference(Self.graph, inputs: [inputs], parameters: Self.parameters).output
        let found = Array(Self.expected.prefix(30 * 4))
        #expect(Tolerance(absolute: 1e-6).disagreement(of: found, with: exact) == nil)
    }

    @Test(
        "A row's outputs have the same bits among any number of rows", arguments: [1, 2, 255, 256, 257, 511, 512, 1000])
    func rowCounts(count: Int) {
        let prefix = Samples(
            rowCount: count, featureCount: 200,
            features: SharedBuffer(Array(Self.samples.features.elements.prefix(count * 200))),
            targets: .none)
        for workers in [1, 2, 3, 8] {
            let found = Self.outputs(SampleSelection(prefix), workers: workers)
            #expect(bitDifference(found, Array(Self.expected.prefix(count * 4))) == nil, "\(workers) workers")
        }
    }

    @Test("A row's outputs have the same bits wherever it has the same place in a block, whatever is beside it")
    func places() {
        let first = Array(Self.expected.prefix(256 * 4))
        let beforeOthers = Array(UInt32(700)..<956) + Array(UInt32(0)..<256)
        #expect(
            bitDifference(Array(Self.outputs(.init(Self.samples, rows: beforeOthers), workers: 2)[1024...]), first)
                == nil)
        for row in [0, 5, 100, 255] {
            let alone = Array(repeating: UInt32(999), count: row) + [UInt32(row)]
            let found = Self.outputs(SampleSelection(Self.samples, rows: alone), workers: 1)
            #expect(bitDifference(Array(found.suffix(4)), Array(Self.expected[row * 4..<row * 4 + 4])) == nil)
        }
    }

    @Test("A row's outputs are the same up to rounding at any position of any selection", arguments: [1, 2, 5])
    func selections(workers: Int) {
        var random = CounterRandom.test(51)
        var shuffled = Array(0..<UInt32(1000))
        random.shuffle(&shuffled)
        let selections: [[UInt32]] = [
            [999], Array((0..<1000).reversed()), shuffled, Array(shuffled.prefix(257)), Array(3..<259),
            // The same rows again and again.
            (0..<600).map { $0 % 7 },
        ]
        for rows in selections {
            let found = Self.outputs(SampleSelection(Self.samples, rows: rows), workers: workers)
            let expected = rows.flatMap { row in Self.expected[Int(row) * 4..<Int(row) * 4 + 4] }
            // Some kernels compute every other group of rows by other instructions.
            #expect(Tolerance(absolute: 1e-6).disagreement(of: found, with: expected.map(Double.init)) == nil)
            let one = Self.outputs(SampleSelection(Self.samples, rows: rows), workers: 1)
            #expect(bitDifference(found, one) == nil)
        }
    }

    @Test("No rows have no outputs, and a loss of the penalties alone")
    func noRows() throws {
        let none = SampleSelection(Self.samples, rows: [])
        #expect(Self.outputs(none, workers: 3).isEmpty)
        let evaluator = Evaluator(Self.graph, parameters: Self.parameters, workers: 3)
        let score = try evaluator.score(none, loss: .meanSquaredError, scorer: Self.scorer)
        #expect(score.loss == 0)
        #expect(score.metrics.map(\.value) == [0, 0, 0])
    }

    @Test("One evaluator may be asked again, and follows the weights")
    func reuse() {
        let parameters = Self.parameters.copy()
        let evaluator = Evaluator(Self.graph, parameters: parameters, workers: 2)
        let selection = SampleSelection(Self.samples)
        // A block filled up with other rows before must not show.
        #expect(evaluator.outputs(SampleSelection(Self.samples, rows: Array(700..<1000))).count == 1200)
        #expect(bitDifference(evaluator.outputs(selection).elements, Self.expected) == nil)
        parameters["dense_1/bias"] = [[100, 100, 100, 100]]
        #expect(evaluator.outputs(selection).elements.allSatisfy { $0 > 50 })
    }

    @Test("The loss is the mean over the selected rows, with their weights", arguments: Loss.all)
    func loss(loss: Loss) throws {
        var random = CounterRandom.test(52)
        let graph = Graph(inputs: 10) {
            Dense(4)
            if loss == .crossEntropy { Softmax() }
        }
        let parameters = random.parameters(of: graph)
        let features = SharedBuffer(random.floats(600 * 10))
        let weights = random.floats(600, in: 0...2)
        let rows: [UInt32] = (0..<300).map { ($0 * 7) % 600 }
        for asLabels in [false, true] {
            if asLabels, loss.outputActivation != .softmax { continue }
            let targets = random.targets(for: loss, rows: 600, columns: 4, asLabels: asLabels)
            let samples = Samples(
                rowCount: 600, featureCount: 10, features: features, targets: laidOut(targets, for: loss),
                weights: SharedBuffer(weights))
            for selected in [nil, rows] {
                let selection = SampleSelection(samples, rows: selected)
                let evaluator = Evaluator(graph, parameters: parameters, workers: 2)
                let outputs = evaluator.outputs(selection)
                let scorer = Scorer(
                    loss.outputActivation == .linear
                        ? .values(means: [0, 0, 0, 0], deviations: [1, 1, 1, 1]) : .classes(4),
                    outputActivation: loss.outputActivation)
                let found = try evaluator.score(selection, loss: loss, scorer: scorer).loss
                let indices = (0..<selection.count).map { selection.row($0) }
                let exact = loss.exactMean(
                    of: outputs.elements.map(Double.init), columns: 4, targets: targets.selected(indices),
                    weights: indices.map { weights[$0] })
                // The loss of each row is a float; their mean is exact.
                #expect(abs(found - exact) <= 1e-6 * max(1, abs(exact)), "\(loss), \(found) instead of \(exact)")
            }
        }
    }

    @Test("The loss includes the penalties, as in training")
    func penalties() throws {
        let samples = RandomRows.values(rows: 500, features: 10, columns: 4, weighted: true)
        let graph = Graph(inputs: 10) {
            Dense(33, kernelRegularizer: Regularizer(l1: 0.1), biasRegularizer: Regularizer(l2: 0.5))
            Dense(4, kernelRegularizer: Regularizer(l1: 0.02, l2: 0.3))
        }
        let plain = graph.mapDense { dense in
            dense.kernelRegularizer = .none
            dense.biasRegularizer = .none
        }
        var random = CounterRandom.test(53)
        let parameters = random.parameters(of: graph)
        let bare = Parameters(layout: ParameterLayout(plain))
        bare.values.copy(from: parameters.values)
        func loss(_ graph: Graph, _ parameters: Parameters) throws -> Double {
            let evaluator = Evaluator(graph, parameters: parameters, workers: 1)
            return try evaluator.score(SampleSelection(samples), loss: .meanSquaredError, scorer: Self.scorer).loss
        }
        func sums(_ path: String) -> (absolute: Double, square: Double) {
            parameters[path].elements.reduce((0, 0)) { ($0.0 + abs(Double($1)), $0.1 + Double($1) * Double($1)) }
        }
        let penalty =
            Double(Float(0.1)) * sums("dense/kernel").absolute + 0.5 * sums("dense/bias").square
            + Double(Float(0.02)) * sums("dense_1/kernel").absolute + Double(Float(0.3)) * sums("dense_1/kernel").square
        #expect(penalty > 10)
        #expect(abs(try loss(graph, parameters) - loss(plain, bare) - penalty) < 1e-9 * penalty)

        // The first loss of a run is that of the weights before it, here as one batch of all rows.
        let training = try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(loss: .meanSquaredError, batchSize: 500, shards: 3), epochs: 1,
            parameters: parameters.copy())
        let record = try #require(try training.nextEpoch())
        #expect(abs(try #require(record["loss"]) - loss(graph, parameters)) < 1e-6 * penalty)
    }

    /// Targets as a loss takes them from `Samples`: smoothed where the kernel does not do it.
    private func laidOut(_ targets: Targets, for loss: Loss) -> Samples.Targets {
        switch targets {
        case .labels(let labels): .labels(SharedBuffer(labels.map(Int32.init)), classes: 4)
        case .values(let values): .values(SharedBuffer(loss.smooth(values.elements)), columns: values.columns)
        }
    }
}

extension Targets {
    fileprivate func selected(_ rows: [Int]) -> Targets {
        switch self {
        case .labels(let labels): .labels(rows.map { labels[$0] })
        case .values(let values): .values(Matrix(rows.map(values.row)))
        }
    }
}
