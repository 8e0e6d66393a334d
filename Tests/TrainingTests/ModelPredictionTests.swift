import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

/// A model as Keras writes it: no schema, features by position.
@Suite("Predictions of a model without a schema")
struct ModelPredictionTests {
    private func model(outputs: Int, _ activation: OutputActivation) -> Model {
        let graph = Graph(inputs: 2) { Dense(outputs) }
        let parameters = Parameters(layout: ParameterLayout(graph))
        parameters["dense/kernel"] = Matrix(
            rows: 2, columns: outputs, elements: (0..<2 * outputs).map { Float($0) - 1 })
        return Model(graph: graph, parameters: parameters, outputActivation: activation)
    }

    private func table(_ text: String, in directory: TemporaryDirectory) throws -> any TableSource {
        try openTable([try directory.write(text, to: "table.csv")])
    }

    @Test("The last activation says what the outputs mean")
    func meaning() {
        #expect(model(outputs: 3, .softmax).scorer.meaning == .classes(3))
        #expect(model(outputs: 1, .sigmoid).scorer.meaning == .secondClass)
        #expect(model(outputs: 3, .sigmoid).scorer.meaning == .labels(3))
        #expect(model(outputs: 2, .linear).scorer.meaning == .values(means: [0, 0], deviations: [1, 1]))
    }

    @Test("Values by position, unscaled")
    func values() throws {
        let directory = try TemporaryDirectory()
        let source = try table("a,b\n1,2\n3,5\n", in: directory)
        let (predictions, _) = try model(outputs: 2, .linear).predict(source)
        // W = [[-1, 0], [1, 2]].
        #expect(predictions.values == [1, 4, 2, 10])
        #expect(predictions.outputs.elements == [1, 4, 2, 10])
        #expect(predictions.targetNames == ["prediction_0", "prediction_1"])
        #expect(predictions.classes == nil)
        #expect(predictions.probabilities == nil)
    }

    @Test("Classes and probabilities")
    func classes() throws {
        let directory = try TemporaryDirectory()
        let source = try table("a,b\n1,0\n0,-1\n", in: directory)
        // W = [[-1, 0, 1], [2, 3, 4]]: rows -1, 0, 1 and -2, -3, -4.
        let (predictions, _) = try model(outputs: 3, .softmax).predict(source)
        #expect(predictions.classes == [2, 0])
        #expect(predictions.labels == nil)
        let p = [0.09003057, 0.24472847, 0.66524096]
        let found = try #require(predictions.probabilities).elements
        #expect(Tolerance(absolute: 1e-7).disagreement(of: found, with: p + p.reversed()) == nil)
        // W = [[-1], [0]].
        let (second, _) = try model(outputs: 1, .sigmoid).predict(source)
        #expect(second.classes == [0, 0])
        #expect(second.probabilities?.columns == 2)
        let (questions, _) = try model(outputs: 2, .sigmoid).predict(source)
        #expect(questions.classes == nil)
        #expect(questions.probabilities?.columns == 2)
    }

    @Test("Targets follow the features")
    func targets() throws {
        let directory = try TemporaryDirectory()
        let source = try table("a,b,c\n1,2,7\n3,5,8\n", in: directory)
        let (samples, _) = try model(outputs: 1, .linear).samples(of: source, targets: true)
        #expect(samples.features.elements == [1, 2, 3, 5])
        guard case .values(let values, 1) = samples.targets else {
            Issue.record("values are wanted")
            return
        }
        #expect(values.elements == [7, 8])
    }

    @Test("Another number of columns is refused, and so is a table without a target to compare with")
    func errors() throws {
        let directory = try TemporaryDirectory()
        let three = try table("a,b,c\n1,2,7\n", in: directory)
        let model = model(outputs: 1, .linear)
        let error = #expect(throws: TableError.self) { _ = try model.predict(three) }
        #expect(error?.description.contains("takes 2 features by position, and the table has 3 columns") == true)
        let two = try openTable([try directory.write("a,b\n1,2\n", to: "two.csv")])
        #expect(throws: TableError.self) { _ = try model.samples(of: two, targets: true) }
    }

    @Test("Predictions have the same bits alone and among others, for any number of workers")
    func sameBits() {
        let rows = RandomRows.values(rows: 300, features: 2, columns: 1)
        let model = model(outputs: 3, .softmax)
        let all = model.predict(rows, workers: 2)
        let one = Samples(
            rowCount: 1, featureCount: 2, features: SharedBuffer(Array(rows.features.elements.suffix(2))),
            targets: .none)
        let alone = model.predict(one, workers: 1)
        #expect(bitDifference(alone.outputs.elements, Array(all.outputs.elements.suffix(3))) == nil)
        #expect(alone.classes?.last == all.classes?.last)
        #expect(bitDifference(model.predict(rows, workers: 8).outputs.elements, all.outputs.elements) == nil)
    }
}
