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
        let (samples, outputs, notes) = try model.answers(of: source, workers: workers)
        if !quiet {
            for note in (found.note.map { [$0] } ?? []) + source.notes + notes { printToStandardError("note: \(note)") }
        }
        guard samples.rowCount > 0 else { throw TableError(.badData, file: source.name, "has no row with a target") }
        let loss = model.evaluationLoss
        let selection: SampleSelection
        if let encoding = model.encoding {
            selection = SampleSelection(try TrainingTask(encoding, loss: loss).adapt(samples))
        } else {
            selection = model.adaptByPosition(samples)
        }
        let evaluator = Evaluator(model.graph, parameters: model.parameters, workers: workers)
        let scorer = model.scorer
        let metrics =
            [Metric("loss", evaluator.loss(loss, outputs: outputs, of: selection))]
            + scorer.metrics(outputs: outputs, of: selection)
        let confusion = scorer.confusion(outputs: outputs, of: selection)
        print(
            json
                ? jsonText(metrics, confusion, rows: selection.count)
                : table(metrics, confusion, model, rows: selection.count))
    }

    private func jsonText(_ metrics: [Metric], _ confusion: [[Int]]?, rows: Int) -> String {
        var members: [String: JSONValue] = ["rows": .number(Double(rows))]
        for metric in metrics { members[metric.name] = .number(metric.value) }
        if let confusion {
            members["confusion"] = .array(confusion.map { .array($0.map { .number(Double($0)) }) })
        }
        return JSONValue.object(members).text
    }

    private func table(_ metrics: [Metric], _ confusion: [[Int]]?, _ model: Model, rows: Int) -> String {
        var table = TextTable(rightAligned: [1])
        table.add("rows", NumberFormat.grouped(rows))
        for metric in metrics { table.add(metric.name, NumberFormat.metric(metric.value)) }
        var lines = table.lines()
        if let confusion, confusion.count <= 20 {
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

    /// Targets of a model without a schema, as its loss takes them.
    func adaptByPosition(_ samples: Samples) -> SampleSelection {
        guard case .labels(let labels, _) = samples.targets, outputActivation == .sigmoid else {
            return SampleSelection(samples)
        }
        let values = SharedBuffer(labels.elements.map { Float($0) })
        return SampleSelection(samples.with(targets: .values(values, columns: 1)))
    }
}
