internal import Descent

/// One `descent bench`: a network, rows to train it on, and what was measured.
struct Bench {
    /// A configuration and its rate.
    struct Measurement {
        var workers: Int
        var batchSize: Int
        var shards: Int
        var samplesPerSecond: Double
        var profile: TimeProfile
    }

    /// What does better than what was asked for.
    struct Advice {
        var shards: Measurement?
        var batchSize: Measurement?
    }

    private let arguments: BenchCommand
    /// The most to measure, on each rank.
    private let workers: Int
    private let communicator: any Communicator
    private let rows: SampleSelection
    private let graph: Graph
    private let loss: Loss
    private let name: String

    /// How much faster than what was asked for a suggestion must be, before it is worth a line.
    private static let worthwhile = 1.05

    init(_ arguments: BenchCommand, workers: Int, _ communicator: any Communicator) throws {
        self.arguments = arguments
        self.workers = workers
        self.communicator = communicator
        if arguments.data.isEmpty {
            let batches = max(2, min(64, 1 << 24 / (arguments.batchSize * arguments.inputs)))
            rows = Self.madeUp(
                rows: arguments.batchSize * batches, inputs: arguments.inputs, classes: arguments.classes)
            loss = .softmaxCrossEntropy()
            graph = try arguments.network.graph(inputs: arguments.inputs, outputs: arguments.classes)
            name = "made-up rows"
        } else {
            let source = try openTable(
                arguments.data,
                format: try arguments.format.tableFormat(workers: workers))
            let table = try Table(
                source, options: arguments.schema.options, validationSplit: 0, requiresSplit: false, seed: 0)
            let task = try TrainingTask(
                table.encoding, loss: TrainingTask.defaultLoss(for: table.encoding.schema.target))
            rows = task.adapt(table.training)
            loss = task.loss
            graph = try arguments.network.graph(inputs: table.featureCount, outputs: task.outputCount)
            name = source.name
        }
    }

    private static func madeUp(rows: Int, inputs: Int, classes: Int) -> SampleSelection {
        var random = CounterRandom(seed: 0, purpose: .shuffling)
        let features = SharedBuffer<Float>(count: rows * inputs)
        for index in 0..<features.count { features[index] = Float(random.uniform()) }
        let labels = (0..<rows).map { _ in Int32(random.uniform() * Double(classes)) }
        return SampleSelection(
            Samples(
                rowCount: rows, featureCount: inputs, features: features,
                targets: .labels(SharedBuffer(labels), classes: classes)))
    }

    // MARK: Measuring

    /// The rates at 1, 2, 4, … workers, up to all of them.
    func scaling() throws -> [Measurement] {
        let counts = Array(sequence(first: 1) { $0 * 2 < workers ? $0 * 2 : nil }) + (workers > 1 ? [workers] : [])
        return try counts.map { workers in
            try measure(workers: workers, batchSize: arguments.batchSize, shards: arguments.shards)
        }
    }

    /// Other shards and batch sizes, with all workers.
    func advice(_ asked: Measurement?) throws -> Advice {
        guard let asked else { return Advice() }
        let shards = try [1, 2, 4, 8, 16, 32].filter { $0 <= asked.batchSize && $0 != asked.shards }.map {
            try measure(workers: asked.workers, batchSize: asked.batchSize, shards: $0)
        }
        let sizes = try [2, 4, 8].map { $0 * asked.batchSize }.filter { $0 <= rows.count }.map {
            try measure(workers: asked.workers, batchSize: $0, shards: nil)
        }
        func best(_ list: [Measurement]) -> Measurement? {
            list.max { $0.samplesPerSecond < $1.samplesPerSecond }.flatMap {
                $0.samplesPerSecond > Self.worthwhile * asked.samplesPerSecond ? $0 : nil
            }
        }
        return Advice(shards: best(shards), batchSize: best(sizes))
    }

    /// Epochs for about as long as asked; the rate of the best one, because other programs can only take time away.
    private func measure(workers: Int, batchSize: Int, shards: Int?) throws -> Measurement {
        let configuration = TrainingConfiguration(
            loss: loss, optimizer: optimizer, batchSize: min(batchSize, rows.count), shards: shards,
            shuffles: !arguments.noShuffle)
        let training = try Training(
            of: graph, on: rows, configuration: configuration, epochs: 1 << 20, workers: workers,
            communicator: communicator, measuresTime: true)
        let clock = ContinuousClock()
        let start = clock.now
        // Ranks stop together: when all have had the time.
        while training.history.count < 2 || communicator.smallest((clock.now - start).seconds) < arguments.seconds {
            _ = try training.nextEpoch()
        }
        return Measurement(
            workers: training.workers, batchSize: configuration.batchSize, shards: training.shards.count,
            samplesPerSecond: training.history.dropFirst().map(\.samplesPerSecond).max() ?? 0,
            profile: training.timeProfile ?? TimeProfile())
    }

