internal import LinearAlgebra
internal import NeuralNetwork
internal import Synchronization

/// Takes training steps: rows to shards, shards to gradients, gradients to parameters.
///
/// A step is two phases, and a third where gradients are clipped by their norm:
///
///     rows -> shards -> forward, loss, backward per shard -> gradients in the shard's own buffer
///          -> each slice: the tree sum of every shard's gradient, penalty, [norm,] update
///
/// Layers that look at the whole batch cut the first phase into several: `Plan.phaseCount`. Where there are several ranks,
/// they exchange what they have between the phases: see `StepPhase`.
///
/// The phases of many steps run in one `PhasedLoop`. Nothing is allocated in a step.
final class Trainer: Sendable {
    let graph: Graph
    let configuration: TrainingConfiguration
    let shards: ShardPlan
    let workers: Int
    /// The weights, updated in place.
    let parameters: Parameters
    let plan: Plan
    let chunks: ReductionChunks
    let memory: StepMemory
    let communicator: any Communicator
    /// What the ranks send each other in a step; `nil` for one rank.
    let exchanges: StepExchanges?
    /// Parameters whose gradients vouch for their layers': see `computeShard`.
    let vouching: [ParameterLayout.Slice]
    /// The first step that met a number that is not finite on this rank; later ones do nothing.
    let failedStep = Atomic<Int>(.max)
    /// The same on any rank, once all know.
    let commonFailedStep = Atomic<Int>(.max)
    /// Whether only the sum over the shards was not finite: parts of the parameters may then be updated.
    let sumFailed = Atomic<Bool>(false)

    /// - Parameters:
    ///   - rows: The most rows that a batch can have: those of the data, where they are fewer than the batch size. They
    ///     decide how much memory is needed, and nothing else.
    ///   - measuresTime: Whether workers keep count of where their time goes.
    init(
        graph: Graph, parameters: Parameters, configuration: TrainingConfiguration, rows: Int, workers: Int,
        communicator: any Communicator = InProcessCommunicator(), measuresTime: Bool = false
    ) {
        self.graph = graph
        self.communicator = communicator
        self.parameters = parameters
        self.configuration = configuration
        shards = configuration.shardPlan(for: graph)
        let shardCount = shards.count(ofRows: min(rows, shards.batchSize))
        let ownShards = (shardCount + communicator.rankCount - 1) / communicator.rankCount
        self.workers = Self.usableWorkers(workers, shards: ownShards)
        let sendsEarly = Self.sendsEarly(
            graph, passRows: min(rows, shards.rows), shards: shardCount, ownShards: ownShards)
        chunks = ReductionChunks(
            parameters.layout, items: self.workers, rank: communicator.rank, ranks: communicator.rankCount,
            leastBucket: sendsEarly ? ReductionChunks.leastBucket(ranks: communicator.rankCount) : nil)
        plan = Plan(
            graph, capacity: min(rows, shards.rows), trains: true, cuttingBackwardAt: chunks.bucketBorders)
        let slices = parameters.layout.slices.filter(\.isTrainable)
        vouching = slices.filter { slice in
            slice.shape.count == 1 || !slices.contains { $0.node == slice.node && $0.shape.count == 1 }
        }
        memory = StepMemory(
            plan: plan, layout: parameters.layout, shards: shardCount, ownShards: ownShards,
            shareCount: chunks.floats(ofRank: communicator.rank).reduce(0) { $0 + $1.count },
            inputSize: graph.inputSize, outputSize: graph.outputSize, chunks: chunks.chunks.count,
            moments: configuration.optimizer.moments.map(\.initialValue), workers: self.workers,
            measuresTime: measuresTime)
        exchanges =
            communicator.isAlone
            ? nil
            : StepExchanges(
                communicator, chunks: chunks, memory: memory, parameters: parameters, batchSumCount: plan.batchSumCount,
                shards: shards, rows: rows, keepsSums: configuration.optimizer.clipsByNorm)
    }

    /// More workers than shards would only wait; more than BLAS' callers would crash it.
    private static func usableWorkers(_ workers: Int, shards: Int) -> Int {
        max(1, min(workers, shards, BLAS.callerLimit))
    }

