internal import ArgumentParser
internal import Descent

/// `descent evaluate`.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Score a model on rows whose answers are known.")

    @Argument(help: "The model file.")
    var model: String

    @OptionGroup var data: DataOptions
    @OptionGroup var network: ModelNetworkArguments

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    @Option(help: ArgumentHelp("Threads. (default: \(Processors.usable), the usable cores)", valueName: "n"))
    var workers: Int?

    @Flag(help: "Print results and errors only.")
    var quiet = false

    func validate() throws {
        guard workers.map({ $0 > 0 }) ?? true else { throw ValidationError("--workers is 1 or more") }
        _ = try data.format.tableFormat()
    }

    func run() throws {
        let found = try network.newest(at: model)
        let model = found.value
        let source = try data.open(workers: workers ?? Processors.usable)
        let workers = workers ?? Processors.usable
        let (score, notes) = try model.score(source, loss: model.evaluationLoss, workers: workers)
        if !quiet {
            for note in (found.note.map { [$0] } ?? []) + source.notes + notes { printToStandardError("note: \(note)") }
        }
        guard score.rowCount > 0 else { throw TableError(.badData, file: source.name, "has no row with a target") }
        print(json ? jsonText(score) : table(score, model))
    }

    private func jsonText(_ score: Score) -> String {
        var members: [String: JSONValue] = [
            "rows": .number(Double(score.rowCount)), "loss": .number(score.loss),
        ]
        for metric in score.metrics { members[metric.name] = .number(metric.value) }
        if let confusion = score.confusion {
            members["confusion"] = .array(confusion.map { .array($0.map { .number(Double($0)) }) })
        }
        return JSONValue.object(members).text
    }

    private func table(_ score: Score, _ model: Model) -> String {
        var table = TextTable(rightAligned: [1])
        table.add("rows", NumberFormat.grouped(score.rowCount))
        for metric in [Metric("loss", score.loss)] + score.metrics {
            table.add(metric.name, NumberFormat.metric(metric.value))
        }
        var lines = table.lines()
        if let confusion = score.confusion, confusion.count <= 20 {
            var labels = confusion.indices.map(String.init)
            if case .classes(_, let names)? = model.encoding?.schema.target { labels = names }
            var grid = TextTable(rightAligned: Set(1...confusion.count))
            grid.add(["actual \\ predicted"] + labels)
            for (label, row) in zip(labels, confusion) { grid.add([label] + row.map(String.init)) }
            lines += [""] + grid.lines()
        }
        return lines.joined(separator: "\n")
    }
}

extension Model {
    /// The loss it was trained with, as far as the file says; by the last activation otherwise.
    var evaluationLoss: Loss {
        switch settings?["loss"]?.string {
        case "mse": return .meanSquaredError
        case "mae": return .meanAbsoluteError
        case "huber": return .huber()
        case "half-squared-error": return .halfSquaredError
        case "squared-error": return .squaredError
        default: break
        }
        return switch outputActivation {
        case .softmax: .softmaxCrossEntropy()
        case .sigmoid: .binaryCrossEntropy()
        case .linear: .meanSquaredError
        }
    }
}
