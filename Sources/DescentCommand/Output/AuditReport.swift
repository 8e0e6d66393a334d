internal import Descent

/// What `inspect` says of a table, for people and for programs.
struct AuditReport {
    private let audit: TableAudit
    private let source: any TableSource
    private let file: String
    private let storage: [StorageReport]

    init(_ audit: TableAudit, of source: any TableSource, file: String) {
        self.audit = audit
        self.source = source
        self.file = file
        storage = (source as? HDF5Source)?.storage ?? []
    }

    // MARK: For people

    func lines(columnsUpTo limit: Int) -> [String] {
        let profile = audit.profile
        var lines = source.notes.map { "note: \($0)" }
        lines.append("\(NumberFormat.grouped(profile.rowCount)) rows, \(profile.columns.count) columns")
        var table = TextTable(rightAligned: [0, 3, 4, 5, 6, 7])
        table.add("", "column", "type", "missing", "distinct", "smallest", "mean", "largest")
        for (index, column) in profile.columns.prefix(limit).enumerated() {
            let distinct = column.levels.map { NumberFormat.grouped($0.count) } ?? ""
            var numbers = ["", "", ""]
            if column.isNumeric, let range = column.range {
                numbers = [range.lowerBound, column.mean, range.upperBound].map(NumberFormat.metric)
            }
            let type = column.typeName + (column.isNumeric && column.textCount > 0 ? " (\(column.textCount) not)" : "")
            table.add(
                [String(index), column.name, type, NumberFormat.grouped(column.missingCount), distinct] + numbers)
        }
        lines += table.lines()
        if profile.columns.count > limit { lines.append("and \(profile.columns.count - limit) more columns") }
        let findings = targetLines + warnings + storageLines + memoryLines
        if !findings.isEmpty { lines += [""] + findings }
        lines += ["", "train with: \(command)"]
        return lines
    }

    private var targetLines: [String] {
        guard let name = targetName else { return [] }
        let guessed = audit.targetIsGuessed ? " (guessed; --target NAME)" : ""
        guard !audit.classes.isEmpty else { return ["target: '\(name)', a number\(guessed)"] }
        let total = audit.classes.reduce(0) { $0 + $1.count }
        let shown = audit.classes.prefix(12).map { label, count in
            "'\(label)' \(NumberFormat.grouped(count)) (\(NumberFormat.fixed(100 * Double(count) / Double(max(1, total)), decimals: 1)) %)"
        }
        let rest = audit.classes.count > 12 ? " and \(audit.classes.count - 12) more" : ""
        return [
            "target: '\(name)', one of \(audit.classes.count) classes\(guessed): " + shown.joined(separator: ", ")
                + rest
        ]
    }

    private var warnings: [String] {
        var lines: [String] = []
        if !audit.constant.isEmpty { lines.append("constant: " + Self.list(audit.constant)) }
        for group in audit.duplicates { lines.append("the same in every row: " + Self.list(group)) }
        for leak in audit.leaks {
            let what =
                switch leak.kind {
                case .equal: "is the target itself"
                case .renamed: "is the target under other names: each of its values goes with one class"
                case .correlated(let r):
                    "gives the target away: their correlation is \(NumberFormat.fixed(r, decimals: 5))"
                }
            lines.append("leak: '\(leak.column)' \(what)")
        }
        for column in audit.profile.columns {
            guard column.isNumeric, let odd = column.firstText else { continue }
            lines.append(
                "bad value: '\(column.name)' holds numbers, and '\(odd.text)' in line \(odd.line); correct it, or declare the "
                    + "column with --categorical")
        }
        return lines
    }

    private var storageLines: [String] {
        // Datasets that are stored alike, as the columns of a table are, share a line.
        var groups: [(text: String, paths: [String])] = []
        for dataset in storage {
            guard let text = Self.text(of: dataset) else { continue }
            if let index = groups.firstIndex(where: { $0.text == text }) {
                groups[index].paths.append(dataset.path)
            } else {
                groups.append((text, [dataset.path]))
            }
        }
        var lines = groups.prefix(20).map { text, paths in
            paths[0] + (paths.count > 1 ? " and \(paths.count - 1) more" : "") + ": " + text
        }
        if storage.contains(where: \.isUnfavourable) {
            lines.append(
                "these chunks make reading slow; better ones: descent convert \(Self.quoted(file)) OUT.h5 --chunk-rows auto"
            )
        }
        return lines
    }

