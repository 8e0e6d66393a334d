internal import Descent

/// What `inspect` says of a model, for people and for programs.
struct ModelReport {
    private let model: Model
    private let run: Checkpoint.Run?
    /// Whether the file carries a checksum, which was then compared with its content.
    private let isSealed: Bool

    /// The epochs that are listed one by one.
    private static let listedEpochs = 20
    private static let listedFeatures = 40

    init(_ checkpoint: Checkpoint, isSealed: Bool) {
        model = checkpoint.model
        run = checkpoint.run
        self.isSealed = isSealed
    }

    // MARK: For people

    /// - Parameter width: The most characters of a line of the chart.
    func lines(width: Int) -> [String] {
        var lines = model.graph.description.split(separator: "\n").map(String.init)
        if model.outputActivation != .linear {
            lines.append("predictions: \(model.outputActivation.rawValue) of the outputs")
        }
        lines.append(
            isSealed
                ? "checksum: the SHA-256 at the end of the file matches its content"
                : "checksum: none, as in every file that Descent did not write")
        lines += [""] + schemaLines
        for part in [settingLines, historyLines(width: width), stateLines] where !part.isEmpty { lines += [""] + part }
        return lines
    }

    private var schemaLines: [String] {
        guard let schema = model.encoding?.schema else {
            return ["no schema: features are taken by position, unscaled"]
        }
        var lines: [String] = []
        switch schema.target {
        case .classes(let column, let labels):
            lines.append("target: '\(column)', one of \(labels.count) classes: " + Self.list(labels))
        case .labels(let columns): lines.append("targets: yes or no for " + Self.list(columns))
        case .values(let columns): lines.append("target: the number " + Self.list(columns))
        }
        if let weight = schema.weight { lines.append("weight: '\(weight)'") }
        lines.append("features: \(schema.features.count) columns, \(schema.featureCount) inputs")
        for feature in schema.features.prefix(Self.listedFeatures) {
            switch feature.kind {
            case .number: lines.append("  \(feature.column): number")
            case .time: lines.append("  \(feature.column): date or time")
            case .levels(let levels, _): lines.append("  \(feature.column): one of " + Self.list(levels))
            }
        }
        let rest = schema.features.count - Self.listedFeatures
        if rest > 0 { lines.append("  and \(rest) more") }
        return lines
    }

