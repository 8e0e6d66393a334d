internal import ArgumentParser
internal import Descent

/// `descent predict`.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Predict the rows of a table.",
        discussion:
            "The table is raw, as it was for training; columns are matched by name. Row order in is row order out.")

    @Argument(help: "The model file.")
    var model: String

    @OptionGroup var data: DataOptions
    @OptionGroup var network: ModelNetworkArguments

    @Option(
        help: ArgumentHelp(
            "The file to write: .h5 or .hdf5 for HDF5, otherwise CSV; - is standard output.", valueName: "file"))
    var output: String

    @Flag(help: "Also write the probability of every class.")
    var proba = false

    @Flag(help: "Also write the network's outputs before softmax or sigmoid.")
    var logits = false

    @Option(
        help: ArgumentHelp("Columns of the table to copy, comma separated; for CSV. (default: none)", valueName: "list")
    )
    var keep: String?

    @Option(help: ArgumentHelp("Threads. (default: \(Processors.usable), the usable cores)", valueName: "n"))
    var workers: Int?

    @Flag(help: "Print errors only.")
    var quiet = false

    func validate() throws {
        guard workers.map({ $0 > 0 }) ?? true else { throw ValidationError("--workers is 1 or more") }
        guard !(proba && logits) else { throw ValidationError("give --proba or --logits, not both") }
        guard keep == nil || !isHDF5Output else { throw ValidationError("--keep copies columns to a CSV, not to HDF5") }
        _ = try data.format.tableFormat()
    }

    private var isHDF5Output: Bool { hasHDF5Name(output) }

    func run() throws {
        try StagedFile.check(output, mustBeRegular: isHDF5Output)
        let found = try network.newest(at: model)
        let model = found.value
        if proba, case .values = model.scorer.meaning {
            throw Failure(.usage, "--proba needs a classifier, and \(self.model) predicts numbers")
        }
        let workers = workers ?? Processors.usable
        let source = try data.open(workers: workers)
        let kept = try keep.map {
            try ColumnPattern($0).columns(of: source.columnNames, in: source.name, flag: "--keep")
        }
        var report = RowReport("predicted", isQuiet: quiet)
        for note in (found.note.map { [$0] } ?? []) + source.notes { report.say("note: \(note)") }

        let content = PredictionContent(
            keptNames: kept?.map { source.columnNames[$0] } ?? [], withProbabilities: proba, withLogits: logits)
        var file: any PredictionFile =
            isHDF5Output
            ? try PredictionHDF5(replacing: output, content)
            : try PredictionCSV(replacing: output, content, workers: workers)
        Interruption.watch()
        // What is half written is to be cleared away.
        Interruption.hasWorkToSave = true
        let total = (source as? any RandomAccessTable)?.rowCount
        var rowCount = 0
        let notes = try model.predict(source, keeping: kept ?? [], workers: workers) { part in
            guard !Interruption.isRequested else {
                throw Failure(Interruption.exitCode ?? .interrupted, "interrupted; \(output) is as it was")
            }
            try file.append(part)
            rowCount += part.predictions.rowCount
            report.update(rows: rowCount, of: total)
        }
        try file.finish()
        report.clear()
        for note in notes { report.say("note: \(note)") }
        if output != "-" { report.say("wrote \(NumberFormat.grouped(rowCount)) predictions to \(output)") }
    }
}
