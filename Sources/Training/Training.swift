internal import LinearAlgebra
public import ModelFile
public import NeuralNetwork
public import Tabular

/// A training run: epochs over data, scores on held-out rows, early stopping, history.
///
///     let training = try Training(of: network, on: rows, configuration: .init(loss: .softmaxCrossEntropy()))
///     try training.run { print($0) }
///
/// The same seed, data, settings and CPU kernel give the same bits on any number of workers, and of ranks: several processes
/// that make the same training, over the same data, with communicators of their own. What is said to be common below must
/// be called on all of them.
public final class Training {
    /// Held-out rows and how their outputs are scored.
    public struct Validation {
        public var rows: any ScoringData
        public var scorer: Scorer

        public init(rows: any ScoringData, scorer: Scorer) {
            self.rows = rows
            self.scorer = scorer
        }
    }

    /// When to stop early.
    public struct Stopping: Sendable, Hashable, Codable {
        /// Epochs without improvement after which training stops; `nil`: never. The best weights are then restored.
        public var patience: Int?
        /// The metric that must improve: `val_loss` where rows are held out, else `loss`.
        public var monitor: String?

        public init(patience: Int? = nil, monitor: String? = nil) {
            self.patience = patience
            self.monitor = monitor
        }
    }

    /// What a run does when it meets a number that is not finite: it goes back to a good state and takes smaller steps.
    ///
    /// Where it goes back to depends on nothing but the run itself, so that it comes to the same bytes however often it
    /// is interrupted.
    public struct Recovery: Sendable, Hashable {
        /// How often in a run; then the failure ends it.
        public var limit: Int
        /// What every rollback multiplies the learning rate by.
        public var rateFactor: Double
        /// The run goes back to the end of an epoch or, where this is given, to a multiple of so many steps, whichever is
        /// later; but not to one after which the loss was more than twice that of the first step.
        public var steps: Int?

        public init(limit: Int, rateFactor: Double = 0.5, steps: Int? = nil) {
            self.limit = limit
            self.rateFactor = rateFactor
            self.steps = steps
        }
    }

    /// How far an epoch is.
    public struct Progress: Sendable {
        public var epoch: Int
        public var rows: Int
        public var totalRows: Int
        /// The mean loss of the rows so far.
        public var loss: Double
        public var samplesPerSecond: Double
    }

    public let graph: Graph
    public let configuration: TrainingConfiguration
    public let shards: ShardPlan
    public let workers: Int
    /// The weights, as they stand.
    public let parameters: Parameters
    public internal(set) var history: [EpochRecord] = []
    /// The epoch whose weights are the best so far, by the monitored metric.
    public internal(set) var bestEpoch: Int?
    /// How raw rows became features, to be stored with the model.
    public var encoding: TableEncoding?
    /// Called between steps, about twenty times a second, at the same steps on all ranks. Returning `false` on one of them
    /// stops the epoch where it is.
    public var onProgress: ((Progress) -> Bool)?
    /// `onProgress` is called at all multiples of this many steps of the run, too.
    public var progressSteps: Int?

    /// The ranks that train together.
    public var communicator: any Communicator { trainer.communicator }
    /// Asked while held-out rows are scored, by any worker. Once it is true, the run stops before the epoch is complete,
    /// and can go on from its state.
    public var isInterrupted: (@Sendable () -> Bool)?
    /// Called when the run has gone back.
    public var onRollback: ((Rollback, NumericalFailure) throws -> Void)?

    /// The steps taken.
    public internal(set) var step = 0
    /// The steps that the optimizer had taken before this run.
    public internal(set) var earlierSteps = 0
    /// The first first.
    public internal(set) var rollbacks: [Rollback] = []
    let recovery: Recovery?
    /// Where the run would go back to.
    var goodState: TrainingState?
    /// The state to go back to instead, if the next step shows that it is sound.
    var proposedState: TrainingState?
    /// Of the first step, where a run may go back.
    var firstLoss: Double?
    let trainer: Trainer
    let data: any TrainingData
    private let validation: Validation?
    private let evaluator: Evaluator?
    private let stopping: Stopping
    /// The epochs of the whole run, those before it went on included.
    public let plannedEpochs: Int
    private let trainingScorer: Scorer?
    var best: (value: Double, parameters: Parameters?)?
    var epochsWithoutImprovement = 0
    var epochsSinceReduction = 0
    var reductions = 0