    /// What was set, one to a line.
    private var settingLines: [String] {
        guard case .object(let settings)? = model.settings else { return [] }
        var table = TextTable()
        func add(_ members: [String: JSONValue], _ prefix: String) {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                switch value {
                case .null: continue
                case .object(let inner): add(inner, "\(prefix)\(name).")
                case .string(let text): table.add(prefix + name, text)
                default: table.add(prefix + name, value.text)
                }
            }
        }
        add(settings, "")
        return ["training configuration"] + table.lines(indent: "  ")
    }

    private func historyLines(width: Int) -> [String] {
        let history = model.history
        guard let first = history.first else { return [] }
        let names = first.metrics.map(\.name)
        var table = TextTable(rightAligned: Set(0...names.count + 1))
        table.add(["epoch"] + names + ["learning_rate"])
        // Evenly spread, the last among them.
        let step = max(1, (history.count + Self.listedEpochs - 1) / Self.listedEpochs)
        for (index, record) in history.enumerated() where (history.count - 1 - index) % step == 0 {
            table.add(
                [String(record.epoch)] + names.map { record[$0].map(NumberFormat.metric) ?? "" }
                    + [NumberFormat.metric(record.learningRate)])
        }
        let omitted = step > 1 ? [", every \(step) of them"] : []
        let chart = LossChart(history, width: width).lines
        return ["history: \(NumberFormat.counted(history.count, "epoch"))" + omitted.joined()]
            + table.lines(indent: "  ")
            + (chart.isEmpty ? [] : [""] + chart)
    }

    private var stateLines: [String] {
        guard let run else { return [] }
        let state = run.state
        var lines = ["state: \(NumberFormat.counted(state.step, "step")) taken"]
        if let position {
            lines[0] +=
                position.stepInEpoch == 0
                ? ", \(position.epochs) of \(position.plannedEpochs) epochs complete"
                : ", epoch \(position.epochs + 1) of \(position.plannedEpochs) after \(position.stepInEpoch) of \(position.stepsPerEpoch) steps"
        }
        lines[0] += "; train --resume goes on from there"
        if let best = state.best { lines.append("best epoch: \(best.epoch)") }
        lines += state.rollbacks.map { "rollback: \($0)" }
        return lines
    }

    /// Where the run stands in its epochs, as its settings tell.
    private var position: (epochs: Int, plannedEpochs: Int, stepInEpoch: Int, stepsPerEpoch: Int)? {
        guard let run, let settings = model.settings, let batchSize = settings["batch_size"]?.integer, batchSize > 0,
            let planned = settings["epochs"]?.integer
        else { return nil }
        let rows = run.identity.rowCount
        let stepsPerEpoch = settings["drop_last"]?.bool == true ? rows / batchSize : (rows + batchSize - 1) / batchSize
        let epochs = run.state.history.count
        let inEpoch = run.state.step.subtractingReportingOverflow(
            epochs.multipliedReportingOverflow(by: stepsPerEpoch).partialValue)
        guard !inEpoch.overflow, (0...stepsPerEpoch).contains(inEpoch.partialValue) else { return nil }
        return (epochs, planned, inEpoch.partialValue, stepsPerEpoch)
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
            + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }

    // MARK: For programs

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "inputs": .number(Double(model.graph.inputSize)), "outputs": .number(Double(model.graph.outputSize)),
            "parameters": .number(Double(model.parameters.layout.parameterCount)),
            "prediction": .string(model.outputActivation.rawValue),
            "checksum": .string(isSealed ? "verified" : "none"),
            "layers": .array(
                model.graph.summary.map { layer in
                    [
                        "name": .string(layer.name), "kind": .string(layer.kind),
                        "inputs": .array(layer.inputs.map { .string($0) }),
                        "output_size": .number(Double(layer.outputSize)),
                        "parameters": .number(Double(layer.parameterCount)),
                    ]
                }),
            "history": .array(
                model.history.map { record in
                    var members: [String: JSONValue] = [
                        "epoch": .number(Double(record.epoch)), "learning_rate": .number(record.learningRate),
                    ]
                    for metric in record.metrics { members[metric.name] = .number(metric.value) }
                    return .object(members)
                }),
        ]
        if let schema = model.encoding?.schema {
            members["features"] = .array(schema.features.map { .string($0.column) })
            members["targets"] = .array(schema.target.columns.map { .string($0) })
            members["schema"] = .array(schema.features.map(Self.json(of:)))
            if case .classes(_, let labels) = schema.target {
                members["classes"] = .array(labels.map { .string($0) })
            }
        }
        if let settings = model.settings { members["settings"] = settings }
        if let run { members["state"] = state(run) }
        return .object(members)
    }

    private static func json(of feature: Schema.Feature) -> JSONValue {
        switch feature.kind {
        case .number: ["column": .string(feature.column), "kind": "number"]
        case .time: ["column": .string(feature.column), "kind": "time"]
        case .levels(let levels, _):
            [
                "column": .string(feature.column), "kind": "levels",
                "levels": .array(levels.map { .string($0) }),
            ]
        }
    }

    private func state(_ run: Checkpoint.Run) -> JSONValue {
        var members: [String: JSONValue] = [
            "step": .number(Double(run.state.step)), "epochs": .number(Double(run.state.history.count)),
            "rows": .number(Double(run.identity.rowCount)), "fingerprint": .string(run.identity.dataFingerprint),
            "rollbacks": .array(
                run.state.rollbacks.map { rollback in
                    [
                        "epoch": .number(Double(rollback.epoch)), "step": .number(Double(rollback.step)),
                        "tensor": .string(rollback.tensor), "returned_to": .number(Double(rollback.returnedTo)),
                        "learning_rate": .number(rollback.learningRate),
                    ]
                }),
        ]
        if let position {
            members["planned_epochs"] = .number(Double(position.plannedEpochs))
            members["step_in_epoch"] = .number(Double(position.stepInEpoch))
            members["steps_per_epoch"] = .number(Double(position.stepsPerEpoch))
        }
        if let best = run.state.best { members["best_epoch"] = .number(Double(best.epoch)) }
        return .object(members)
    }
}
