internal import ArgumentParser
internal import Descent

/// `descent inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Tell what a CSV, an HDF5 file or a model holds.")

    @Argument(help: "The file.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The column to predict, which the others are compared with. (default: guessed, and printed)",
            valueName: "name"))
    var target: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        _ = try format.tableFormat()
    }

    func run() throws {
        let tableFormat = try format.tableFormat()
        if file.hasSuffix(".keras") { return try inspectModel() }
        guard isHDF5(file) else { return try inspectTable(try openTable([file], format: tableFormat)) }
        guard try !Model.isSealed(file) else { return try inspectModel() }
        let opened = try File(opening: file, opensOtherFiles: format.allowExternal)
        guard try !opened.root.attributes.contains("model_config") else { return try inspectModel() }
        if json { return try inspectTable(try openTable([file], format: tableFormat)) }
        var lines: [String] = []
        try HDF5Listing.append(opened.root, depth: 0, to: &lines)
        print(lines.joined(separator: "\n"))
        do {
            try inspectTable(try openTable([file], format: tableFormat), showsColumnsUpTo: 40)
        } catch let error as TableError where error.kind != .badRequest || target == nil {
            print("As a table: \(error.message)")
        }
    }

    private func inspectTable(_ source: any TableSource, showsColumnsUpTo limit: Int = 1000) throws {
        let audit = try TableAudit(of: source, target: target.map { ColumnPattern(name: $0) })
        let report = AuditReport(audit, of: source, file: file)
        if json { print(report.json.text) } else { print(report.lines(columnsUpTo: limit).joined(separator: "\n")) }
    }

    private func inspectModel() throws {
        let isSealed = try Model.isSealed(file)
        // A file of Keras has no state, and may be an archive.
        let report = ModelReport(
            isSealed ? try Checkpoint(contentsOf: file) : Checkpoint(model: try Model(contentsOf: file)),
            isSealed: isSealed)
        print(json ? report.json.text : report.lines(width: terminalWidth).joined(separator: "\n"))
    }
}
