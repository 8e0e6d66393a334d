internal import ArgumentParser
internal import Descent

/// Loss, optimizer, schedule and the run itself.
struct TrainingArguments: ParsableArguments {
    enum LossName: String, CaseIterable, ExpressibleByArgument {
        case auto
        case softmaxCrossEntropy = "softmax-cross-entropy"
        case binaryCrossEntropy = "binary-cross-entropy"
        case mse
        case mae
        case huber
        case halfSquaredError = "half-squared-error"
        case squaredError = "squared-error"
    }

    enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
        case sgd
        case adam
        case adamw
        case rmsprop
        case adagrad
    }

    enum ScheduleName: String, CaseIterable, ExpressibleByArgument {
        case constant
        case step
        case exponential
        case cosine
        case oneCycle = "one-cycle"
        case plateau
    }

    @Option(help: "What training makes small; auto: cross-entropy for classes, mse for numbers.")
    var loss: LossName = .auto

    @Option(help: "Moves targets this far towards equal shares; for the cross-entropies.")
    var labelSmoothing = 0.0

    @Option(help: "The update rule, with Keras' defaults.")
    var optimizer: OptimizerName = .adam

    @Option(help: ArgumentHelp("The step size. (default: 0.01 for sgd, 0.001 for the others)", valueName: "rate"))
    var learningRate: Double?

    @Option(help: "Momentum, for sgd and rmsprop.")
    var momentum = 0.0

    @Flag(help: "Nesterov's momentum, for sgd.")
    var nesterov = false

    @Option(help: "Decay of the gradient's average, for adam and adamw.")
    var beta1 = 0.9

    @Option(help: "Decay of the squared gradient's average, for adam and adamw.")
    var beta2 = 0.999

    @Option(help: "Decay of the squared gradient's average, for rmsprop.")
    var rho = 0.9

    @Option(help: "Keeps the division of adam, adamw, rmsprop and adagrad finite.")
    var epsilon = 1e-7

    @Option(help: "Decoupled weight decay: the share of each weight, times the rate, that a step takes away.")
    var weightDecay = 0.0

    @Option(
        help: ArgumentHelp(
            "Scales all gradients so that their common norm is at most this. (default: none)", valueName: "norm"))
    var clipNorm: Double?

    @Option(help: ArgumentHelp("Limits every gradient to plus or minus this. (default: none)", valueName: "limit"))
    var clipValue: Double?

    @Option(
        help: """
            How the rate changes: step: a tenth after each third of the run; exponential: down to a hundredth; cosine: to 0; \
            one-cycle: up over 30 %, then down; plateau: half after 5 epochs without improvement.
            """)
    var schedule: ScheduleName = .constant

    @Option(help: ArgumentHelp("Steps over which the rate climbs to its value.", valueName: "steps"))
    var warmup = 0

    @Option(help: "Passes over the training rows.")
    var epochs = 20

    @Option(help: ArgumentHelp("Stop after this long, such as 90s, 10min, 2h. (default: none)", valueName: "time"))
    var maxTime: String?

    @Option(help: "Rows per step.")
    var batchSize = 128

    @Flag(help: "Visit the rows in the order of the table.")
    var noShuffle = false

    @Flag(help: "Leave out a last, smaller batch.")
    var dropLast = false

    @Option(
        help: ArgumentHelp(
            "Stop after so many epochs without improvement; best weights restored. (default: never)",
            valueName: "epochs"))
    var patience: Int?

    @Option(
        help: ArgumentHelp(
            "The metric that must improve. (default: val_loss, or loss where no rows are held out)", valueName: "metric"
        ))
    var monitor: String?

    @Option(help: "The key of every random number.")
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Threads. The result does not depend on them. (default: \(Processors.usable), the usable cores)",
            valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("Shards per batch. (default: by a rule over batch size and model)", valueName: "n"))
    var shards: Int?

    func validate() throws {
        func require(_ holds: Bool, _ message: String) throws {
            guard holds else { throw ValidationError(message) }
        }
        try require(
            labelSmoothing >= 0 && labelSmoothing < 1, "--label-smoothing lies in [0, 1), not at \(labelSmoothing)")
        try require(learningRate.map { $0 > 0 && $0.isFinite } ?? true, "--learning-rate is a positive number")
        try require(momentum >= 0 && momentum < 1, "--momentum lies in [0, 1), not at \(momentum)")
        try require(
            !nesterov || (optimizer == .sgd && momentum > 0),
            "--nesterov needs --optimizer sgd and a --momentum above 0")
        for (flag, value) in [("--beta1", beta1), ("--beta2", beta2), ("--rho", rho)] {
            try require(value >= 0 && value < 1, "\(flag) lies in [0, 1), not at \(value)")
        }
        let smoothable: [LossName] = [.auto, .softmaxCrossEntropy, .binaryCrossEntropy]
        try require(
            labelSmoothing == 0 || smoothable.contains(loss),
            "--label-smoothing is for the cross-entropies, not for \(loss.rawValue)")
        try require(Float(epsilon) > 0 && epsilon.isFinite, "--epsilon is a positive number")
        try require(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay is a number of 0 or more")
        try require(clipNorm == nil || clipValue == nil, "give --clip-norm or --clip-value, not both")
        for (flag, value) in [("--clip-norm", clipNorm), ("--clip-value", clipValue)] {
            try require(value.map { $0 > 0 && $0.isFinite } ?? true, "\(flag) is a positive number")
        }
        try require(warmup >= 0 && warmup <= 1 << 40, "--warmup is a number of steps, 0 or more")
        try require(epochs > 0 && epochs <= 1 << 30, "--epochs is a number from 1 to \(1 << 30), not \(epochs)")
        try require(
            batchSize > 0 && batchSize <= 1 << 24, "--batch-size is a number from 1 to \(1 << 24), not \(batchSize)")
        try require(patience.map { $0 > 0 } ?? true, "--patience is 1 or more")
        try require(workers.map { $0 > 0 } ?? true, "--workers is 1 or more")
        try require(
            shards.map { $0 > 0 && $0 <= batchSize } ?? true,
            "--shards is a number from 1 to the batch size, \(batchSize)")
        _ = try timeLimit()
    }

    /// Seconds.
    func timeLimit() throws -> Double? {
        guard let maxTime else { return nil }
        let units: [(String, Double)] = [("min", 60), ("s", 1), ("m", 60), ("h", 3600)]
        for (unit, seconds) in units where maxTime.hasSuffix(unit) {
            if let value = Double(maxTime.dropLast(unit.count)), value > 0 { return value * seconds }
        }
        guard let value = Double(maxTime), value > 0 else {
            throw ValidationError("--max-time is a time such as 90s, 10min or 2h, not '\(maxTime)'")
        }
        return value
    }

    var usedWorkers: Int { workers ?? Processors.usable }

    /// - Parameter network: A network from a file; its last activation has a say.
    func loss(for target: Schema.Target, network: Architecture.Network?) -> Loss {
        let smoothing = Float(labelSmoothing)
        return switch loss {
        case .auto:
            network.map {
                TrainingTask.defaultLoss(
                    for: target, network: $0.graph, endingIn: $0.outputActivation, labelSmoothing: smoothing)
            } ?? TrainingTask.defaultLoss(for: target, labelSmoothing: smoothing)
        case .softmaxCrossEntropy: .softmaxCrossEntropy(labelSmoothing: smoothing)
        case .binaryCrossEntropy: .binaryCrossEntropy(labelSmoothing: smoothing)
        case .mse: .meanSquaredError
        case .mae: .meanAbsoluteError
        case .huber: .huber()
        case .halfSquaredError: .halfSquaredError
        case .squaredError: .squaredError
        }
    }

    func configuration(loss: Loss, rows: Int) -> TrainingConfiguration {
        var configuration = TrainingConfiguration(
            loss: loss, optimizer: updateRule, warmupSteps: warmup, batchSize: batchSize, shards: shards,
            shuffles: !noShuffle, dropsLastBatch: dropLast, seed: seed)
        let steps = epochs * configuration.stepsPerEpoch(rows: rows)
        configuration.schedule =
            switch schedule {
            case .constant: .constant
            case .step: .step(every: max(1, (steps - warmup + 2) / 3), factor: 0.1)
            case .exponential: .exponential(every: max(1, steps - warmup), factor: 0.01)
            case .cosine: .cosine()
            case .oneCycle: .oneCycle()
            case .plateau: .plateau()
            }
        return configuration
    }

    private var updateRule: Optimizer {
        let clipping: Optimizer.Clipping =
            if let clipNorm { .norm(clipNorm) } else if let clipValue { .value(clipValue) } else { .none }
        var rule: Optimizer =
            switch optimizer {
            case .sgd: .sgd(momentum: momentum == 0 ? .none : nesterov ? .nesterov(momentum) : .heavyBall(momentum))
            case .adam, .adamw: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
            case .rmsprop: .rmsprop(rho: rho, momentum: momentum, epsilon: epsilon)
            case .adagrad: .adagrad(epsilon: epsilon)
            }
        if let learningRate { rule.learningRate = learningRate }
        rule.weightDecay = weightDecay
        rule.clipping = clipping
        return rule
    }
}
