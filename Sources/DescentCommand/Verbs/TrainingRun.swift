internal import Descent

/// One `descent train`, from files to a model and a summary.
final class TrainingRun {
    private let arguments: TrainCommand
    /// `nil` on ranks that do not write.
    private let output: OutputFile?
    private let communicator: any Communicator
    private let source: any TableSource
    private let input: TrainingInput
    private let task: TrainingTask
    private let training: Training
    private let log: EventLog?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var timeIsUp = false

    init(_ arguments: TrainCommand, output: OutputFile?, communicator: any Communicator) throws {
        var arguments = arguments
        self.communicator = communicator
        try RankAgreement.checkArguments(
            files: arguments.data.data + [arguments.valid, arguments.test].compactMap { $0 }, communicator)
        let found = arguments.checkpoints.resume ? try Checkpoints.found(at: arguments.output) : nil
        // How many rows are shuffled together is part of what decides the weights, and follows from the memory otherwise.
        if arguments.shuffleWindow == nil {
            arguments.shuffleWindow = found?.value.run?.identity.settings["shuffle_window"]?.number.map { Int($0) }
        }
        self.arguments = arguments
        self.output = output
        start = clock.now
        let networkStart = try arguments.start.start()
        let rejects = try arguments.rejects.map { try RejectFile(path: $0) }
        source = try arguments.data.open(workers: arguments.training.usedWorkers, rejects: rejects)
        input = try TrainingInput(
            arguments, source: source, start: networkStart, communicator: communicator, rejects: rejects)
        func say(_ notes: [String]) {
            guard !arguments.quiet else { return }
            for note in notes { printToStandardError("note: \(note)") }
        }
        say(input.notes + (rejects?.notes ?? []))
        if arguments.training.optimizer == .adamw, arguments.training.weightDecay == 0 {
            say(["adamw without --weight-decay is adam; Keras' default is --weight-decay 0.004"])
        }
        let task = input.task
        training = try Training(
            of: input.graph, on: input.training, configuration: input.configuration, epochs: arguments.training.epochs,
            validation: input.validation.map { Training.Validation(rows: $0, scorer: task.scorer) },
            stopping: Training.Stopping(
                patience: arguments.training.patience, monitor: arguments.training.monitor),
            recovery: arguments.checkpoints.recovery, parameters: try networkStart?.parameters(for: input.graph),
            workers: arguments.training.usedWorkers, communicator: communicator, scorer: task.scorer)
        training.encoding = input.encoding
        say(try networkStart?.continueOptimizer(in: training) ?? [])
        try output?.checkSpace(for: training.checkpointSize)
        self.task = task
        log = try arguments.log.map { try EventLog(path: $0, appends: found != nil) }
        if let found {
            say(try checkpoints.resume(training, from: found, isForced: arguments.checkpoints.force))
        } else if arguments.checkpoints.resume {
            say(["there is no \(arguments.output) to go on from: training starts from the beginning"])
        }
        try RankAgreement.check(training, identity, communicator)
    }

    private lazy var checkpoints = Checkpoints(
        output, every: arguments.checkpoints.checkpointEvery, settings: settings, identity: identity)

    private var identity: RunIdentity {
        RunIdentity(
            settings: settings, seed: arguments.training.seed, shuffles: !arguments.training.noShuffle,
            dataFingerprint: input.fingerprint, rowCount: input.training.rowCount, blasKernel: BLAS.kernel,
            version: descentVersion)
    }

    /// Saves if it is time, and says what went wrong before.
    private func saveIfDue(_ report: inout ProgressReport) {
        for failure in checkpoints.save(training) {
            report.clearLiveLine()
            printToStandardError("warning: \(failure)")
        }
    }

