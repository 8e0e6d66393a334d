import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("A run over a table, and its model")
struct TrainingTableTests {
    @Test("Epochs have the scores of a classifier, held-out rows included")
    func classes() throws {
        let table = try Table(contentsOf: Datasets.path("iris.csv"), target: "species", validationSplit: 0.2, seed: 3)
        let training = try Training(
            of: Graph(inputs: table.featureCount) { Dense(table.classCount) }, on: table, loss: .softmaxCrossEntropy(),
            optimizer: .adam(learningRate: 0.1), batchSize: 16, epochs: 5, seed: 2)
        try training.run()
        let last = try #require(training.history.last)
        #expect(
            last.metrics.map(\.name) == [
                "loss", "accuracy", "val_loss", "val_accuracy", "val_auc", "val_precision", "val_recall", "val_f1",
            ])
        #expect(try #require(last["val_accuracy"]) > 0.8)
        #expect(training.model.encoding == table.encoding)
        #expect(training.model.history == training.history)
    }

    @Test("A network with another number of outputs is refused")
    func outputs() throws {
        let table = try Table(contentsOf: Datasets.path("iris.csv"), target: "species")
        let error = #expect(throws: TrainingError.self) {
            _ = try Training(of: Graph(inputs: 4) { Dense(2) }, on: table, loss: .softmaxCrossEntropy())
        }
        #expect(error == TrainingError("the network has 2 outputs, and the target needs 3"))
        #expect(throws: TrainingError.self) {
            _ = try Training(of: Graph(inputs: 5) { Dense(3) }, on: table, loss: .softmaxCrossEntropy())
        }
    }

    @Test("Predictions are the scored outputs, in the order of the rows, with the names of the classes")
    func predictions() throws {
        let path = Datasets.path("iris.csv")
        let table = try Table(contentsOf: path, target: "species")
        let training = try Training(
            of: Graph(inputs: 4) { Dense(3) }, on: table, loss: .softmaxCrossEntropy(),
            optimizer: .adam(learningRate: 0.1), batchSize: 16, epochs: 5)
        try training.run()
        let model = training.model
        let (predictions, _) = try model.predict(openTable([path]), workers: 2)
        #expect(predictions.rowCount == 150)
        #expect(predictions.labels?.count == 3)
        #expect(predictions.targetNames == ["species"])
        #expect(predictions.values == nil)
        let probabilities = try #require(predictions.probabilities)
        let classes = try #require(predictions.classes)
        for row in 0..<150 {
            #expect(abs(probabilities.row(row).reduce(0, +) - 1) < 1e-6)
            #expect(probabilities.row(row).firstIndex(of: probabilities.row(row).max() ?? 0) == classes[row])
        }
        // As scored by the run's own scorer.
        let outputs = SharedBuffer(predictions.outputs.elements)
        let scores = model.scorer.metrics(outputs: outputs, of: table.training)
        guard case .labels(let labels, _) = table.training.samples.targets else { preconditionFailure("no labels") }
        let correct = (0..<150).count { classes[$0] == Int(labels[$0]) }
        #expect(scores.first == Metric("accuracy", Double(correct) / 150))
        #expect(correct > 120)
    }

    @Test("Values come back in the units of the data")
    func values() throws {
        let path = Datasets.path("diabetes.csv")
        let source = try openTable([path])
        let target = try #require(source.columnNames.last)
        let table = try Table(contentsOf: path, target: target)
        let training = try Training(
            of: Graph(inputs: table.featureCount) { Dense(1) }, on: table, loss: .meanSquaredError,
            optimizer: .adam(learningRate: 0.05), batchSize: 64, epochs: 10)
        try training.run()
        let (predictions, _) = try training.model.predict(source)
        let values = try #require(predictions.values)
        var targets: [Double] = []
        let column = source.columnNames.count - 1
        try source.read(ColumnSelection(numeric: [column])) { chunk in targets += chunk.numbers.map(Double.init) }
        let metrics = PlainMetrics(predictions: values, targets: targets, outputs: 1)
        // A linear model explains about half of the variance; unscaled predictions would explain none.
        #expect(try #require(metrics.r2) > 0.4)
        let scored = training.model.scorer.metrics(
            outputs: SharedBuffer(predictions.outputs.elements), of: table.training)
        #expect(isClose(scored[0].value, metrics.mse, relative: 1e-5))
        // The training pass' own score is in the same units; the weights moved while it was summed.
        #expect(abs(try #require(training.history.last?["mse"]) / metrics.mse - 1) < 0.1)
    }
}
