internal import Descent

/// The rows of a run and what follows from them: in memory, or on disk where they do not fit.
struct TrainingInput {
    let encoding: TableEncoding
    let task: TrainingTask
    let graph: Graph
    let configuration: TrainingConfiguration
    let training: any TrainingData
    let validation: (any ScoringData)?
    let test: (any ScoringData)?
    let fingerprint: String
    /// The rows that are shuffled together, and those that stay together; `nil` where all rows are shuffled together.
    let window: (rows: Int, blockRows: Int)?
    /// Sentences for the user.
    let notes: [String]

    /// - Parameters:
    ///   - start: The network from files, where they give one.
    ///   - communicator: The ranks, all of which make the same input.
    init(
        _ arguments: TrainCommand, source: any TableSource, start: NetworkStart?, communicator: any Communicator,
        rejects: RejectFile? = nil
    ) throws {
        let run = arguments.training
        let options = arguments.schema.options
        let cache = try TableOnDisk(arguments)
        // What was too large once has been made readable in any order.
        let found = source is any RandomAccessTable ? source : cache.found(named: source.name) ?? source
        // What one rank makes below, another must not have found here; and what one lacks, none uses.
        let source = communicator.union(found is any RandomAccessTable ? 0 : 1) == 0 ? found : source
        var profiled = try ProfiledTable(
            source, options: options, keptBytes: min(1 << 30, (arguments.memory?.bytes ?? Processors.memory) / 4),
            among: communicator)
        let schema = profiled.schema
        try start?.check(schema)
        let loss = run.loss(for: schema.target, network: try start?.network(features: schema.featureCount))
        let plainTask = try TrainingTask(
            TableEncoding(schema: schema, scaling: FeatureScaling(identity: schema.featureCount)), loss: loss)
        graph =
            try start.map { arguments.network.penalized(try $0.graph(for: plainTask, features: schema.featureCount)) }
            ?? arguments.network.graph(inputs: schema.featureCount, outputs: plainTask.outputCount)
        let budget = MemoryBudget(
            limit: arguments.memory?.bytes, for: graph,
            configuration: run.configuration(loss: loss, rows: profiled.rowCount),
            rows: profiled.rowCount, workers: run.usedWorkers,
            recovers: arguments.checkpoints.recovery != nil)
        guard budget.forRows > 0 else { throw Self.tooLittle(budget, rowBytes: profiled.rowBytes, arguments) }
        let share = arguments.valid == nil ? arguments.validationSplit ?? TrainCommand.usualSplit : 0
        let heldOut = Int(Double(profiled.rowCount) * share)
        let scoringBytes = MemoryBudget.scoringBytes(
            rows: heldOut, by: plainTask.scorer, workers: run.usedWorkers, ranks: communicator.rankCount)
        var notes: [String] = []
        func other(_ path: String?, _ encoding: TableEncoding, _ task: TrainingTask) throws -> (any ScoringData)? {
            guard let path else { return nil }
            return try Self.rows(of: path, encoding, task, arguments, budget, communicator, rejects, &notes)
        }
        if profiled.memoryBytes + scoringBytes <= budget.forRows {
            let table = try Table(
                profiled, validationSplit: share, requiresSplit: arguments.validationSplit != nil, seed: run.seed,
                among: communicator)
            let task = try TrainingTask(table.encoding, loss: loss)
            var rows = table.training
            if let classWeights = try arguments.schema.classWeights() {
                rows = try rows.weighted(classWeights, schema: schema)
            }
            if let windowRows = arguments.shuffleWindow, windowRows < rows.count {
                let blockRows = try profiled.blockRows(windowRows: windowRows)
                training = WindowedRows(
                    task.adapt(rows), tableRowCount: table.rowCount, blockRows: blockRows, windowRows: windowRows)
                window = (windowRows, blockRows)
            } else {
                training = task.adapt(rows)
                window = nil
            }
            encoding = table.encoding
            self.task = task
            fingerprint = table.fingerprint
            notes += table.notes
            validation = try other(arguments.valid, encoding, task) ?? table.validation.map(task.adapt)
        } else {
            let table: any RandomAccessTable
            if let own = source as? any RandomAccessTable {
                table = own
            } else {
                table = try cache.made(of: source, communicator)
                // It says the same of its columns, and is now what is read.
                profiled = try ProfiledTable(table, options: options, among: communicator).with(notes: profiled.notes)
            }
            // What the loss takes may be wider than what the table holds, and weighted.
            let rowBytes = profiled.rowBytes + 4 * plainTask.outputCount + 12
            let blockBytes = try profiled.blockRows(windowRows: .max) * rowBytes
            let between = max(
                scoringBytes + StreamedRows.partBytes(rows: heldOut, rowBytes: rowBytes), profiled.fittingBytes)
            let most = budget.windowRows(
                rowBytes: rowBytes, blockBytes: blockBytes, kept: profiled.keptBytes, between: between,
                batchSize: run.batchSize)
            guard let most, arguments.shuffleWindow.map({ $0 <= most }) ?? true else {
                throw Self.tooLittle(
                    budget, rowBytes: rowBytes, arguments, others: profiled.keptBytes + 4 * blockBytes,
                    between: between)
            }
            let windowRows = arguments.shuffleWindow ?? most
            let streamed = try StreamedTable(
                profiled, in: table, blockRows: profiled.blockRows(windowRows: windowRows), validationSplit: share,
                requiresSplit: arguments.validationSplit != nil, seed: run.seed, among: communicator)
            let task = try TrainingTask(streamed.encoding, loss: loss)
            let perClass = try arguments.schema.classWeights()?.perClass(schema.target, counts: streamed.classCounts)
            let rows = streamed.training.adapted { samples in
                task.adapt(perClass.map { samples.weighted(perClass: $0) } ?? samples)
            }
            training = WindowedRows(rows, windowRows: windowRows)
            window = (windowRows, rows.blockRows)
            encoding = streamed.encoding
            self.task = task
            fingerprint = streamed.fingerprint
            notes += streamed.notes
            notes.append(
                "the rows need \(ByteSize(bytes: profiled.memoryBytes).description) of memory and stay on disk; "
                    + "\(NumberFormat.grouped(min(windowRows, rows.count))) of them are shuffled together "
                    + "(--shuffle-window \(windowRows))")
            validation = try other(arguments.valid, encoding, task) ?? streamed.validation?.adapted(task.adapt)
        }
        try start?.check(task, features: schema.featureCount)
        test = try other(arguments.test, encoding, task)
        self.notes = notes
        configuration = run.configuration(loss: loss, rows: training.rowCount)
    }

