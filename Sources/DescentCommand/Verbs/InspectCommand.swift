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
        guard isHDF5(file) else { return try inspectTable(try openTable([file], format: tableFormat)) }
        guard try !Model.isSealed(file) else { return inspect(try Model(contentsOf: file)) }
        let opened = try File(opening: file, opensOtherFiles: format.allowExternal)
        if try opened.root.attributes.contains("model_config") {
            let model = try Model(contentsOf: file)
            if json { print(Self.json(of: model).text) } else { inspect(model) }
            return
        }
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

    private static func json(of model: Model) -> JSONValue {
        var members: [String: JSONValue] = [
            "inputs": .number(Double(model.graph.inputSize)), "outputs": .number(Double(model.graph.outputSize)),
            "parameters": .number(Double(model.parameters.layout.parameterCount)),
            "history": .array(
                model.history.map { record in
                    .object(
                        Dictionary(
                            [("epoch", .number(Double(record.epoch)))]
                                + record.metrics.map { ($0.name, .number($0.value)) },
                            uniquingKeysWith: { first, _ in first }))
                }),
        ]
        if let schema = model.encoding?.schema {
            members["features"] = .array(schema.features.map { .string($0.column) })
            members["targets"] = .array(schema.target.columns.map { .string($0) })
        }
        if let settings = model.settings { members["settings"] = settings }
        return .object(members)
    }

    private func inspect(_ model: Model) {
        print(model.graph.description)
        if model.outputActivation != .linear { print("predictions: \(model.outputActivation.rawValue) of the outputs") }
        if let schema = model.encoding?.schema {
            print("")
            switch schema.target {
            case .classes(let column, let labels):
                print("target: '\(column)', one of \(labels.count) classes: " + Self.list(labels))
            case .labels(let columns): print("targets: yes or no for " + Self.list(columns))
            case .values(let columns): print("target: the number " + Self.list(columns))
            }
            if let weight = schema.weight { print("weight: '\(weight)'") }
            print("features: \(schema.features.count) columns, \(schema.featureCount) inputs")
            for feature in schema.features.prefix(40) {
                switch feature.kind {
                case .number: print("  \(feature.column): number")
                case .time: print("  \(feature.column): date or time")
                case .levels(let levels, _): print("  \(feature.column): one of " + Self.list(levels))
                }
            }
            if schema.features.count > 40 { print("  and \(schema.features.count - 40) more") }
        } else {
            print("\nno schema: features are taken by position, unscaled")
        }
        if !model.history.isEmpty {
            print("")
            var table = TextTable(rightAligned: Set(0..<20))
            let names = model.history[0].metrics.map(\.name)
            table.add(["epoch"] + names)
            for record in model.history {
                table.add([String(record.epoch)] + names.map { record[$0].map(NumberFormat.metric) ?? "" })
            }
            print(table.lines().joined(separator: "\n"))
        }
        if let settings = model.settings { print("\nsettings: \(settings.text)") }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
            + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }
}