    /// The bytes that training a network takes beside the data: parameters with the best copy, moments, a gradient per
    /// shard, activations per worker.
    static func memory(for graph: Graph, configuration: TrainingConfiguration, rows: Int, workers: Int) -> Double {
        let shards = configuration.shardPlan(for: graph)
        let shardCount = shards.count(ofRows: min(rows, shards.batchSize))
        let buffers = 2 + configuration.optimizer.moments.count + shardCount
        let numbers = passNumbers(graph, rows: min(rows, shards.rows))
        // Where all shards meet between layers, each keeps its activations until the end.
        let passes = graph.looksAtBatch ? shardCount : usableWorkers(workers, shards: shardCount)
        return 4
            * (Double(ParameterLayout(graph).bufferCount) * Double(buffers) + numbers * Double(passes))
    }

    /// The numbers of a pass: activations and their gradients.
    private static func passNumbers(_ graph: Graph, rows: Int) -> Double {
        graph.sizes.reduce(0.0) { $0 + 3 * Double($1) } * Double(rows)
    }

    /// Whether gradients leave while those of earlier layers are computed. All shards of a rank are then under way at once,
    /// which may take no more memory than is counted on: that of gradients that other ranks have. Where they are small
    /// beside activations, there is little to send. Layers that look at the whole batch have ranks wait for each other on
    /// the way down as it is.
    private static func sendsEarly(_ graph: Graph, passRows: Int, shards: Int, ownShards: Int) -> Bool {
        !graph.looksAtBatch
            && Double(ownShards - 1) * passNumbers(graph, rows: passRows)
                <= Double(shards - ownShards) * Double(ParameterLayout(graph).bufferCount)
    }

    /// A stretch of consecutive steps over one window.
    struct Stretch: Sendable {
        /// The steps, counted from the start of the window.
        var steps: Range<Int>
        /// The run's number of the window's first step.
        var firstStep: Int
        /// The steps of the whole run, for the schedule.
        var totalSteps: Int
        /// How often a plateau has lowered the learning rate.
        var reductions: Int
        /// The steps that the optimizer had taken before this run.
        var earlierSteps: Int
        /// What rollbacks have made of the learning rate.
        var rateFactor: Double
    }

    /// A step that met a number that is not finite.
    struct FailedStep: Sendable {
        /// The step of the run.
        var step: Int
        /// Whether every shard's gradients were finite and only their sum was not.
        var inSum: Bool
        /// The rank that met it, the first of them.
        var rank: Int
    }

    /// Takes the steps of a stretch. Returns the first that met a number that is not finite; neither it nor any later
    /// one has changed the parameters, unless only the sum of the gradients overflowed.
    func run(_ stretch: Stretch, over window: TrainingWindow) -> FailedStep? {
        let batchSize = shards.batchSize
        let isPartial = stretch.steps.upperBound * batchSize > window.count
        let partialRows = window.count - (stretch.steps.upperBound - 1) * batchSize
        let phases = phases
        func items(rows: Int) -> [Int] {
            let own = shares(rows: rows).range(of: communicator.rank).count
            return phases.map { phase in
                switch phase {
                case .shards: own
                case .subtrees(let bucket): chunks.bucketItems[bucket].count
                case .reduction, .update: chunks.items.count
                case .exchange: 1
                }
            }
        }
        let loop = PhasedLoop(
            repeating: items(rows: batchSize), repetitions: stretch.steps.count - (isPartial ? 1 : 0),
            last: isPartial ? items(rows: partialRows) : [])
        loop.run(workers: workers) { [self] round, phase, item, worker in
            let windowStep = stretch.steps.lowerBound + round
            let step = stretch.firstStep + windowStep
            let first = windowStep * batchSize
            let rows = min(batchSize, window.count - first)
            if case .exchange(let content) = phases[phase] {
                guard step < commonFailedStep.load(ordering: .relaxed) else { return }
                return timed(.communication, worker) { exchange(content, step: step, rows: rows) }
            }
            guard step < failedStep.load(ordering: .relaxed) else { return }
            switch phases[phase] {
            case .shards(let part):
                let shard = shares(rows: rows).range(of: communicator.rank).lowerBound + item
                let range = shards.range(of: shard, batchRows: rows)
                let finite = timed(.shard, worker) {
                    computeShard(
                        phase: part, of: window, rows: first + range.lowerBound..<first + range.upperBound,
                        batchRows: rows,
                        firstRowInBatch: range.lowerBound, step: step, shard: shard, ownShard: item, worker: worker)
                }
                if !finite { failedStep.min(step, ordering: .relaxed) }
            case .subtrees(let bucket):
                timed(.reduction, worker) { sumSubtrees(chunks.bucketItems[bucket][item], rows: rows, worker: worker) }
            case .reduction:
                if item == 0 { finishBatch(step: step, shards: shards.count(ofRows: rows), rows: rows) }
                let finite = timed(.reduction, worker) {
                    sumGradients(
                        chunks.items[item], step: step, rows: rows, worker: worker,
                        update: clipsByNorm ? nil : updateStep(step, stretch))
                }
                if !finite {
                    sumFailed.store(true, ordering: .relaxed)
                    failedStep.min(step, ordering: .relaxed)
                }
            case .update:
                timed(.reduction, worker) {
                    updateFromSummedGradients(chunks.items[item], rows: rows, updateStep(step, stretch))
                }
            case .exchange: break
            }
        }
        let failed = failedStep.load(ordering: .relaxed)
        guard failed != .max else { return nil }
        return FailedStep(
            step: failed, inSum: sumFailed.load(ordering: .relaxed),
            rank: exchanges?.firstFailedRank ?? communicator.rank)
    }