    /// The rows of another file, in memory where they take little of it.
    private static func rows(
        of path: String, _ encoding: TableEncoding, _ task: TrainingTask, _ arguments: TrainCommand,
        _ budget: MemoryBudget, _ communicator: any Communicator, _ rejects: RejectFile?, _ notes: inout [String]
    ) throws -> any ScoringData {
        let other = try openTable(
            [path],
            format: try arguments.data.format.tableFormat(workers: arguments.training.usedWorkers, rejects: rejects))
        if let table = other as? any RandomAccessTable {
            let rowBytes = 4 * (encoding.schema.featureCount + task.outputCount) + 12
            if table.rowCount * rowBytes > budget.forRows / 8 {
                let rows = try encoding.streamedRows(of: table, among: communicator)
                guard rows.count > 0 else { throw TableError(.badData, file: path, "has no row with a target") }
                let scoring =
                    StreamedRows.partBytes(rows: rows.count, rowBytes: rowBytes)
                    + MemoryBudget.scoringBytes(
                        rows: rows.count, by: task.scorer, workers: arguments.training.usedWorkers,
                        ranks: communicator.rankCount)
                guard scoring <= budget.forRows else {
                    throw tooLittle(budget, rowBytes: rowBytes, arguments, between: scoring)
                }
                return rows.adapted(task.adapt)
            }
        }
        let (samples, said) = try encoding.samples(of: other, targets: true, among: communicator)
        notes += said.map { "\(path): \($0)" }
        guard samples.rowCount > 0 else { throw TableError(.badData, file: path, "has no row with a target") }
        return SampleSelection(task.adapt(samples))
    }

    private static func tooLittle(
        _ budget: MemoryBudget, rowBytes: Int, _ arguments: TrainCommand, others: Int = 0, between: Int = 0
    ) -> Failure {
        let window = arguments.shuffleWindow ?? 4 * arguments.training.batchSize
        let rows = max(2 * window * rowBytes, between) + others
        let least = ByteSize(bytes: (budget.fixed + rows) / 15 * 16 + (1 << 20))
        return Failure(
            .usage,
            "--memory \(ByteSize(bytes: budget.limit).description) is too little for this network, batch size and table: "
                + "they take \(least.description)")
    }
}
