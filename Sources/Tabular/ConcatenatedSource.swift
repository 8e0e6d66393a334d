internal import HDF5

/// Several tables as one: the rows of the first, then those of the second, and so on.
///
/// Columns are matched by name, in the order of the first table.
public struct ConcatenatedSource: TableSource {
    public let name: String
    public let columnNames: [String]

    let parts: [Part]

    struct Part: Sendable {
        let source: any TableSource
        /// The index in the source of every column of the whole.
        let columns: [Int]

        /// A selection of the whole's columns as one of the part's.
        func own(_ selection: ColumnSelection) -> ColumnSelection {
            ColumnSelection(
                numeric: selection.numeric.map { columns[$0] },
                text: selection.text.map {
                    .init(
                        column: columns[$0.column], levels: $0.levels, isPerChunk: $0.isPerChunk, isStrict: $0.isStrict)
                }, exact: selection.exact.map { columns[$0] }, times: selection.times.map { columns[$0] })
        }
    }

    /// Joins tables that have the same columns, in any order.
    ///
    /// - Throws: `TableError` that names the table and the columns when the columns differ.
    public init(_ sources: [any TableSource]) throws(TableError) {
        guard let first = sources.first else {
            throw TableError(.badRequest, file: "no table", "name at least one table")
        }
        name =
            sources.count <= 3
            ? sources.map(\.name).joined(separator: ", ")
            : "\(first.name) and \(sources.count - 1) more"
        columnNames = first.columnNames
        var parts: [Part] = []
        for source in sources { parts.append(try Self.part(source, of: first)) }
        self.parts = parts
    }

    private static func part(_ source: any TableSource, of first: any TableSource) throws(TableError) -> Part {
        let positions = Dictionary(
            source.columnNames.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(first.columnNames)
        let missing = first.columnNames.filter { positions[$0] == nil }
        let extra = source.columnNames.filter { !wanted.contains($0) }
        var differences: [String] = []
        if !missing.isEmpty { differences.append("lacks \(list(missing))") }
        if !extra.isEmpty { differences.append("has \(list(extra)) besides") }
        guard differences.isEmpty else {
            throw TableError(
                .badData, file: source.name,
                """
                the tables must have the same columns, and compared with \(first.name) this one \
                \(differences.joined(separator: " and ")): make the columns equal, or leave the table out
                """)
        }
        return Part(source: source, columns: first.columnNames.compactMap { positions[$0] })
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }

    /// What the numbers of each part are stored as, in the order of the whole's columns.
    var numberKindsOfParts: [[HDF5ElementKind?]] {
        parts.map { part in
            let kinds = (part.source as? any DeclaredNumbers)?.numberKinds
            return part.columns.map { kinds?[$0] ?? nil }
        }
    }

    /// The columns stand in the first table's order, so its roles are those of the whole.
    public var knownRoles: KnownRoles { parts.first?.source.knownRoles ?? .none }

    /// Each note names its file.
    public var notes: [String] { parts.flatMap(\.source.notes) }

    public var deliversTimes: Bool { parts.allSatisfy(\.source.deliversTimes) }

    public var putsAsideBadRows: Bool { parts.allSatisfy(\.source.putsAsideBadRows) }

    public func profile() throws(TableError) -> TableProfile { try profile(keepingUpTo: 0).profile }

    public func profile(
        keepingUpTo byteLimit: Int
    ) throws(TableError) -> (profile: TableProfile, rows: any TableSource) {
        var rest = byteLimit
        var profiles: [TableProfile] = []
        var kept: [any TableSource] = []
        for part in parts {
            let (profile, rows) = try part.source.profile(keepingUpTo: rest)
            rest = max(0, rest - 4 * profile.rowCount * profile.columns.count)
            kept.append(rows)
            profiles.append(profile)
        }
        return (joined(profiles), try ConcatenatedSource(kept))
    }

    /// What the columns hold, from what those of every part do.
    func joined(_ profiles: [TableProfile]) -> TableProfile {
        var total = TableProfile(rowCount: 0, columns: columnNames.map { ColumnProfile(name: $0) })
        for (part, profile) in zip(parts, profiles) {
            total.rowCount += profile.rowCount
            for (column, position) in part.columns.enumerated() {
                var own = profile.columns[position]
                if own.firstText?.file == nil { own.firstText?.file = part.source.name }
                total.columns[column].merge(own)
            }
        }
        return total
    }

    public func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        var levels = JoinedLevels.of(selection)
        var firstRow = 0
        for part in parts {
            levels.startPart()
            let start = firstRow
            try part.source.read(part.own(selection)) { chunk throws(TableError) in
                firstRow = start + chunk.firstRow + chunk.rowCount
                try body(levels.joined(chunk, after: start))
            }
        }
    }
}

/// The levels of text columns over several tables.
struct JoinedLevels {
    private var columns: [JoinedColumn]

    static func of(_ selection: ColumnSelection) -> JoinedLevels {
        JoinedLevels(columns: selection.text.map { JoinedColumn(given: $0.levels, isPerChunk: $0.isPerChunk) })
    }

    mutating func startPart() {
        for index in columns.indices { columns[index].startPart() }
    }

    /// A chunk of the current part as one of the whole, of which `rowCount` rows come before the part.
    mutating func joined(_ chunk: borrowing RowChunk, after rowCount: Int) -> RowChunk {
        var codes = chunk.codes
        for index in columns.indices {
            columns[index].translate(&codes, from: index, by: columns.count, levels: chunk.levels[index])
        }
        return RowChunk(
            firstRow: rowCount + chunk.firstRow, rowCount: chunk.rowCount, numbers: chunk.numbers, codes: codes,
            levels: columns.map(\.levels), doubles: chunk.doubles, times: chunk.times)
    }
}

/// The levels of a text column over several tables, each of which numbers them on its own.
private struct JoinedColumn {
    private(set) var levels: [String]
    private let isGiven: Bool
    private let isPerChunk: Bool
    private var codes: [String: Int32] = [:]
    /// The joint code of every code of the current part.
    private var translation: [Int32] = []

    init(given: [String]?, isPerChunk: Bool) {
        levels = given ?? []
        isGiven = given != nil
        self.isPerChunk = isPerChunk
    }

    mutating func startPart() { translation.removeAll(keepingCapacity: true) }

    mutating func translate(_ all: inout [Int32], from start: Int, by stride: Int, levels partLevels: [String]) {
        guard !isGiven else { return }
        if isPerChunk {
            levels = partLevels
            return
        }
        for level in partLevels.dropFirst(translation.count) { translation.append(code(of: level)) }
        for index in Swift.stride(from: start, to: all.count, by: stride) where all[index] >= 0 {
            all[index] = translation[Int(all[index])]
        }
    }

    private mutating func code(of level: String) -> Int32 {
        if let code = codes[level] { return code }
        let code = Int32(levels.count)
        codes[level] = code
        levels.append(level)
        return code
    }
}