    private var optimizer: Optimizer {
        switch arguments.optimizer {
        case .sgd: .sgd()
        case .adam, .adamw: .adam()
        case .rmsprop: .rmsprop()
        case .adagrad: .adagrad()
        }
    }

    // MARK: What is printed

    /// Floating-point operations of one row's step: three products per layer, two for the first.
    private var operationsPerSample: Double { Double(graph.trainingOperationsPerRow) }

    var heading: [String] {
        [
            "\(name): \(NumberFormat.grouped(rows.count)) rows, "
                + "\(NumberFormat.counted(graph.inputSize, "input")), \(NumberFormat.counted(graph.outputSize, "output")); "
                + "layers \(arguments.network.layers), batches of \(arguments.batchSize)"
                + (communicator.isAlone ? "" : ", shared by \(communicator.rankCount) ranks")
        ]
    }

    func table(_ measurements: [Measurement]) -> [String] {
        var table = TextTable(rightAligned: Set(0...10))
        table.add(
            [
                "workers", "shards", "samples/s", "efficiency", "GFLOP/s", "products", "element-wise", "reduction",
                "reading",
            ] + (communicator.isAlone ? [] : ["communication"]) + ["waiting"])
        for measured in measurements {
            let shares = Self.shares(measured.profile).filter { !communicator.isAlone || $0.name != "communication" }
                .map { NumberFormat.fixed(100 * $0.share, decimals: 0) + " %" }
            table.add(
                [
                    "\(measured.workers)", "\(measured.shards)", NumberFormat.rate(measured.samplesPerSecond),
                    NumberFormat.fixed(efficiency(measured, measurements), decimals: 2),
                    NumberFormat.fixed(measured.samplesPerSecond * operationsPerSample / 1e9, decimals: 0),
                ] + shares)
        }
        return table.lines()
    }

    func lines(_ advice: Advice) -> [String] {
        var lines: [String] = []
        if let found = advice.shards {
            lines.append(
                "--shards \(found.shards) gives \(NumberFormat.rate(found.samplesPerSecond)) samples/s "
                    + "with \(NumberFormat.counted(found.workers, "worker"))")
        }
        if let found = advice.batchSize {
            lines.append(
                "--batch-size \(found.batchSize) gives \(NumberFormat.rate(found.samplesPerSecond)) samples/s "
                    + "with \(NumberFormat.counted(found.workers, "worker")), but fewer steps per epoch")
        }
        if lines.isEmpty { lines.append("no other number of shards or larger batch is faster by 5 %") }
        return lines
    }

    func json(_ measurements: [Measurement], _ advice: Advice) -> JSONValue {
        func object(_ measured: Measurement) -> JSONValue {
            var members: [String: JSONValue] = [
                "workers": .number(Double(measured.workers)), "batch_size": .number(Double(measured.batchSize)),
                "shards": .number(Double(measured.shards)), "samples_per_second": .number(measured.samplesPerSecond),
                "gflops": .number(measured.samplesPerSecond * operationsPerSample / 1e9),
                "efficiency": .number(efficiency(measured, measurements)),
            ]
            for (name, share) in Self.shares(measured.profile) { members["share_" + name] = .number(share) }
            return .object(members)
        }
        return [
            "scaling": .array(measurements.map(object)), "better_shards": advice.shards.map(object) ?? .null,
            "better_batch_size": advice.batchSize.map(object) ?? .null, "blas_kernel": .string(BLAS.kernel),
            "ranks": .number(Double(communicator.rankCount)),
        ]
    }

    /// The rate per worker against one worker's.
    private func efficiency(_ measured: Measurement, _ all: [Measurement]) -> Double {
        guard let alone = all.first(where: { $0.workers == 1 }) else { return 1 }
        return measured.samplesPerSecond / Double(measured.workers) / alone.samplesPerSecond
    }

    private static func shares(_ profile: TimeProfile) -> [(name: String, share: Double)] {
        let total = max(profile.total, 1e-12)
        return [
            ("products", profile.products / total), ("elementwise", profile.elementwise / total),
            ("reduction", profile.reduction / total), ("reading", profile.reading / total),
            ("communication", profile.communication / total), ("waiting", profile.waiting / total),
        ]
    }
}
