import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("Predictions part by part")
struct ModelStreamingTests {
    let directory: TemporaryDirectory
    let model: Model
    let source: any TableSource
    /// More than one part of 128 blocks, and no multiple of a block.
    static let rowCount = 70_001

    init() throws {
        directory = try TemporaryDirectory()
        let graph = Graph(inputs: 5) {
            Dense(7, activation: .tanh); Dense(3)
        }
        var random = CounterRandom.test(5)
        let parameters = random.parameters(of: graph)
        let schema = Schema(
            features: [
                Schema.Feature(column: "a", kind: .number), Schema.Feature(column: "b", kind: .number),
                Schema.Feature(column: "k", kind: .levels(["p", "q"], hasMissing: true)),
            ], target: .classes(column: "t", labels: ["x", "y", "z"]))
        model = Model(
            graph: graph, parameters: parameters, outputActivation: .softmax,
            encoding: TableEncoding(schema: schema, scaling: FeatureScaling(identity: 5)))
        let text =
            "id,a,k,b,t\n"
            + (0..<Self.rowCount).map { row in
                "r\(row),\(row % 97),\(["p", "q", "?", "new"][row % 4]),\(row % 13 == 0 ? "" : "\(row % 11).5"),"
                    + "\(row % 5 == 0 ? "NA" : ["x", "y", "z"][row % 3])\n"
            }.joined()
        source = try openTable([try directory.write(text, to: "table.csv")])
    }

    @Test("They are those of all rows at once, in order, with the texts that are kept", arguments: [1, 3])
    func equal(_ workers: Int) throws {
        let whole = try model.predict(source, workers: workers)
        var classes: [Int] = []
        var outputs: [Float] = []
        var shares: [Float] = []
        var kept: [String] = []
        var sizes: [Int] = []
        let notes = try model.predict(source, keeping: [0, 3], workers: workers) { part in
            #expect(part.firstRow == classes.count)
            classes += part.predictions.classes ?? []
            outputs += part.predictions.outputs.elements
            shares += part.predictions.probabilities?.elements ?? []
            kept += part.kept[0]
            #expect(part.kept[1].count == part.predictions.rowCount)
            sizes.append(part.predictions.rowCount)
        }
        #expect(notes == whole.notes)
        #expect(!notes.isEmpty)
        // As truth values: to print where thousands of numbers differ takes minutes.
        let isSame = (
            classes: classes == whole.predictions.classes,
            outputs: outputs.map(\.bitPattern) == whole.predictions.outputs.elements.map(\.bitPattern),
            shares: shares == whole.predictions.probabilities?.elements,
            kept: kept == (0..<Self.rowCount).map { "r\($0)" }
        )
        #expect(isSame == (true, true, true, true))
        #expect(sizes.count > 1)
        #expect(sizes.dropLast().allSatisfy { $0.isMultiple(of: Evaluator.blockRows) })
    }

    @Test("Who has seen enough ends it, and his error comes out")
    func stopped() {
        struct Enough: Error {}
        var parts = 0
        #expect(throws: Enough.self) {
            try model.predict(source, workers: 2) { _ in
                parts += 1
                throw Enough()
            }
        }
        #expect(parts == 1)
    }

    @Test("A bad value far down is an error with its line")
    func badValue() throws {
        let text = "id,a,k,b\n" + (0..<60_000).map { "r,\($0 == 50_000 ? "oops" : "1"),p,2\n" }.joined()
        let source = try openTable([try directory.write(text, to: "bad.csv")])
        var rows = 0
        let error = try #require(throws: TableError.self) {
            try model.predict(source, workers: 2) { rows += $0.predictions.rowCount }
        }
        #expect(error.line == 50_002)
        #expect(rows < 50_000)
    }

    @Test("The score is that of all rows at once that have a target", arguments: [1, 3])
    func score(_ workers: Int) throws {
        let (samples, _) = try model.samples(of: source, targets: true)
        let evaluator = Evaluator(model.graph, parameters: model.parameters, workers: 2)
        let whole = try evaluator.score(
            SampleSelection(samples), loss: .softmaxCrossEntropy(), scorer: model.scorer, countsConfusion: true)
        let (score, notes) = try model.score(source, loss: .softmaxCrossEntropy(), workers: workers)
        #expect(score == whole)
        #expect(score.rowCount == Self.rowCount - (Self.rowCount + 4) / 5)
        #expect(score.confusion?.joined().reduce(0, +) == score.rowCount)
        #expect(notes.contains { $0.contains("without a target") })
    }

    @Test("A loss that does not fit the target is an error")
    func wrongLoss() throws {
        let schema = Schema(features: [Schema.Feature(column: "a", kind: .number)], target: .values(columns: ["b"]))
        let model = Model(
            graph: model.graph, parameters: model.parameters, outputActivation: .linear,
            encoding: TableEncoding(schema: schema, scaling: FeatureScaling(identity: 1)))
        let error = try #require(throws: TrainingError.self) {
            try model.score(source, loss: .softmaxCrossEntropy())
        }
        #expect(error.reason.contains("cross-entropy needs classes"))
    }

    @Test("A bad value far down is an error with its line when rows are scored")
    func badValueToScore() throws {
        let text = "a,k,b,t\n" + (0..<60_000).map { "\($0 == 50_000 ? "oops" : "1"),p,2,x\n" }.joined()
        let source = try openTable([try directory.write(text, to: "bad.csv")])
        let error = try #require(throws: TableError.self) {
            try model.score(source, loss: .softmaxCrossEntropy(), workers: 2)
        }
        #expect(error.line == 50_002)
    }
}