    /// - Parameters:
    ///   - network: From features to logits or values.
    ///   - data: Rows with targets that fit the loss.
    ///   - epochs: How many are planned, which schedules need to know.
    ///   - parameters: The weights to start from; by the network's initializers and the seed otherwise.
    ///   - recovery: What is done about numbers that are not finite; `nil`: they end the run. It takes the memory of another
    ///     copy of weights and moments.
    ///   - workers: The most threads to use.
    ///   - communicator: The ranks that train together.
    ///   - scorer: Names the score of the training pass (`accuracy`, `mse`).
    ///   - measuresTime: Whether `timeProfile` is kept, which takes some reads of a clock per layer and step.
    /// - Throws: `TrainingError` when data and network do not fit.
    public init(
        of network: Graph, on data: any TrainingData, configuration: TrainingConfiguration, epochs: Int = 20,
        validation: Validation? = nil, stopping: Stopping = Stopping(), recovery: Recovery? = nil,
        parameters: Parameters? = nil, workers: Int = Processors.usable,
        communicator: any Communicator = InProcessCommunicator(), scorer: Scorer? = nil, measuresTime: Bool = false
    ) throws(TrainingError) {
        guard network.inputSizes.count == 1 else {
            throw TrainingError("the network has \(network.inputSizes.count) inputs, and rows of a table are one")
        }
        guard recovery == nil || communicator.isAlone else {
            throw TrainingError("only one rank by itself can go back from numbers that are not finite")
        }
        guard data.featureCount == network.inputSize else {
            throw TrainingError("the data has \(data.featureCount) features, the network takes \(network.inputSize)")
        }
        guard configuration.batchSize > 0 else {
            throw TrainingError("a batch has at least one row, not \(configuration.batchSize)")
        }
        for targets in [data.targetShape, validation?.rows.targetShape].compactMap({ $0 }) {
            if let problem = configuration.loss.problem(with: targets, outputs: network.outputSize) {
                throw TrainingError(problem)
            }
        }
        guard configuration.stepsPerEpoch(rows: data.rowCount) > 0 else {
            throw TrainingError(
                data.rowCount == 0
                    ? "there are no rows to train on"
                    : "\(data.rowCount) rows do not fill one batch of \(configuration.batchSize), and the last batch is dropped"
            )
        }
        let needed = Trainer.memory(
            for: network, configuration: configuration, rows: data.rowCount, workers: workers)
        guard needed < Double(Processors.memory) else {
            throw TrainingError(
                "this network and batch size need \(Int(needed / 1e9)) GB beside the data, and the machine has "
                    + "\(Processors.memory / 1_000_000_000); use fewer units, a smaller batch or fewer shards")
        }
        graph = network
        self.data = data
        self.configuration = configuration
        self.validation = validation
        self.stopping = stopping
        self.recovery = recovery
        self.parameters = parameters ?? Parameters(of: network, seed: configuration.seed)
        trainer = Trainer(
            graph: network, parameters: self.parameters, configuration: configuration, rows: data.rowCount,
            workers: workers, communicator: communicator, measuresTime: measuresTime)
        shards = trainer.shards
        self.workers = trainer.workers
        evaluator =
            validation == nil
            ? nil
            : Evaluator(network, parameters: trainer.parameters, workers: workers, communicator: communicator)
        plannedEpochs = epochs
        trainingScorer = scorer
        if let monitor = stopping.monitor {
            var known = ["loss"] + (scorer.map { [$0.trainingScoreName] } ?? [])
            if let validation { known += (["loss"] + validation.scorer.metricNames).map { "val_" + $0 } }
            guard known.contains(monitor) else {
                throw TrainingError(
                    "there is no metric '\(monitor)' to monitor, only \(known.joined(separator: ", "))"
                        + (validation == nil ? "; hold rows out for those that start with val_" : ""))
            }
        }
    }

    /// Whether early stopping or a cancelled epoch has ended the run.
    public internal(set) var isFinished = false

    /// Trains for an epoch, scores it, and keeps the best weights; `nil` when the run is over.
    ///
    /// - Throws: `NumericalFailure` as soon as a loss or gradient is not finite, unless the run recovers from it, and what
    ///   the data source throws.
    public func nextEpoch() throws -> EpochRecord? {
        if recovery != nil, goodState == nil { goodState = state }
        while !isFinished, history.count < plannedEpochs {
            do {
                return try completeEpoch()
            } catch {
                // Some steps of the epoch were taken; taking them again would be another run.
                guard let failure = error as? NumericalFailure, goBack(after: failure) else {
                    isFinished = true
                    throw error
                }
                try onRollback?(rollbacks[rollbacks.count - 1], failure)
            }
        }
        return nil
    }

