internal import ArgumentParser
internal import Descent

/// `descent bench`.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast a network trains here, and what holds it up.",
        discussion: """
            Trains the network on the given files, or on made-up rows, for a moment at 1, 2, 4, … workers. Nothing is \
            written. Measure on a machine that is otherwise idle. Under mpirun or srun, it trains on all ranks, and says \
            what they take to exchange.
            """)

    @Argument(help: "CSV or HDF5 files, taken as one table. (default: made-up rows)")
    var data: [String] = []

    @OptionGroup(title: "Data") var format: FormatOptions
    @OptionGroup(title: "Columns") var schema: SchemaArguments

    @Option(help: ArgumentHelp("Features of the made-up rows.", valueName: "n"))
    var inputs = 128

    @Option(help: ArgumentHelp("Classes of the made-up rows.", valueName: "n"))
    var classes = 10

    @OptionGroup(title: "Network") var network: NetworkArguments

    @Option(help: "The update rule, with Keras' defaults.")
    var optimizer: TrainingArguments.OptimizerName = .adam

    @Option(help: "Rows per step.")
    var batchSize = 128

    @Flag(help: "Visit the rows in the order of the table.")
    var noShuffle = false

    @Option(
        help: ArgumentHelp(
            "The most threads to measure. (default: \(Processors.usable), the usable cores)", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("Shards per batch. (default: by a rule over batch size and model)", valueName: "n"))
    var shards: Int?

    @Option(help: ArgumentHelp("How long each measurement takes, about.", valueName: "seconds"))
    var seconds = 1.0

    @Flag(help: "Measure the reading of the files alone, into rows of numbers.")
    var read = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        _ = try format.tableFormat()
        for (flag, value) in [("--inputs", inputs), ("--classes", classes)] where !(1...1_000_000 ~= value) {
            throw ValidationError("\(flag) is a number from 1 to 1000000, not \(value)")
        }
        guard 1...1 << 24 ~= batchSize else {
            throw ValidationError("--batch-size is a number from 1 to \(1 << 24), not \(batchSize)")
        }
        guard workers.map({ $0 > 0 }) ?? true else { throw ValidationError("--workers is 1 or more") }
        guard shards.map({ 1...batchSize ~= $0 }) ?? true else {
            throw ValidationError("--shards is a number from 1 to the batch size, \(batchSize)")
        }
        guard !read || !data.isEmpty else { throw ValidationError("--read needs a file to read") }
        guard seconds > 0, seconds <= 600 else {
            throw ValidationError("--seconds is a number above 0 and at most 600, not \(seconds)")
        }
    }

    func run() throws {
        let ranks = try Ranks(timeout: TrainCommand.usualRankTimeout)
        try ranks.perform { communicator in
            if read {
                guard communicator.isAlone else {
                    throw Failure(.usage, "--read is for a single process; ranks read as they train")
                }
                try measureReading()
            } else {
                try measureTraining(ranks, communicator)
            }
        }
    }

    private func measureReading() throws {
        let reading = try ReadingBench(
            data, format: try format.tableFormat(workers: workers ?? Processors.usable), seconds: seconds)
        print(json ? reading.json.text : reading.description)
    }

    private func measureTraining(_ ranks: Ranks, _ communicator: any Communicator) throws {
        try RankAgreement.checkArguments(files: data, communicator)
        let most = Int(communicator.smallest(Double(workers ?? ranks.usableWorkers)))
        let bench = try Bench(self, workers: most, communicator)
        let scaling = try bench.scaling()
        let advice = try bench.advice(scaling.last)
        guard communicator.rank == 0 else { return }
        if json {
            print(bench.json(scaling, advice).text)
        } else {
            print((bench.heading + bench.table(scaling) + bench.lines(advice)).joined(separator: "\n"))
        }
    }
}
