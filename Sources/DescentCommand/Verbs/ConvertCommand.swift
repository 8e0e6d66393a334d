internal import ArgumentParser
internal import Descent

/// `descent convert`.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Convert tables between CSV and HDF5.",
        discussion: """
            The last file is written: .h5 or .hdf5 for HDF5, otherwise CSV; - is standard output, as CSV. What is converted \
            trains to the same model as what it was made from. The file appears whole or not at all.
            """)

    @Argument(
        help: ArgumentHelp(
            "CSV or HDF5 files, taken as one table, and the file to write.", valueName: "in ... out"))
    var files: [String]

    @OptionGroup var format: FormatOptions

    @Option(help: ArgumentHelp("Compression of HDF5: none, or gzip:1 (fast) to gzip:9 (small).", valueName: "method"))
    var compression = "none"

    @Option(
        help: ArgumentHelp("Rows per chunk of HDF5: a number, or auto for about 2 MiB of them.", valueName: "auto|n"))
    var chunkRows = "auto"

    @Option(
        help: ArgumentHelp("Number columns to keep as text, comma separated. (default: none)", valueName: "list"))
    var categorical: String?

    @Option(help: ArgumentHelp("Threads. (default: \(Processors.usable), the usable cores)", valueName: "n"))
    var workers: Int?

    @Flag(help: "Print errors only.")
    var quiet = false

    func validate() throws {
        guard files.count >= 2 else { throw ValidationError("name a table and the file to write") }
        guard workers.map({ $0 > 0 }) ?? true else { throw ValidationError("--workers is 1 or more") }
        _ = try format.tableFormat()
        _ = try options()
    }

    private func options() throws -> ConversionOptions {
        var options = ConversionOptions(
            categorical: categorical.map { ColumnPattern($0) }, workers: workers ?? Processors.usable)
        let parts = compression.split(separator: ":", omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("none", 1): break
        case ("gzip", 2):
            guard let level = Int(parts[1]), (1...9).contains(level) else {
                throw ValidationError("--compression gzip has the levels 1 to 9, not '\(parts[1])'")
            }
            options.deflate = level
        default: throw ValidationError("--compression is none or gzip:1 to gzip:9, not '\(compression)'")
        }
        if chunkRows != "auto" {
            guard let rows = Int(chunkRows), rows > 0, rows <= 1 << 30 else {
                throw ValidationError("--chunk-rows is auto or a number of rows, not '\(chunkRows)'")
            }
            options.chunkRows = rows
        }
        return options
    }

    func run() throws {
        let output = files[files.count - 1]
        try StagedFile.check(output, mustBeRegular: hasHDF5Name(output))
        let start = ContinuousClock().now
        let source = try openTable(
            Array(files.dropLast()), format: try format.tableFormat(workers: workers ?? Processors.usable))
        var report = RowReport("converted", isQuiet: quiet)
        let result = try convert(source, to: output, options: try options()) { progress in
            if progress.rows == 0 {
                Interruption.watch()
                // What is half written is to be cleared away.
                Interruption.hasWorkToSave = true
                report.say(
                    "\(source.name): \(NumberFormat.counted(progress.totalRows, "row")), "
                        + NumberFormat.counted(progress.columnCount, "column"))
            }
            report.update(rows: progress.rows, of: progress.totalRows)
            return !Interruption.isRequested
        }
        report.clear()
        guard let result else {
            throw Failure(Interruption.exitCode ?? .interrupted, "interrupted; \(output) is as it was")
        }
        guard !quiet else { return }
        for note in result.notes { printToStandardError("note: \(note)") }
        let seconds = (ContinuousClock().now - start).seconds
        printToStandardError(
            "wrote \(NumberFormat.grouped(result.rowCount)) rows to \(output == "-" ? "standard output" : output) in "
                + NumberFormat.duration(seconds))
    }
}