    func perform() throws {
        announce()
        try log?.write("start", startMembers)
        var report = ProgressReport(
            style: arguments.progress, isQuiet: arguments.quiet, epochs: arguments.training.epochs)
        let limit = try arguments.training.timeLimit()
        Interruption.hasWorkToSave = true
        if case .steps(let count) = arguments.checkpoints.checkpointEvery { training.progressSteps = count }
        training.onProgress = { [self] progress in
            report.update(progress)
            saveIfDue(&report)
            if let limit, seconds >= limit { timeIsUp = true }
            return !timeIsUp && !Interruption.isRequested
        }
        // Ranks stop together, and never while they share out the rows to score.
        if communicator.isAlone { training.isInterrupted = { Interruption.isRequested } }
        training.onRollback = { [self] rollback, failure in
            report.clearLiveLine()
            printToStandardError("warning: \(rollback)")
            var members = failure.logMembers
            members["returned_to"] = .number(Double(rollback.returnedTo))
            members["learning_rate"] = .number(rollback.learningRate)
            members["rollbacks"] = .number(Double(training.rollbacks.count))
            try log?.write("rollback", members)
            checkpoints.noteRollback(training)
        }
        do {
            while let record = try training.nextEpoch() {
                report.report(record)
                try log?.write("epoch", record.logMembers)
                saveIfDue(&report)
                if let limit, seconds >= limit { timeIsUp = true }
                if isToStop() { training.stop() }
            }
            _ = isToStop()
        } catch {
            report.clearLiveLine()
            let kept = checkpoints.finish()
            guard let failure = error as? NumericalFailure else {
                try log?.write("end", ["error": .string("\(error)")])
                throw error
            }
            try log?.write("nonfinite", failure.logMembers)
            try log?.write("end", ["error": .string("\(failure)")])
            throw Failure(.numerical, "\(failure) \(kept)")
        }
        report.clearLiveLine()
        guard training.hasFiniteWeights else {
            throw Failure(
                .numerical,
                "a weight is not a finite number after step \(training.step), so the model is not saved. "
                    + checkpoints.finish())
        }
        try checkpoints.saveAtOnce(training)
        Interruption.hasWorkToSave = false
        training.restoreBest()
        let testMetrics = try input.test.map(evaluate) ?? []
        var members: [String: JSONValue] = [
            "epochs": .number(Double(training.history.count)), "seconds": .number(seconds),
            "output": .string(arguments.output), "interrupted": .bool(Interruption.isRequested),
        ]
        if let best = training.bestEpoch { members["best_epoch"] = .number(Double(best)) }
        for metric in testMetrics { members[metric.name] = .number(metric.value) }
        try log?.write("end", members)
        if communicator.rank == 0 { printSummary(testMetrics) }
        if let code = Interruption.exitCode {
            throw Failure(
                code,
                "interrupted; the model as it stood is saved in \(arguments.output), and --resume goes on from there",
                isCommon: true)
        }
    }

    /// Whether time is up or a signal came, on any rank; common to all.
    private func isToStop() -> Bool {
        let timeBit: UInt32 = 1
        let bits = communicator.union((timeIsUp ? timeBit : 0) | Interruption.bit)
        timeIsUp = bits & timeBit != 0
        Interruption.adopt(bits & ~timeBit)
        return bits != 0
    }

    private var seconds: Double { (clock.now - start).seconds }

    private func evaluate(_ rows: any ScoringData) throws -> [Metric] {
        let evaluator = Evaluator(
            training.graph, parameters: training.parameters, workers: arguments.training.usedWorkers,
            communicator: communicator)
        let score = try evaluator.score(rows, loss: task.loss, scorer: task.scorer)
        return ([Metric("loss", score.loss)] + score.metrics).map { Metric("test_" + $0.name, $0.value) }
    }

    // MARK: What is printed

    private func announce() {
        guard !arguments.quiet else { return }
        let rows = NumberFormat.grouped(input.training.rowCount)
        let held =
            arguments.valid != nil
            ? "" : input.validation.map { ", \(NumberFormat.grouped($0.rowCount)) held out" } ?? ""
        let parameters = NumberFormat.grouped(training.parameters.layout.parameterCount)
        printToStandardError(
            "\(source.name): \(rows) rows to train on\(held), \(NumberFormat.counted(input.training.featureCount, "input")), "
                + "\(NumberFormat.counted(task.outputCount, "output")), \(parameters) parameters, "
                + NumberFormat.counted(training.workers, "worker")
                + (communicator.isAlone ? "" : " on each of \(communicator.rankCount) ranks"))
        guard arguments.verbose else { return }
        printToStandardError(training.graph.description)
        printToStandardError("settings: \(settings.text)")
        printToStandardError(
            "shards: \(training.shards.count) of \(training.shards.rows) rows per batch; BLAS kernel \(BLAS.kernel)")
    }

    private func printSummary(_ testMetrics: [Metric]) {
        let history = training.history
        let epochs = "\(NumberFormat.counted(history.count, "epoch")) in \(NumberFormat.duration(seconds))"
        var lines = [epochs + (timeIsUp ? ", stopped by --max-time" : "")]
        if arguments.training.patience != nil, let best = training.bestEpoch {
            lines[0] += ", best weights of epoch \(best) restored"
        }
        let shown = arguments.training.patience == nil ? history.last : history.first { $0.epoch == training.bestEpoch }
        var table = TextTable(rightAligned: [1, 2, 3])
        let metrics = shown?.metrics ?? []
        let validation = metrics.filter { $0.name.hasPrefix("val_") }.map {
            Metric(String($0.name.dropFirst(4)), $0.value)
        }
        let trained = metrics.filter { !$0.name.hasPrefix("val_") }
        let tested = testMetrics.map { Metric(String($0.name.dropFirst(5)), $0.value) }
        table.add(["", "training"] + (validation.isEmpty ? [] : ["validation"]) + (tested.isEmpty ? [] : ["test"]))
        var names: [String] = []
        for metric in trained + validation + tested where !names.contains(metric.name) { names.append(metric.name) }
        for name in names {
            func cell(_ list: [Metric]) -> [String] {
                list.isEmpty ? [] : [list.first { $0.name == name }.map { NumberFormat.metric($0.value) } ?? ""]
            }
            table.add([name, cell(trained).first ?? ""] + cell(validation) + cell(tested))
        }
        lines += table.lines(indent: "  ")
        lines.append("saved \(arguments.output)")
        print(lines.joined(separator: "\n"))
    }

