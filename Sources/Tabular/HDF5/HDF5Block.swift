internal import HDF5

/// A dataset as a run of columns of the table.
struct HDF5Block: Sendable {
    /// What the dataset is to the table.
    enum Role: Sendable, Hashable {
        case features
        case targets
        case weights
        /// One of a column group.
        case column
    }

    /// What its elements are to a table.
    enum Content: Sendable, Equatable {
        case integer(isUnsigned64: Bool)
        case float
        /// Numbers that stand for texts: truth values and enumerations.
        case named([Int64: String])
        case string
    }

    /// More columns than this (2^20) are no table that a network could take in.
    static let widthLimit = 1 << 20

    let role: Role
    let dataset: Dataset
    let content: Content
    /// The value that stands for a missing one (the attribute `_FillValue`).
    let fillValue: Double?
    /// The position of its columns in the table.
    let columns: Range<Int>
    let columnNames: [String]

    var width: Int { columns.count }
    /// Whether its columns hold numbers, not texts.
    var isNumeric: Bool {
        switch content {
        case .integer, .float: true
        case .named, .string: false
        }
    }

    init(
        _ dataset: Dataset, role: Role, name: String, firstColumn: Int, file: String
    ) throws(TableError) {
        guard let content = Content(dataset.elementType) else {
            throw TableError(
                .badData, file: file, column: dataset.path,
                "its elements are of type \(dataset.elementType), and a column needs numbers or strings: "
                    + "store each field as a dataset of its own")
        }
        let width = dataset.rowElementCount
        guard width <= Self.widthLimit else {
            throw TableError(
                .badData, file: file, column: dataset.path,
                "it has \(width) values per row, more than the \(Self.widthLimit) that are allowed")
        }
        do {
            try dataset.checkReadable()
            fillValue = try Self.fillValue(of: dataset)
        } catch {
            throw TableError(error, file: file, dataset: dataset.path)
        }
        self.role = role
        self.dataset = dataset
        self.content = content
        columns = firstColumn..<firstColumn + width
        columnNames = width == 1 ? [name] : (0..<width).map { "\(name)_\($0)" }
    }

    private static func fillValue(of dataset: Dataset) throws(HDF5Error) -> Double? {
        guard dataset.elementType.isNumeric, try dataset.attributes.contains("_FillValue") else { return nil }
        guard try dataset.attributes.elementType(of: "_FillValue").isNumeric else { return nil }
        return try dataset.attributes.numbers("_FillValue", as: Double.self).first
    }

    /// How many rows to read at a time: about `rows`, and whole HDF5 chunks where that is at most `limit`.
    func windowRows(about rows: Int, atMost limit: Int) -> Int {
        guard case .chunked(let chunk) = dataset.layout, let chunkRows = chunk.first else { return rows }
        if rows >= chunkRows { return rows / chunkRows * chunkRows }
        return chunkRows <= limit ? chunkRows : rows
    }
}

extension HDF5Block.Content {
    init?(_ type: ElementType) {
        switch type {
        case .integer(let bytes, let signed, _): self = .integer(isUnsigned64: bytes >= 8 && !signed)
        case .float: self = .float
        case .boolean: self = .named([0: "false", 1: "true"])
        case .enumeration(let members):
            self = .named(Dictionary(members.map { ($0.value, $0.name) }, uniquingKeysWith: { first, _ in first }))
        case .fixedString, .variableString: self = .string
        case .compound, .array, .reference, .opaque, .other: return nil
        }
    }
}