    /// Chunks, filters and what they cost; `nil` in one piece.
    private static func text(of dataset: StorageReport) -> String? {
        guard let shape = dataset.chunkShape else { return nil }
        var text = "chunks of \(shape.map(String.init).joined(separator: " x "))"
        if !dataset.filters.isEmpty {
            text += ", \(dataset.filters.joined(separator: ", "))"
            if dataset.storedBytes > 0 {
                let ratio = Double(dataset.bytes) / Double(dataset.storedBytes)
                text += " (\(NumberFormat.fixed(ratio, decimals: 1)) times smaller)"
            }
        }
        text +=
            "; to read a row, \(NumberFormat.grouped(dataset.rowsPerAccess)) are unpacked "
            + "(\(ByteSize(bytes: dataset.bytesPerAccess).description))"
        if dataset.sequentialAmplification > 1.05 {
            let times = NumberFormat.fixed(dataset.sequentialAmplification, decimals: 1)
            text += "; to read all in order, each \(times) times"
        }
        return text
    }

    private var memoryLines: [String] {
        guard let bytes = audit.memoryBytes else { return [] }
        let isLarge = bytes > Processors.memory / 2
        return [
            "in memory: \(ByteSize(bytes: bytes).description) for training"
                + (isLarge ? ", more than half of this machine's: the rows will stay on disk (--memory)" : "")
        ]
    }

    /// The command that the findings suggest.
    private var command: String {
        var words = ["descent", "train", file]
        let known = source.knownRoles
        if known.targets.isEmpty || !audit.targetIsGuessed { words += ["--target", targetName ?? "NAME"] }
        let repeated = audit.duplicates.flatMap { group in group.dropFirst() }
        var ignored: [String] = []
        var seen: Set<String> = []
        if known.features == nil {
            for name in audit.constant + audit.leaks.map(\.column) + repeated
            where name != targetName && !name.contains(",") && seen.insert(name).inserted {
                ignored.append(name)
            }
        }
        if !ignored.isEmpty { words += ["--ignore", ignored.joined(separator: ",")] }
        if let most = audit.classes.first, let least = audit.classes.last, most.count > 20 * least.count {
            words += ["--class-weight", "balanced"]
        }
        return words.map(Self.quoted).joined(separator: " ")
    }

    private var targetName: String? { audit.target.map { audit.profile.columns[$0].name } }

    private static func list(_ names: [String]) -> String {
        names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
            + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte < 0x80 && (character.isLetter || character.isNumber || "-_./,:=".contains(character))
        }
        return plain && !word.isEmpty
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    // MARK: For programs

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "rows": .number(Double(audit.profile.rowCount)),
            "columns": .array(audit.profile.columns.map(\.json)),
            "constant": .array(audit.constant.map { .string($0) }),
            "duplicates": .array(audit.duplicates.map { .array($0.map { .string($0) }) }),
            "leaks": .array(audit.leaks.map(\.json)),
            "command": .string(command),
            "notes": .array(source.notes.map { .string($0) }),
        ]
        if let name = targetName {
            members["target"] = .string(name)
            members["target_guessed"] = .bool(audit.targetIsGuessed)
        }
        if !audit.classes.isEmpty {
            members["classes"] = .object(
                Dictionary(
                    audit.classes.map { ($0.label, .number(Double($0.count))) }, uniquingKeysWith: { first, _ in first }
                ))
        }
        if let bytes = audit.memoryBytes { members["memory_bytes"] = .number(Double(bytes)) }
        if !storage.isEmpty { members["datasets"] = .array(storage.map(\.json)) }
        return .object(members)
    }
}

extension ColumnProfile {
    fileprivate var typeName: String {
        if numberCount + textCount == 0 { return "empty" }
        guard isNumeric else { return "text" }
        return integerCount == numberCount ? "integer" : "number"
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "type": .string(typeName), "missing": .number(Double(missingCount)),
        ]
        if let levels { members["distinct"] = .number(Double(levels.count)) }
        if isNumeric, let range {
            members["smallest"] = .number(range.lowerBound)
            members["largest"] = .number(range.upperBound)
            members["mean"] = .number(mean)
            members["deviation"] = .number(variance.squareRoot())
        }
        if !isNumeric, let levels, levels.count <= 100 {
            members["levels"] = .object(levels.mapValues { .number(Double($0)) })
        }
        return .object(members)
    }
}

extension TableAudit.Leak {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["column": .string(column)]
        switch kind {
        case .equal: members["kind"] = .string("equal")
        case .renamed: members["kind"] = .string("renamed")
        case .correlated(let r):
            members["kind"] = .string("correlated")
            members["correlation"] = .number(r)
        }
        return .object(members)
    }
}

extension StorageReport {
    fileprivate var json: JSONValue {
        .object([
            "path": .string(path),
            "chunks": chunkShape.map { .array($0.map { .number(Double($0)) }) } ?? .null,
            "filters": .array(filters.map { .string($0) }), "stored_bytes": .number(Double(storedBytes)),
            "bytes": .number(Double(bytes)), "rows_per_access": .number(Double(rowsPerAccess)),
            "bytes_per_access": .number(Double(bytesPerAccess)),
            "sequential_amplification": .number(sequentialAmplification),
        ])
    }
}
