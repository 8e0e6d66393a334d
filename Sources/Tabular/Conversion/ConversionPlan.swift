internal import CFastFloat
internal import HDF5

/// What becomes of every column of a table that is written to another file.
struct ConversionPlan {
    /// A column, and how it is delivered and stored.
    struct Column {
        let name: String
        let form: Form
        /// The texts of a column of numbers, where they are known and numbers alone would not tell them.
        var texts: [String]?
    }

    /// What its values are.
    enum Form: Equatable {
        /// Numbers that single precision holds, written as `kind`.
        case single(HDF5ElementKind)
        /// Numbers that need double precision.
        case exact(HDF5ElementKind)
        /// Whole numbers of which even that would lose digits.
        case long(HDF5ElementKind)
        case levels([String])
        /// Too many different texts to list them.
        case texts

        var kind: HDF5ElementKind? {
            switch self {
            case .single(let kind), .exact(let kind), .long(let kind): kind
            case .levels, .texts: nil
            }
        }
    }

    let columns: [Column]
    let rowCount: Int
    let file: String
    /// Sentences on what was decided.
    var notes: [String] = []

    init(_ columns: [Column], rowCount: Int, file: String) {
        self.columns = columns
        self.rowCount = rowCount
        self.file = file
        let unlisted = columns.filter { $0.form == .texts }.map { "'\($0.name)'" }
        if !unlisted.isEmpty {
            notes.append(
                "\(unlisted.joined(separator: ", ")): more than \(ColumnProfile.levelLimit) different texts, kept as texts"
            )
        }
    }

    var changedFile: TableError {
        TableError(.inputOutput, file: file, "the file changed while it was in use: start again when it is whole")
    }

    /// Decides for every column.
    ///
    /// - Parameter isBinary: Whether numbers are to be stored, so that it matters how wide they are; or else written.
    static func columns(
        of source: any TableSource, _ profile: TableProfile, isText: ColumnPattern?, isBinary: Bool
    ) throws(TableError) -> [Column] {
        let asText = Set(
            try isText.map { pattern throws(TableError) in
                try pattern.columns(of: source.columnNames, in: source.name, flag: "--categorical")
            } ?? [])
        let declared = (source as? any DeclaredNumbers)?.numberKinds ?? profile.columns.map { _ in nil }
        var columns: [Column] = []
        var undecided: [Int] = []
        for (index, column) in profile.columns.enumerated() {
            let isEmpty = column.numberCount + column.textCount == 0
            guard column.isNumeric || isEmpty, !asText.contains(index) else {
                let levels = column.levels?.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                columns.append(Column(name: column.name, form: levels.map { .levels($0) } ?? .texts))
                continue
            }
            if let odd = column.firstText { throw oddity(odd, column, source.name) }
            var form = column.form(declared: declared[index], isBinary: isBinary)
            if form == nil {
                form = .single(.float)
                if let levels = column.levels {
                    if levels.keys.contains(where: { !isSingle($0) }) { form = .exact(.double) }
                } else {
                    undecided.append(index)
                }
            }
            columns.append(
                Column(
                    name: column.name, form: form ?? .exact(.double),
                    texts: form.flatMap { column.texts(of: $0, isDeclared: declared[index] != nil, isBinary: isBinary) }
                ))
        }
        let wide = isBinary ? try columnsBeyondSingle(undecided, of: source) : Set(undecided)
        for index in wide {
            columns[index] = Column(name: columns[index].name, form: .exact(.double))
        }
        return columns
    }

    private static func isSingle(_ text: String) -> Bool { Double(text).map { descent_is_float($0) == 1 } ?? false }

    private static func oddity(_ odd: ColumnProfile.Oddity, _ column: ColumnProfile, _ file: String) -> TableError {
        TableError(
            .badData, file: odd.file ?? file, line: odd.line, column: column.name,
            "expected a number as in \(column.numberCount) other rows, found '\(odd.text)'; correct it, or keep the column "
                + "as text with --categorical \(column.name)")
    }

