import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("A training run")
struct TrainingTests {
    // MARK: A network of one bias, whose every step is known

    /// y = b, whatever the row. With the mean absolute error and targets of 1000, a step adds the learning rate to b.
    struct Bias {
        static let graph = Graph(inputs: 1) { Dense(1) }

        static func samples(_ targets: [Float]) -> SampleSelection {
            SampleSelection(
                Samples(
                    rowCount: targets.count, featureCount: 1, features: SharedBuffer(count: targets.count),
                    targets: .values(SharedBuffer(targets), columns: 1)))
        }

        static func parameters(_ bias: Float) -> Parameters {
            let parameters = Parameters(layout: ParameterLayout(graph))
            parameters["dense/bias"] = [[bias]]
            return parameters
        }

        static let scorer = Scorer(.values(means: [0], deviations: [1]), outputActivation: .linear)
    }

    /// b goes from 0 to 1 by a tenth of the way in each epoch, and passes the held-out 0.5 after the seventh: 0.5217.
    private func passing(
        epochs: Int, stopping: Training.Stopping = .init(), schedule: Schedule = .constant
    ) throws -> Training {
        try Training(
            of: Bias.graph, on: Bias.samples([1, 1, 1]),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.05), schedule: schedule, batchSize: 3),
            epochs: epochs, validation: .init(rows: Bias.samples([0.5, 0.5]), scorer: Bias.scorer), stopping: stopping,
            parameters: Bias.parameters(0), scorer: Bias.scorer)
    }

    private func bias(_ training: Training) -> Float { training.parameters["dense/bias"].elements[0] }

    // MARK: History

    @Test("The history holds every epoch with Keras' names, and is handed to the caller")
    func history() throws {
        let training = try passing(epochs: 3)
        var seen: [EpochRecord] = []
        try training.run { seen.append($0) }
        #expect(training.history == seen)
        #expect(seen.map(\.epoch) == [1, 2, 3])
        for record in seen {
            #expect(record.metrics.map(\.name) == ["loss", "mse", "val_loss", "val_mse", "val_mae", "val_rmse"])
            #expect(record.seconds > 0 && record.samplesPerSecond > 0)
            #expect(record.learningRate == 0.05)
        }
        // The training loss is that of the weights before the step, the other that of those after it.
        #expect(isClose(seen[0]["loss"], 1))
        #expect(isClose(seen[0]["val_loss"], 0.16, relative: 1e-6))
        #expect(isClose(seen[1]["loss"], 0.81, relative: 1e-6))
        #expect(isClose(seen[1]["val_mae"], 0.31, relative: 1e-6))
        #expect(try training.nextEpoch() == nil)
        #expect(training.history.count == 3)
        #expect(training.model.history == seen)
    }

    @Test("Epochs one by one are the same run")
    func oneByOne() throws {
        let whole = try passing(epochs: 4)
        try whole.run()
        let stepwise = try passing(epochs: 4)
        var count = 0
        while try stepwise.nextEpoch() != nil { count += 1 }
        #expect(count == 4)
        #expect(bitDifference(stepwise.parameters.values.elements, whole.parameters.values.elements) == nil)
    }

    @Test("The model of a run is a copy")
    func model() throws {
        let training = try passing(epochs: 2)
        let before = training.model
        try training.run()
        #expect(before.parameters["dense/bias"].elements == [0])
        #expect(training.model.parameters["dense/bias"].elements == [bias(training)])
        #expect(training.model.graph == Bias.graph)
        #expect(training.model.outputActivation == .linear)
    }

    @Test("stop() ends the run, and no planned epochs are none")
    func stop() throws {
        let training = try passing(epochs: 10)
        try training.run { record in
            if record.epoch == 2 { training.stop() }
        }
        #expect(training.history.count == 2)
        #expect(training.isFinished)
        let none = try passing(epochs: 0)
        try none.run()
        #expect(none.history.isEmpty)
        #expect(bias(none) == 0)
    }

    // MARK: Early stopping

    @Test("Patience stops the run, and the best weights come back to the last bit")
    func patience() throws {
        let training = try passing(epochs: 50, stopping: .init(patience: 3))
        try training.run()
        #expect(training.bestEpoch == 7)
        #expect(training.history.count == 10)
        #expect(training.isFinished)
        let exact = try passing(epochs: 7)
        try exact.run()
        #expect(bitDifference(training.parameters.values.elements, exact.parameters.values.elements) == nil)
        #expect(abs(bias(training) - 0.5217) < 1e-4)
    }

    @Test("A run that ends before its patience has the best weights too; without patience it has the last")
    func endsEarly() throws {
        let patient = try passing(epochs: 9, stopping: .init(patience: 3))
        try patient.run()
        #expect(patient.history.count == 9)
        #expect(abs(bias(patient) - 0.5217) < 1e-4)
        let plain = try passing(epochs: 9)
        try plain.run()
        #expect(plain.bestEpoch == 7)
        #expect(abs(bias(plain) - 0.6126) < 1e-4)
    }

    @Test("Weights stay as they stand until the best are asked for")
    func restoring() throws {
        let training = try passing(epochs: 9, stopping: .init(patience: 5))
        while try training.nextEpoch() != nil {}
        #expect(abs(bias(training) - 0.6126) < 1e-4)
        training.restoreBest()
        #expect(abs(bias(training) - 0.5217) < 1e-4)
    }

    @Test("The training loss is watched where no rows are held out, or where it is named")
    func monitorLoss() throws {
        let training = try passing(epochs: 12, stopping: .init(patience: 2, monitor: "loss"))
        try training.run()
        #expect(training.bestEpoch == 12)
        let alone = try Training(
            of: Bias.graph, on: Bias.samples([1]),
            configuration: TrainingConfiguration(loss: .meanSquaredError, optimizer: .sgd(learningRate: 1.5)),
            epochs: 9, stopping: .init(patience: 2), parameters: Bias.parameters(0))
        // b: 0, 3, -3, 9: worse and worse.
        try alone.run()
        #expect(alone.bestEpoch == 1)
        #expect(alone.history.count == 3)
        #expect(bias(alone) == 3)
    }

    @Test("A score is best where it is highest")
    func monitorAccuracy() throws {
        // σ(b) passes one half when b passes 0; three of four held-out rows are of the second class.
        func run(epochs: Int, patience: Int?) throws -> Training {
            let scorer = Scorer(.secondClass, outputActivation: .sigmoid)
            let training = try Training(
                of: Bias.graph, on: Bias.samples([1, 1]),
                configuration: TrainingConfiguration(loss: .binaryCrossEntropy(), optimizer: .sgd(learningRate: 0.1)),
                epochs: epochs, validation: .init(rows: Bias.samples([1, 1, 0, 1]), scorer: scorer),
                stopping: .init(patience: patience, monitor: "val_accuracy"), parameters: Bias.parameters(-0.3),
                scorer: scorer)
            try training.run()
            return training
        }
        let training = try run(epochs: 30, patience: 5)
        let scores = training.history.map { $0["val_accuracy"] }
        let first = try #require(scores.firstIndex(of: 0.75))
        #expect(first > 1)
        #expect(scores == Array(repeating: 0.25, count: first) + Array(repeating: 0.75, count: 6))
        #expect(training.bestEpoch == first + 1)
        let exact = try run(epochs: first + 1, patience: nil)
        #expect(bitDifference(training.parameters.values.elements, exact.parameters.values.elements) == nil)
    }

    @Test("A metric that there is not cannot be monitored")
    func unknownMonitor() throws {
        let error = #expect(throws: TrainingError.self) {
            _ = try passing(epochs: 3, stopping: .init(patience: 1, monitor: "val_auc"))
        }
        #expect(
            error?.reason
                == "there is no metric 'val_auc' to monitor, only loss, mse, val_loss, val_mse, val_mae, val_rmse, val_r2"
        )
        for monitor in ["accuracy", "val_loss", "nonsense"] {
            let error = #expect(throws: TrainingError.self) {
                _ = try Training(
                    of: Bias.graph, on: Bias.samples([1]), configuration: .init(loss: .meanSquaredError),
                    stopping: .init(patience: 1, monitor: monitor), scorer: Bias.scorer)
            }
            #expect(error?.reason.contains("'\(monitor)'") == true)
        }
        #expect(throws: TrainingError.self) {
            _ = try passing(epochs: 3, stopping: .init(patience: 1, monitor: "nonsense"))
        }
    }

    // MARK: Learning rates

    /// A run whose bias adds up the learning rates of all its steps.
    private func adding(
        _ schedule: Schedule, warmup: Int = 0, rows: Int = 1, batchSize: Int = 1, epochs: Int
    ) throws -> (training: Training, rates: [Double]) {
        let training = try Training(
            of: Bias.graph, on: Bias.samples(Array(repeating: 1000, count: rows)),
            configuration: TrainingConfiguration(
                loss: .meanAbsoluteError, optimizer: .sgd(learningRate: 0.5), schedule: schedule, warmupSteps: warmup,
                batchSize: batchSize),
            epochs: epochs, parameters: Bias.parameters(0))
        try training.run()
        return (training, training.history.map(\.learningRate))
    }

    @Test("A warm-up climbs to the rate, and records show it")
    func warmup() throws {
        let (training, rates) = try adding(.constant, warmup: 4, epochs: 6)
        #expect(rates == [0.125, 0.25, 0.375, 0.5, 0.5, 0.5])
        #expect(abs(bias(training) - 2.25) < 1e-6)
    }

    @Test("A schedule runs over the steps of the whole run, and a record has the rate of its epoch's last step")
    func schedule() throws {
        let (staircase, rates) = try adding(.step(every: 2, factor: 0.5), epochs: 6)
        #expect(rates == [0.5, 0.5, 0.25, 0.25, 0.125, 0.125])
        #expect(abs(bias(staircase) - 1.75) < 1e-6)
        // 3 steps an epoch, the last of fewer rows: steps 0...5 of 6 at (1 + cos(π s / 6)) / 2.
        let (cosine, cosineRates) = try adding(.cosine(), rows: 5, batchSize: 2, epochs: 2)
        #expect(isClose(cosineRates[0], 0.5 * 0.75))
        #expect(isClose(cosineRates[1], 0.5 * (1 - 3.0.squareRoot() / 2) / 2))
        let all = [1, (1 + 3.0.squareRoot() / 2) / 2, 0.75, 0.5, 0.25, (1 - 3.0.squareRoot() / 2) / 2]
        #expect(abs(Double(bias(cosine)) - 0.5 * all.reduce(0, +)) < 1e-6)
        let (_, warmed) = try adding(.cosine(), warmup: 2, epochs: 4)
        #expect(zip(warmed, [0.25, 0.5, 0.5, 0.25]).allSatisfy { isClose($0, $1) })
    }

    /// The loss stays 0, so that no epoch after the first is better.
    private func resting(_ schedule: Schedule, epochs: Int) throws -> [Double] {
        let training = try Training(
            of: Bias.graph, on: Bias.samples([1, 1]),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 1), schedule: schedule),
            epochs: epochs, parameters: Bias.parameters(1))
        try training.run()
        return training.history.map(\.learningRate)
    }

    @Test("A plateau lowers the rate after as many epochs without improvement as its patience")
    func plateau() throws {
        #expect(try resting(.plateau(factor: 0.5, patience: 2), epochs: 8) == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125])
        #expect(try resting(.plateau(factor: 0.1, patience: 1), epochs: 3) == [1, 1, 0.1])
        // Every epoch improves: nothing is lowered, and the next plateau waits its full patience.
        let training = try passing(epochs: 12, schedule: .plateau(factor: 0.5, patience: 2))
        try training.run()
        // Best after the seventh; the eighth and ninth are not.
        let rates = training.history.map { $0.learningRate / 0.05 }
        #expect(rates == Array(repeating: 1, count: 9) + [0.5, 0.5, 0.25])
    }

    @Test("An epoch that improves starts the counts anew")
    func countsStartAnew() throws {
        // b swings around 1 by nine tenths each time: 1.9, 0.19, 1.729, ...; every other epoch is the best so far.
        let training = try Training(
            of: Bias.graph, on: Bias.samples([1]),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.95),
                schedule: .plateau(factor: 0.5, patience: 2)),
            epochs: 7, validation: .init(rows: Bias.samples([1.05]), scorer: Bias.scorer),
            stopping: .init(patience: 2), parameters: Bias.parameters(0))
        try training.run()
        let losses = training.history.compactMap { $0["val_loss"] }
        try #require(losses.count == 7)
        for epoch in [2, 4, 6] { #expect(losses[epoch] < losses[epoch - 2] && losses[epoch - 1] > losses[epoch - 2]) }
        #expect(training.history.allSatisfy { $0.learningRate == 0.95 })
    }

    @Test("A plateau without patience lowers the rate after epochs that do not improve, and after no other")
    func impatientPlateau() throws {
        #expect(try resting(.plateau(factor: 0.5, patience: 0), epochs: 1) == [1])
        let training = try passing(epochs: 5, schedule: .plateau(factor: 0.5, patience: 0))
        try training.run()
        #expect(training.history.map(\.learningRate) == Array(repeating: 0.05, count: 5))
    }

    // MARK: Batches

    @Test("A last, smaller batch counts by its rows")
    func lastBatch() throws {
        let training = try Training(
            of: Bias.graph, on: Bias.samples([1, 1, 1, 1, 7]),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0), batchSize: 4, shuffles: false),
            epochs: 1, parameters: Bias.parameters(0))
        let record = try #require(try training.nextEpoch())
        #expect(record["loss"] == (4 * 1 + 49) / 5.0)
    }

    @Test("Fewer rows than a batch are a batch of their own, cut where the full one is")
    func fewRows() throws {
        func run(batchSize: Int, shards: Int) throws -> Training {
            let training = try Training(
                of: Graph(inputs: 3) { Dense(2) },
                on: SampleSelection(RandomRows.values(rows: 20, features: 3, columns: 2)),
                configuration: TrainingConfiguration(
                    loss: .meanSquaredError, optimizer: .adam(), batchSize: batchSize, shards: shards),
                epochs: 3, workers: 8)
            try training.run()
            return training
        }
        // Shards of 8 rows: 8, 8 and 4.
        let few = try run(batchSize: 64, shards: 8)
        #expect(few.workers == 3)
        let whole = try run(batchSize: 24, shards: 3)
        #expect(bitDifference(few.parameters.values.elements, whole.parameters.values.elements) == nil)
        #expect(few.history.map(\.metrics) == whole.history.map(\.metrics))
    }

    @Test("A last batch that is dropped leaves no trace")
    func dropsLastBatch() throws {
        func run(_ rows: SampleSelection, drops: Bool) throws -> Training {
            let graph = Graph(inputs: 3) {
                Dense(4, activation: .tanh)
                Dropout(0.25)
                Dense(2)
            }
            let training = try Training(
                of: graph, on: rows,
                configuration: TrainingConfiguration(
                    loss: .meanSquaredError, optimizer: .adam(), batchSize: 4, shuffles: false, dropsLastBatch: drops),
                epochs: 3)
            try training.run()
            return training
        }
        let samples = RandomRows.values(rows: 11, features: 3, columns: 2)
        let dropped = try run(SampleSelection(samples), drops: true)
        let without = try run(SampleSelection(samples, rows: Array(0..<8)), drops: false)
        #expect(bitDifference(dropped.parameters.values.elements, without.parameters.values.elements) == nil)
        #expect(dropped.history.map(\.metrics) == without.history.map(\.metrics))
        let kept = try run(SampleSelection(samples), drops: false)
        #expect(bitDifference(dropped.parameters.values.elements, kept.parameters.values.elements) != nil)
    }

    @Test("Selected rows train as a table of those rows alone")
    func selection() throws {
        let samples = RandomRows.classes(3, rows: 40, features: 4, weighted: true)
        let rows: [UInt32] = (0..<25).map { ($0 * 13) % 40 }
        guard case .labels(let labels, _) = samples.targets else { preconditionFailure("labels are wanted") }
        let copy = Samples(
            rowCount: 25, featureCount: 4,
            features: SharedBuffer(rows.flatMap { row in (0..<4).map { samples.features[Int(row) * 4 + $0] } }),
            targets: .labels(SharedBuffer(rows.map { labels[Int($0)] }), classes: 3),
            weights: samples.weights.map { weights in SharedBuffer(rows.map { weights[Int($0)] }) })
        func weights(_ rows: SampleSelection) throws -> [Float] {
            let training = try Training(
                of: Graph(inputs: 4) { Dense(3) }, on: rows,
                configuration: TrainingConfiguration(loss: .softmaxCrossEntropy(), batchSize: 8), epochs: 2)
            try training.run()
            return training.parameters.values.elements
        }
        let selected = try weights(SampleSelection(samples, rows: rows))
        #expect(bitDifference(selected, try weights(SampleSelection(copy))) == nil)
    }

    // MARK: Progress

    @Test("Progress comes between steps, and false stops the epoch where it is")
    func progress() throws {
        let training = try Training(
            of: Bias.graph, on: Bias.samples(Array(repeating: 1000, count: 10)),
            configuration: TrainingConfiguration(
                loss: .meanAbsoluteError, optimizer: .sgd(learningRate: 0.5), batchSize: 4),
            epochs: 3, parameters: Bias.parameters(0))
        var seen: [Training.Progress] = []
        training.onProgress = { progress in
            seen.append(progress)
            return progress.epoch < 2
        }
        try training.run()
        #expect(training.history.count == 1)
        #expect(training.isFinished)
        #expect(try training.nextEpoch() == nil)
        let last = try #require(seen.last)
        #expect(last.epoch == 2)
        #expect(seen.filter { $0.epoch == 2 }.count == 1)
        for progress in seen {
            #expect(progress.totalRows == 10)
            #expect([4, 8].contains(progress.rows))
            #expect(progress.samplesPerSecond > 0)
            // |b - 1000| with b around 0, and around 1.5 in the second epoch.
            #expect(abs(progress.loss - 999) < 1.01)
        }
        // Three steps in the first epoch, and those of the second that the progress tells of.
        #expect(bias(training) == 0.5 * Float(3 + last.rows / 4))
    }

    @Test("A run that is stopped within an epoch has the best weights where it keeps them")
    func stoppedWithPatience() throws {
        let training = try Training(
            of: Bias.graph, on: Bias.samples([1, 1, 1, 1]),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.125), batchSize: 1),
            epochs: 5, stopping: .init(patience: 3), parameters: Bias.parameters(0))
        training.onProgress = { $0.epoch < 2 }
        try training.run()
        #expect(training.history.count == 1)
        // Four steps of a quarter of the way.
        #expect(bias(training) == 1 - 0.31640625)
    }

    // MARK: Errors

    @Test("A network of another number of features is refused")
    func featureCount() {
        let error = #expect(throws: TrainingError.self) {
            _ = try Training(
                of: Graph(inputs: 3) { Dense(1) }, on: Bias.samples([1]), configuration: .init(loss: .meanSquaredError))
        }
        #expect(error == TrainingError("the data has 1 features, the network takes 3"))
        #expect(error?.description == "Training cannot start: the data has 1 features, the network takes 3.")
    }

    @Test("A network of several inputs is refused: rows are one matrix")
    func severalInputs() {
        let graph = Graph(inputs: [1, 1]) { $0[0] + $0[1] }
        #expect(throws: TrainingError.self) {
            _ = try Training(
                of: graph, on: SampleSelection(RandomRows.values(rows: 4, features: 2, columns: 1)),
                configuration: .init(loss: .meanSquaredError))
        }
    }

    @Test("What no machine can hold is refused")
    func memory() {
        // A gradient of 16 GB for each of 2,000 shards.
        let graph = Graph(inputs: 65_536) { Dense(65_000) }
        let error = #expect(throws: TrainingError.self) {
            _ = try Training(
                of: graph,
                on: CountsAlone(
                    rowCount: 2000, featureCount: 65_536, targetShape: .values(columns: 65_000)),
                configuration: .init(loss: .meanSquaredError, batchSize: 2000, shards: 2000))
        }
        #expect(error?.reason.contains("GB") == true)
    }

    @Test("No rows, and too few for one batch, are refused")
    func rows() {
        let none = #expect(throws: TrainingError.self) {
            _ = try Training(of: Bias.graph, on: Bias.samples([]), configuration: .init(loss: .meanSquaredError))
        }
        #expect(none == TrainingError("there are no rows to train on"))
        let few = #expect(throws: TrainingError.self) {
            _ = try Training(
                of: Bias.graph, on: Bias.samples([1, 2, 3]),
                configuration: .init(loss: .meanSquaredError, batchSize: 4, dropsLastBatch: true))
        }
        #expect(few == TrainingError("3 rows do not fill one batch of 4, and the last batch is dropped"))
    }
}

/// Data that says how much there is, and has nothing.
private struct CountsAlone: TrainingData {
    var rowCount: Int
    var featureCount: Int
    var targetShape: Samples.TargetShape

    func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {}
}