    // MARK: What is recorded

    /// The settings that decide the weights. Workers are not among them.
    private var settings: JSONValue {
        let training = arguments.training
        let optimizer: [String: JSONValue] = [
            "name": .string(training.optimizer.rawValue),
            "learning_rate": .number(self.training.configuration.optimizer.learningRate),
            "momentum": .number(training.momentum), "nesterov": .bool(training.nesterov),
            "beta1": .number(training.beta1), "beta2": .number(training.beta2), "rho": .number(training.rho),
            "epsilon": .number(training.epsilon), "weight_decay": .number(training.weightDecay),
            "clip_norm": training.clipNorm.map { .number($0) } ?? .null,
            "clip_value": training.clipValue.map { .number($0) } ?? .null,
        ]
        var network: [String: JSONValue] = [
            "layers": .string(arguments.network.layers), "activation": .string(arguments.network.activation.rawValue),
            "dropout": .number(arguments.network.dropout), "input_dropout": .number(arguments.network.inputDropout),
            "l1": .number(arguments.network.l1), "l2": .number(arguments.network.l2),
        ]
        if arguments.start.isGiven {
            // What the file says stands in the model itself.
            for flag in ["layers", "activation", "dropout", "input_dropout"] { network[flag] = nil }
            network["architecture"] = arguments.start.architecture.map { .string($0) } ?? .null
            network["init_from"] = arguments.start.initFrom.map { .string($0) } ?? .null
            if arguments.start.initOptimizer { network["init_optimizer"] = true }
        }
        var settings: [String: JSONValue] = [
            "version": .string(descentVersion), "seed": .number(Double(training.seed)),
            "loss": .string(lossName), "label_smoothing": .number(training.labelSmoothing),
            "optimizer": .object(optimizer), "network": .object(network),
            "schedule": .string(training.schedule.rawValue), "warmup": .number(Double(training.warmup)),
            "epochs": .number(Double(training.epochs)), "batch_size": .number(Double(training.batchSize)),
            "shard_rows": .number(Double(self.training.shards.rows)), "shuffle": .bool(!training.noShuffle),
            "drop_last": .bool(training.dropLast),
            "validation_split": .number(arguments.validationSplit ?? TrainCommand.usualSplit),
            "patience": training.patience.map { .number(Double($0)) } ?? .null,
            "shuffle_window": input.window.map { .number(Double($0.rows)) } ?? .null,
            "shuffle_blocks": input.window.map { .number(Double($0.blockRows)) } ?? .null,
            "monitor": training.monitor.map { .string($0) } ?? .null,
            "class_weight": arguments.schema.classWeight.map { .string($0) } ?? .null,
            "scale": .string(arguments.schema.scale.rawValue),
            "target_scale": .string(arguments.schema.targetScale.rawValue),
            "missing": .string(arguments.schema.missing.rawValue),
            "missing_indicator": .bool(arguments.schema.missingIndicator),
            "rare": .number(Double(arguments.schema.rare)), "unseen": .string(arguments.schema.unseen.rawValue),
        ]
        if let recovery = arguments.checkpoints.recovery {
            settings["rollbacks"] = .number(Double(recovery.limit))
            settings["rollback_factor"] = .number(recovery.rateFactor)
            settings["rollback_steps"] = recovery.steps.map { .number(Double($0)) } ?? .null
        }
        return .object(settings)
    }

    private var lossName: String {
        switch task.loss {
        case .softmaxCrossEntropy: "softmax-cross-entropy"
        case .binaryCrossEntropy: "binary-cross-entropy"
        case .crossEntropy: "cross-entropy"
        case .meanSquaredError: "mse"
        case .meanAbsoluteError: "mae"
        case .huber: "huber"
        case .halfSquaredError: "half-squared-error"
        case .squaredError: "squared-error"
        }
    }

    private var startMembers: [String: JSONValue] {
        [
            "descent": .string(descentVersion), "hdf5": .string(HDF5Library.version),
            "blas_kernel": .string(BLAS.kernel),
            "workers": .number(Double(training.workers)), "ranks": .number(Double(communicator.rankCount)),
            "shards": .number(Double(training.shards.count)),
            "configuration": settings,
            "data": [
                "files": .array(arguments.data.data.map { .string($0) }),
                "rows": .number(Double(input.training.rowCount)),
                "validation_rows": .number(Double(input.validation?.rowCount ?? 0)),
                "features": .number(Double(input.training.featureCount)), "outputs": .number(Double(task.outputCount)),
                "fingerprint": .string(input.fingerprint),
            ],
            "parameters": .number(Double(training.parameters.layout.parameterCount)),
        ]
    }
}
