public import ModelFile
public import NeuralNetwork
public import Tabular

extension Training {
    /// A run over a table, with held-out rows where the table has some.
    ///
    ///     let table = try Table(contentsOf: "datasets/digits.csv", target: "label", validationSplit: 0.1)
    ///     let network = Graph(inputs: table.featureCount) { Dense(128); ReLU(); Dropout(0.2); Dense(table.classCount) }
    ///     let training = try Training(of: network, on: table, loss: .softmaxCrossEntropy(), seed: 1)
    ///     try training.run { print($0) }
    ///     try training.model.write(to: "digits.h5")
    ///
    /// - Throws: `TrainingError` when network, loss and table do not fit.
    public convenience init(
        of network: Graph, on table: Table, loss: Loss, optimizer: Optimizer = .adam(), batchSize: Int = 128,
        epochs: Int = 20, seed: UInt64 = 0, stopping: Stopping = Stopping(), workers: Int = Processors.usable
    ) throws(TrainingError) {
        let task = try TrainingTask(table.encoding, loss: loss)
        guard network.outputSize == task.outputCount else {
            throw TrainingError(
                "the network has \(network.outputSize) outputs, and the target needs \(task.outputCount)")
        }
        try self.init(
            of: network, on: task.adapt(table.training),
            configuration: TrainingConfiguration(loss: loss, optimizer: optimizer, batchSize: batchSize, seed: seed),
            epochs: epochs,
            validation: table.validation.map { Validation(rows: task.adapt($0), scorer: task.scorer) },
            stopping: stopping, workers: workers, scorer: task.scorer)
        encoding = table.encoding
    }

    /// The network as it stands, with the table's encoding and the history.
    public var model: Model {
        Model(
            graph: graph, parameters: parameters.copy(), outputActivation: configuration.loss.outputActivation,
            encoding: encoding, history: history)
    }
}
