internal import HDF5

/// A dataset, or a field of one, as a run of columns of the table.
struct HDF5Block: Sendable {
    /// What the dataset is to the table.
    enum Role: Sendable, Hashable {
        case features
        case targets
        case weights
        /// One of several columns of which the file does not say more.
        case column
    }

    /// What its elements are to a table.
    enum Content: Sendable, Equatable {
        case integer
        case float
        /// Numbers that stand for texts: truth values and enumerations.
        case named([Int64: String])
        case string
    }

    /// More columns than this (2^20) are no table that a network could take in.
    static let widthLimit = 1 << 20

    let role: Role
    let matrix: HDF5Matrix
    let part: ElementPart
    let content: Content
    /// The values that stand for a missing one.
    let fill: [HDF5Number]
    /// The first of its columns among those of the dataset, or of the field.
    let base: Int
    /// The position of its columns in the table.
    let columns: Range<Int>
    let columnNames: [String]
    /// What the user is to know of how the values were understood.
    let notes: [String]

    var dataset: Dataset { matrix.dataset }
    var width: Int { columns.count }
    /// Whether its columns hold numbers, not texts.
    var isNumeric: Bool {
        switch content {
        case .integer, .float: true
        case .named, .string: false
        }
    }
    /// As messages call it: the dataset's path, and the field where it has several.
    var path: String { part.name.isEmpty ? dataset.path : "\(dataset.path), field '\(part.name)'" }

    /// All columns of a dataset or a field.
    ///
    /// - Parameter name: The name of the column, or what the names of several begin with.
    init(
        _ matrix: HDF5Matrix, _ part: ElementPart, role: Role, name: String, firstColumn: Int, file: String
    ) throws(TableError) {
        let (width, overflow) = matrix.columnCount.multipliedReportingOverflow(by: part.count)
        guard !overflow, width <= Self.widthLimit else {
            throw TableError(
                .badData, file: file, column: matrix.dataset.path,
                "it has \(overflow ? "too many" : "\(width)") values per row, more than the \(Self.widthLimit) that are "
                    + "allowed")
        }
        try self.init(
            matrix, part, role: role, base: 0,
            columnNames: width == 1 ? [name] : (0..<width).map { "\(name)_\($0)" }, firstColumn: firstColumn, file: file
        )
    }

    /// Columns that follow one another in a dataset or a field.
    ///
    /// - Parameters:
    ///   - base: The first of them there.
    ///   - categories: The texts that numbers from 0 stand for, where the file tells them; negative ones are missing.
    init(
        _ matrix: HDF5Matrix, _ part: ElementPart, role: Role, base: Int, columnNames: [String],
        categories: [String]? = nil, firstColumn: Int, file: String
    ) throws(TableError) {
        let dataset = matrix.dataset
        guard var content = Content(part) else {
            throw TableError(
                .badData, file: file, column: dataset.path,
                "its elements are of type \(part.type), and a column needs numbers or strings: "
                    + "store each column as a dataset of its own")
        }
        guard part.count == 1 || matrix.columnCount == 1 else {
            throw TableError(
                .badData, file: file, column: dataset.path,
                "it is a matrix of arrays, and a table needs one number in every place: store the arrays flattened")
        }
        var fill: [HDF5Number] = []
        var notes: [String] = []
        do {
            try dataset.checkReadable()
            if part.name.isEmpty { fill = try Self.fill(of: dataset, part, notes: &notes) }
        } catch {
            throw TableError(error, file: file, dataset: dataset.path)
        }
        if let categories {
            content = .named(Dictionary(uniqueKeysWithValues: categories.enumerated().map { (Int64($0), $1) }))
            fill.append(.signed(-1))
        }
        self.role = role
        self.matrix = matrix
        self.part = part
        self.content = content
        self.fill = fill
        self.notes = notes
        self.base = base
        columns = firstColumn..<firstColumn + columnNames.count
        self.columnNames = columnNames
    }

    /// The numbers that netCDF's attributes and the dataset itself declare to stand for nothing.
    private static func fill(
        of dataset: Dataset, _ part: ElementPart, notes: inout [String]
    ) throws(HDF5Error) -> [HDF5Number] {
        guard part.isNumber else { return [] }
        var fill: [HDF5Number] = []
        for name in ["_FillValue", "missing_value"] {
            guard try dataset.attributes.contains(name), try dataset.attributes.elementType(of: name).isNumeric else {
                continue
            }
            fill += try dataset.attributes.exactNumbers(name)
        }
        if let number = try dataset.fillValue, !fill.contains(number) {
            notes.append("\(number.level(.float)) in \(dataset.path) is its fill value: taken as missing")
            fill.append(number)
        }
        guard case .float(let bytes, _) = part.type, bytes <= 4 else { return fill }
        // An attribute may hold in double precision what the data hold in single.
        return fill.map { .float(Double(Float($0.double))) }
    }

    /// Whether a number of the block stands for a missing one.
    func isMissing(_ number: HDF5Number) -> Bool {
        if case .float(let value) = number, value.isNaN { return true }
        return fill.contains { $0.isEqual(to: number) }
    }
}

extension HDF5Block.Content {
    init?(_ part: ElementPart) {
        switch part.type {
        case .integer: self = .integer
        case .float: self = .float
        case .boolean: self = .named([0: "false", 1: "true"])
        case .bitField(let bytes):
            // PyTables stores a truth value so.
            guard bytes == 1, part.isNumber else { return nil }
            self = .named([0: "false", 1: "true"])
        case .enumeration(let members):
            self = .named(Dictionary(members.map { ($0.value, $0.name) }, uniquingKeysWith: { first, _ in first }))
        case .fixedString, .variableString: self = .string
        case .compound, .array, .reference, .opaque, .other: return nil
        }
    }
}

extension HDF5Number {
    /// Whether two numbers are the same, whatever their types.
    fileprivate func isEqual(to other: HDF5Number) -> Bool {
        switch (self, other) {
        case (.signed(let a), .signed(let b)): a == b
        case (.unsigned(let a), .unsigned(let b)): a == b
        case (.signed(let a), .unsigned(let b)), (.unsigned(let b), .signed(let a)): UInt64(exactly: a) == b
        case (.float, _), (_, .float): double == other.double
        }
    }
}
