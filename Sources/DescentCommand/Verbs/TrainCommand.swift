internal import ArgumentParser
internal import Descent

extension ProgressReport.Style: ExpressibleByArgument {}

/// `descent train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a network on a table and write the model.",
        discussion: """
            The model is an HDF5 file that Keras 2 and 3 open; preprocessing is stored in it. The same seed, data and \
            settings give the same weights, byte for byte, on any number of workers.
            """)

    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Columns") var schema: SchemaArguments

    @Option(
        help: ArgumentHelp("Rows to validate on after every epoch. (default: a share of the data)", valueName: "file"))
    var valid: String?

    /// The share that is held out when the user says nothing.
    static let usualSplit = 0.1

    @Option(
        help: ArgumentHelp(
            "The share of the rows to hold out for validation; 0: none. Classes keep their shares. (default: 0.1)",
            valueName: "share"))
    var validationSplit: Double?

    @Option(help: ArgumentHelp("Rows to evaluate once, at the end. (default: none)", valueName: "file"))
    var test: String?

    @Option(
        help: ArgumentHelp(
            """
            A CSV file for the rows of a CSV that have a value which breaks its column's type, or another number of fields; \
            training goes on without them. (default: such a row is an error)
            """, valueName: "file"))
    var rejects: String?

    @OptionGroup(title: "Network") var network: NetworkArguments
    @OptionGroup(title: "Network from a file") var start: StartArguments
    @OptionGroup(title: "Training") var training: TrainingArguments

    @Option(help: ArgumentHelp("The model file to write.", valueName: "file"))
    var output = "model.h5"

    @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointArguments

    @Option(
        help: ArgumentHelp(
            """
            Memory that the whole process may take, such as 512M or 4G. A table that does not fit is read from disk again \
            and again, at the same speed. (default: 3/4 of the machine's)
            """, valueName: "size"))
    var memory: ByteSize?

    @Option(
        help: ArgumentHelp(
            """
            Rows that are shuffled together; it is part of what decides the weights. (default: all, or as many as --memory \
            allows)
            """, valueName: "rows"))
    var shuffleWindow: Int?

    @Option(
        help: ArgumentHelp(
            """
            Where a CSV that does not fit in memory is kept as HDF5, once, to be read in any order; safe to delete. \
            (default: $XDG_CACHE_HOME/descent or ~/.cache/descent)
            """, valueName: "folder"))
    var cache: String?

    @Option(
        help: ArgumentHelp(
            "Silence after which a rank of a run under mpirun or srun counts as lost, which ends the run.",
            valueName: "seconds"))
    var rankTimeout = TrainCommand.usualRankTimeout

    static let usualRankTimeout = 60.0

    @Option(help: ArgumentHelp("A log to write, one JSON object per line. (default: none)", valueName: "file"))
    var log: String?

    @Option(help: "Progress on standard error: a live line on a terminal, a line per epoch elsewhere.")
    var progress: ProgressReport.Style = .auto

    @Flag(help: "Print results and errors only.")
    var quiet = false

    @Flag(help: "Print the network and the resolved settings before training.")
    var verbose = false

    func validate() throws {
        if let validationSplit, !(validationSplit >= 0 && validationSplit < 1) {
            throw ValidationError(
                "--validation-split is a share from 0 up to, not including, 1, not \(validationSplit)")
        }
        guard shuffleWindow.map({ $0 > 0 }) ?? true else { throw ValidationError("--shuffle-window is 1 or more") }
        guard rankTimeout >= 1, rankTimeout <= 86_400 else {
            throw ValidationError("--rank-timeout is a number from 1 to 86400, not \(rankTimeout)")
        }
        if start.isGiven, let flag = network.givenFlag {
            throw ValidationError(
                "\(flag) describes a network, and \(start.architecture == nil ? "--init-from" : "--architecture") gives one; give one of the two"
            )
        }
        _ = try data.format.tableFormat()
        _ = try schema.classWeights()
    }

    func run() throws {
        if memory != nil { MemoryBudget.returnFreeMemory() }
        let ranks = try Ranks(timeout: rankTimeout)
        try ranks.perform { communicator in
            let file = communicator.rank == 0 ? try OutputFile(output, keeping: checkpoints.keep) : nil
            defer { file?.release() }
            Interruption.watch()
            let run = try TrainingRun(
                ranks.adapt(self, communicator), output: file, communicator: communicator)
            try run.perform()
        }
    }
}
