internal import HDF5

/// Which datasets an HDF5 file of a table has, and which columns stand in each.
struct StorageLayout {
    /// What is stored of a column.
    enum Content: Sendable, Equatable {
        case number(Int)
        /// The code of its text.
        case code(Int)
    }

    /// A dataset of numbers or codes.
    struct Piece: Sendable {
        let path: String
        let contents: [Content]
        let kind: HDF5ElementKind
        /// Whether one column is a dataset of one dimension.
        let isVector: Bool
    }

    private(set) var pieces: [Piece] = []
    /// Columns stored as strings of any length, and where.
    private(set) var strings: [(column: Int, path: String)] = []
    /// For every column its dataset and its place there; `nil` where features and targets are datasets by the usual names.
    private(set) var places: [(path: String, position: Int)]?
    private(set) var chunkRows = 1

    /// More columns than this share datasets.
    private static let separateLimit = 128
    /// The bytes of as many rows as a chunk has: large enough to read at full speed, small enough that rows shuffled by
    /// chunks are mixed well.
    private static let chunkBytes = 2 << 20
    /// A dataset of one column has chunks of at least so many rows, since each costs an access.
    private static let fewestChunkRows = 8_192
    private static let mostChunkRows = 1 << 18

    init(_ plan: ConversionPlan, of source: any TableSource, _ options: ConversionOptions) {
        if let matrices = Self.matrices(plan, source.knownRoles, names: source.columnNames) {
            pieces = matrices.pieces
            strings = matrices.strings
        } else {
            appendColumns(of: plan)
        }
        let rowBytes = pieces.reduce(0) { $0 + $1.contents.count * $1.kind.byteCount } + strings.count * 16
        var rows = options.chunkRows ?? max(1, Self.chunkBytes / max(1, rowBytes))
        if options.chunkRows == nil {
            rows = 1 << (Int.bitWidth - 1 - rows.leadingZeroBitCount)
            if !pieces.contains(where: { $0.contents.count > 1 }) { rows = max(rows, Self.fewestChunkRows) }
            rows = min(rows, Self.mostChunkRows)
        }
        chunkRows = min(rows, plan.rowCount)
    }

    // MARK: Columns by name

    private mutating func appendColumns(of plan: ConversionPlan) {
        var names = DatasetNames()
        var places: [(path: String, position: Int)] = []
        let shares = plan.columns.count > Self.separateLimit
        var next = 0
        while next < plan.columns.count {
            let first = next
            let path = names.name(for: plan.columns[first].name)
            next += 1
            switch plan.columns[first].form {
            case .texts: strings.append((first, path))
            case .levels(let levels): pieces.append(Self.codes(first, levels, at: path))
            case .single(let kind), .exact(let kind), .long(let kind):
                // Whole numbers share a matrix whatever their widths, which differ from column to column.
                while shares, next < plan.columns.count, let other = plan.columns[next].form.kind,
                    other == kind || (other.isWhole && kind.isWhole)
                {
                    next += 1
                }
                pieces.append(
                    Piece(
                        path: path, contents: (first..<next).map { .number($0) },
                        kind: Self.common(plan.columns[first..<next].compactMap(\.form.kind)),
                        isVector: next == first + 1))
            }
            places += (first..<next).map { (path, $0 - first) }
        }
        for (index, column) in plan.columns.enumerated() {
            guard let texts = column.texts else { continue }
            pieces.append(Self.codes(index, texts, at: "\(StoredTable.group)/\(StoredTable.texts)/\(index)"))
        }
        self.places = places
    }

    private static func codes(_ column: Int, _ levels: [String], at path: String) -> Piece {
        let kind: HDF5ElementKind = levels.count <= 0x80 ? .int8 : levels.count <= 0x8000 ? .int16 : .int32
        return Piece(path: path, contents: [.code(column)], kind: kind, isVector: true)
    }

    // MARK: Matrices

    /// A dataset for the features, one for the targets and one for the weights, where the source has these; `nil` where
    /// they could not be told from their columns.
    private static func matrices(
        _ plan: ConversionPlan, _ roles: KnownRoles, names: [String]
    ) -> (pieces: [Piece], strings: [(column: Int, path: String)])? {
        guard let features = roles.features else { return nil }
        var pieces: [Piece] = []
        var strings: [(column: Int, path: String)] = []
        var used: Set<String> = []
        var parts = [features, roles.targets]
        if let weight = roles.weight { parts.append(weight..<weight + 1) }
        guard parts.reduce(0, { $0 + $1.count }) == names.count else { return nil }
        for part in parts where !part.isEmpty {
            guard let base = base(of: Array(names[part])), used.insert(base).inserted else { return nil }
            let kinds = part.compactMap { plan.columns[$0].form.kind }
            if kinds.count == part.count {
                var kind = common(kinds)
                // Bytes would be taken for pixels, which have a scale of their own.
                if kind == .uint8, part == features, !roles.featuresAreBytes { kind = .int16 }
                pieces.append(
                    Piece(path: base, contents: part.map { .number($0) }, kind: kind, isVector: part.count == 1))
            } else {
                guard part.count == 1 else { return nil }
                strings.append((part.lowerBound, base))
            }
        }
        return (pieces, strings)
    }

    /// What the names of the columns of one dataset begin with.
    private static func base(of names: [String]) -> String? {
        guard names.count > 1, let first = names.first, first.hasSuffix("_0") else {
            return names.count == 1 ? names[0] : nil
        }
        let base = String(first.dropLast(2))
        return names.enumerated().allSatisfy { $0.element == "\(base)_\($0.offset)" } ? base : nil
    }

    /// A type that holds all numbers of several.
    private static func common(_ kinds: [HDF5ElementKind]) -> HDF5ElementKind {
        guard let first = kinds.first, !kinds.allSatisfy({ $0 == first }) else { return kinds.first ?? .float }
        let whole = kinds.filter(\.isWhole)
        if kinds.contains(.double) || (whole.count < kinds.count && whole.contains { $0.byteCount > 2 }) {
            return .double
        }
        if whole.count < kinds.count { return .float }
        return whole.contains { $0.byteCount == 8 || $0 == .uint32 } ? .int64 : .int32
    }
}

extension HDF5ElementKind {
    fileprivate var isWhole: Bool { self != .float && self != .double }
}

/// Gives every column the name of a dataset, which has no slash and is nobody else's.
private struct DatasetNames {
    private var used: Set<String> = [StoredTable.group]

    mutating func name(for column: String) -> String {
        var name = String(column.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
        if name.isEmpty || name == "." || name == ".." { name += "_" }
        while !used.insert(name).inserted { name += "_" }
        return name
    }
}