    /// The columns that hold a number of which single precision loses something. The pass ends when all do.
    private static func columnsBeyondSingle(
        _ columns: [Int], of source: any TableSource
    ) throws(TableError) -> Set<Int> {
        guard !columns.isEmpty else { return [] }
        var rest = Array(columns.indices)
        do throws(TableError) {
            try source.read(ColumnSelection(exact: columns)) { (chunk: borrowing RowChunk) throws(TableError) in
                let doubles = chunk.doubles
                let rows = chunk.rowCount
                rest.removeAll { column in
                    (0..<rows).contains { row in
                        let value = doubles[row * columns.count + column]
                        return !value.isNaN && descent_is_float(value) == 0
                    }
                }
                if rest.isEmpty { throw TableError(.inputOutput, file: source.name, "all is known") }
            }
        } catch {
            guard rest.isEmpty else { throw error }
        }
        return Set(columns).subtracting(rest.map { columns[$0] })
    }
}

/// A source that knows what its numbers are stored as.
protocol DeclaredNumbers {
    /// For each column; `nil` where it does not hold numbers, or is not known to hold nothing else.
    var numberKinds: [HDF5ElementKind?] { get }
}

extension ColumnProfile {
    private static let singleLimit = 0x1p24
    private static let doubleLimit = 0x1p53

    /// How the numbers are stored; `nil` where that depends on their fractions.
    fileprivate func form(declared: HDF5ElementKind?, isBinary: Bool) -> ConversionPlan.Form? {
        guard let range else { return .single(.float) }
        let magnitude = max(-range.lowerBound, range.upperBound)
        switch declared {
        case .float: return .single(.float)
        case .double: return .exact(.double)
        case let kind?:
            // An integer type has nothing that stands for a missing value.
            if isBinary, missingCount > 0 { return magnitude <= Self.singleLimit ? .single(.float) : .exact(.double) }
            if magnitude <= Self.singleLimit { return .single(kind) }
            return magnitude <= Self.doubleLimit ? .exact(kind) : .long(kind)
        case nil:
            guard integerCount == numberCount else { return nil }
            // Beyond 18 digits the profile is not exact, and what is written may not be an Int64.
            guard magnitude < 1e18 else { return .exact(.double) }
            if isBinary, missingCount > 0 { return magnitude <= Self.singleLimit ? .single(.float) : .exact(.double) }
            let kinds: [(HDF5ElementKind, ClosedRange<Double>)] = [
                (.int8, -0x1p7...0x1p7 - 1), (.uint8, 0...0x1p8 - 1), (.int16, -0x1p15...0x1p15 - 1),
                (.int32, -0x1p31...0x1p31 - 1),
            ]
            let kind = kinds.first { $0.1.contains(range.lowerBound) && $0.1.contains(range.upperBound) }?.0 ?? .int64
            if magnitude <= Self.singleLimit { return .single(kind) }
            return magnitude <= Self.doubleLimit ? .exact(kind) : .long(kind)
        }
    }
}

extension ColumnProfile {
    /// The texts of a column of numbers as they are to be kept: of a text file, those that its numbers would not have when
    /// they are read from HDF5, or, for a text file, all; of a file that declares numbers none.
    fileprivate func texts(of form: ConversionPlan.Form, isDeclared: Bool, isBinary: Bool) -> [String]? {
        guard let levels, !levels.isEmpty, !isDeclared else { return nil }
        let isUsual =
            isBinary
            && levels.keys.allSatisfy { text in
                switch form {
                case .single(.float): Float(text).map { HDF5Number.float(Double($0)).level(.float) == text } ?? false
                case .exact(.double): Double(text).map { HDF5Number.float($0).level(.float) == text } ?? false
                default: Int64(text).map { String($0) == text } ?? UInt64(text).map { String($0) == text } ?? false
                }
            }
        return isUsual ? nil : levels.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
