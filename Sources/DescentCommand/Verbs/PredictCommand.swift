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
        let path = output == "-" ? "/dev/stdout" : output
        try AtomicFile.check(path)
        let found = try network.newest(at: model)
        let model = found.value
        let source = try data.open(workers: workers ?? Processors.usable)
        let (predictions, notes) = try model.predict(source, workers: workers ?? Processors.usable)
        if !quiet {
            for note in (found.note.map { [$0] } ?? []) + source.notes + notes { printToStandardError("note: \(note)") }
        }
        if proba, predictions.probabilities == nil {
            throw Failure(.usage, "--proba needs a classifier, and \(self.model) predicts numbers")
        }
        let writer = PredictionWriter(predictions, withProbabilities: proba, withLogits: logits)
        if isHDF5Output {
            let file = try AtomicFile(replacing: path)
            try file.write(try writer.hdf5Image())
            try file.commit()
        } else {
            try writer.writeCSV(to: path, keeping: try keptColumns(of: source))
        }
        if !quiet, output != "-" {
            printToStandardError("wrote \(NumberFormat.grouped(predictions.rowCount)) predictions to \(output)")
        }
    }

    private func keptColumns(of source: any TableSource) throws -> (names: [String], rows: [[String]]) {
        guard let keep else { return ([], []) }
        let columns = try ColumnPattern(keep).columns(of: source.columnNames, in: source.name, flag: "--keep")
        var rows: [[String]] = []
        try source.read(ColumnSelection(text: columns.map { .init(column: $0) })) { chunk in
            for row in 0..<chunk.rowCount {
                rows.append(
                    columns.indices.map { column in
                        let code = chunk.codes[row * columns.count + column]
                        return code < 0 ? "" : chunk.levels[column][Int(code)]
                    })
            }
        }
        return (columns.map { source.columnNames[$0] }, rows)
    }
}