    private func completeEpoch() throws -> EpochRecord? {
        let epoch = history.count + 1
        guard let pass = try trainEpoch(epoch) else {
            isFinished = true
            return nil
        }
        let lastStep = epoch * stepsPerEpoch - 1
        func failure(_ place: NumericalFailure.Place) -> NumericalFailure {
            trainer.failure(place, epoch: epoch, step: lastStep, learningRate: learningRate(atStep: lastStep))
        }
        if let path = parameters.firstPathNotFinite { throw failure(.parameter(path: path)) }
        var metrics = [Metric("loss", pass.loss)]
        if let trainingScorer, let score = trainingScorer.trainingScore(sum: pass.score, rows: pass.rows) {
            metrics.append(score)
        }
        if let validation, let evaluator {
            let score: Score
            do {
                score = try evaluator.score(
                    validation.rows, loss: configuration.loss, scorer: validation.scorer,
                    isCancelled: isInterrupted ?? { false })
            } catch is CancellationError {
                isFinished = true
                return nil
            }
            guard score.loss.isFinite else { throw failure(.validationLoss) }
            metrics.append(Metric("val_loss", score.loss))
            metrics += score.metrics.map { Metric("val_" + $0.name, $0.value) }
        }
        let record = EpochRecord(
            epoch: epoch, metrics: metrics, learningRate: learningRate(atStep: lastStep),
            seconds: pass.seconds, samplesPerSecond: pass.samplesPerSecond)
        history.append(record)
        try judge(record)
        proposeState()
        return record
    }

    /// Trains until the planned epochs are over or the run is stopped.
    public func run(_ onEpoch: (EpochRecord) -> Void = { _ in }) throws {
        while let record = try nextEpoch() { onEpoch(record) }
        restoreBest()
    }

    /// Puts the best weights back, where early stopping kept them.
    public func restoreBest() {
        guard let kept = best?.parameters else { return }
        parameters.values.copy(from: kept.values)
    }

    /// Ends the run; the next `nextEpoch()` returns `nil`.
    public func stop() {
        isFinished = true
    }

    var stepsPerEpoch: Int { configuration.stepsPerEpoch(rows: data.rowCount) }

    func learningRate(atStep step: Int) -> Double {
        configuration.optimizer.learningRate * rateFactor
            * configuration.schedule.factor(
                at: step, of: plannedEpochs * stepsPerEpoch, warmup: configuration.warmupSteps, reductions: reductions)
    }

    /// Where the time of all ranks' workers has gone in the training passes so far; `nil` unless the run measures it. To be
    /// asked on all ranks.
    public var timeProfile: TimeProfile? {
        trainer.timeProfile(seconds: history.reduce(0) { $0 + $1.seconds })?.summed(over: trainer.communicator)
    }

    // MARK: Early stopping and plateaus

    var hasRunOutOfPatience: Bool { stopping.patience.map { epochsWithoutImprovement >= max(1, $0) } ?? false }

    private func judge(_ record: EpochRecord) throws(TrainingError) {
        let monitor = stopping.monitor ?? (validation == nil ? "loss" : "val_loss")
        guard let metric = record.metrics.first(where: { $0.name == monitor }) else {
            let known = record.metrics.map(\.name).joined(separator: ", ")
            throw TrainingError("there is no metric '\(monitor)' to monitor, only \(known)")
        }
        let improved = best.map { metric.increases ? metric.value > $0.value : metric.value < $0.value } ?? true
        if improved {
            best = (metric.value, stopping.patience == nil ? nil : parameters.copy())
            bestEpoch = record.epoch
            epochsWithoutImprovement = 0
            epochsSinceReduction = 0
        } else {
            epochsWithoutImprovement += 1
            epochsSinceReduction += 1
        }
        if hasRunOutOfPatience { isFinished = true }
        if case .plateau(_, let patience) = configuration.schedule, epochsSinceReduction >= max(1, patience) {
            reductions += 1
            epochsSinceReduction = 0
        }
    }
}

extension Parameters {
    /// The first parameter that holds an infinity or a NaN.
    fileprivate var firstPathNotFinite: String? {
        layout.slices.first { !allFinite(values.base + $0.offset, count: $0.count) }?.path
    }
}