    /// Runs `body`, and where time is measured adds what it took.
    func timed<Result>(_ work: TimedWork, _ worker: Int, _ body: () -> Result) -> Result {
        guard let seconds = memory.workers[worker].seconds else { return body() }
        let clock = ContinuousClock()
        let start = clock.now
        defer { seconds.base[work.rawValue] += (clock.now - start).seconds }
        return body()
    }

    /// Where the time of all steps so far went, `seconds` having passed; `nil` where it is not measured.
    func timeProfile(seconds: Double) -> TimeProfile? {
        var profile = TimeProfile()
        for worker in memory.workers {
            guard let time = worker.seconds else { return nil }
            profile.reading += time[TimedWork.reading.rawValue]
            profile.products += time[TimedWork.products.rawValue]
            profile.elementwise +=
                time[TimedWork.shard.rawValue] - time[TimedWork.reading.rawValue] - time[TimedWork.products.rawValue]
            profile.reduction += time[TimedWork.reduction.rawValue]
            // Whoever exchanges has all of the others wait for it.
            profile.communication += Double(workers) * time[TimedWork.communication.rawValue]
        }
        profile.waiting = max(0, Double(workers) * seconds - profile.total)
        return profile
    }

    var clipsByNorm: Bool { configuration.optimizer.clipsByNorm }

    private func updateStep(_ step: Int, _ stretch: Stretch) -> UpdateStep {
        let factor = configuration.schedule.factor(
            at: step, of: stretch.totalSteps, warmup: configuration.warmupSteps, reductions: stretch.reductions)
        return UpdateStep(
            learningRate: configuration.optimizer.learningRate * factor * stretch.rateFactor,
            index: UInt64(stretch.earlierSteps + step))
    }

    // MARK: Sums of the epoch

    /// Forgets the sums of the epoch.
    func resetSums() {
        memory.epochSums.base.update(repeating: 0, count: memory.epochSums.count)
        memory.penalties.base.update(repeating: 0, count: memory.penalties.count)
    }

    /// All that is summed over an epoch, to be kept with the state of a run.
    var epochSums: [Double] { memory.epochSums.elements + memory.penalties.elements }

    func setEpochSums(_ sums: [Double]) {
        precondition(sums.count == memory.epochSums.count + memory.penalties.count, "These are sums of another network")
        for index in 0..<memory.epochSums.count { memory.epochSums[index] = sums[index] }
        for index in 0..<memory.penalties.count { memory.penalties[index] = sums[memory.epochSums.count + index] }
    }

    /// The sums over the rows of the epoch so far: of the loss with its penalties, and of the score.
    var sums: (loss: Double, score: Double) {
        let penalty = chunks.hasPenalty ? memory.penalties.elements.reduce(0, +) : 0
        return (
            memory.epochSums[StepMemory.Sum.loss.rawValue] + penalty, memory.epochSums[StepMemory.Sum.score.rawValue]
        )
    }
}

extension Optimizer {
    /// Whether an update needs the norm of all gradients.
    fileprivate var clipsByNorm: Bool {
        if case .norm = clipping { true } else { false }
    }
}
