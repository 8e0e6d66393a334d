internal import ArgumentParser
internal import Descent

/// `descent inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Tell what a CSV, an HDF5 file or a model holds.")

    @Argument(help: "The file.")
    var file: String

    @OptionGroup var format: FormatOptions

    func validate() throws {
        _ = try format.tableFormat()
    }

    func run() throws {
        let tableFormat = try format.tableFormat(workers: Processors.usable)
        guard isHDF5(file) else { return try inspectTable(try openTable([file], format: tableFormat)) }
        guard try !Model.isSealed(file) else { return inspect(try Model(contentsOf: file)) }
        let opened = try File(opening: file, opensOtherFiles: format.allowExternal)
        if try opened.root.attributes.contains("model_config") {
            inspect(try Model(contentsOf: file))
        } else {
            var lines: [String] = []
            try HDF5Listing.append(opened.root, depth: 0, to: &lines)
            print(lines.joined(separator: "\n"))
            do {
                try inspectTable(try openTable([file], format: tableFormat), showsColumnsUpTo: 40)
            } catch let error as TableError {
                print("As a table: \(error.message)")
            }
        }
    }

    private func inspectTable(_ source: any TableSource, showsColumnsUpTo limit: Int = 1000) throws {
        let profile = try source.profile()
        for note in source.notes { print("note: \(note)") }
        print("\(NumberFormat.grouped(profile.rowCount)) rows, \(profile.columns.count) columns")
        var table = TextTable(rightAligned: [0, 3, 4, 5, 6, 7])
        table.add("", "column", "type", "missing", "distinct", "smallest", "mean", "largest")
        for (index, column) in profile.columns.prefix(limit).enumerated() {
            let distinct = column.levels.map { NumberFormat.grouped($0.count) } ?? ""
            var type = column.isNumeric ? "number" : "text"
            if column.isNumeric, column.integerCount == column.numberCount { type = "integer" }
            if column.isNumeric, column.textCount > 0 { type += " (\(column.textCount) not)" }
            if column.numberCount + column.textCount == 0 { type = "empty" }
            var numbers = ["", "", ""]
            if column.isNumeric, let range = column.range {
                numbers = [range.lowerBound, column.mean, range.upperBound].map(NumberFormat.metric)
            }
            table.add(
                [String(index), column.name, type, NumberFormat.grouped(column.missingCount), distinct] + numbers)
        }
        print(table.lines().joined(separator: "\n"))
        if profile.columns.count > limit { print("and \(profile.columns.count - limit) more columns") }
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
