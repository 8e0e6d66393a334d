internal import HDF5

/// A table in an HDF5 file.
///
/// It is one of several layouts: matrices, where the features are one dataset and the targets and weights others with as
/// many rows; a group whose one-dimensional datasets of equal length are the columns; records, whose fields are; or a
/// frame by pandas. Files by MATLAB, which stores matrices column by column, are turned while reading.
public struct HDF5Source: RandomAccessTable {
    /// Which datasets make up the table.
    public enum Layout: Sendable, Equatable {
        case matrices
        case columnGroup
        case records
        case pandasFixed
        case pandasTable
    }

    /// The number of rows.
    public let rowCount: Int
    /// Which datasets make up the table.
    public let layout: Layout
    /// Sentences for the user: which datasets were guessed, what was flattened, squeezed or left out.
    public let notes: [String]
    /// The columns of the features dataset; empty for a column group.
    public let featureColumns: Range<Int>
    /// The columns of the targets dataset; empty where there is none, and for a column group.
    public let targetColumns: Range<Int>
    /// The column of the weights dataset.
    public let weightColumn: Int?

    let table: HDF5Table
    private let readers = HDF5RowReaders()

    public var name: String { table.name }
    public var columnNames: [String] { table.columnNames }
    var blocks: [HDF5Block] { table.blocks }

    /// Opens a table and finds its datasets.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - features: The path of the features dataset in the file, or of a dataset or group that is the whole table;
    ///     guessed when `nil`.
    ///   - targets: The path of the targets dataset; when `nil`, guessed from the features, and none if there is none.
    ///   - weights: The path of the sample weights; none when `nil`.
    ///   - opensOtherFiles: Whether external links, external storage and virtual datasets are followed.
    ///   - workers: The threads that decode; what is delivered does not depend on them.
    /// - Throws: `TableError` when there is no such file, it is not HDF5, or its datasets do not make a table.
    public init(
        path: String, features: String? = nil, targets: String? = nil, weights: String? = nil,
        opensOtherFiles: Bool = false, workers: Int = 1
    ) throws(TableError) {
        let file: File
        do {
            file = try File(opening: path, opensOtherFiles: opensOtherFiles)
        } catch {
            throw TableError(error, file: path)
        }
        var notes: [String] = []
        let choice = try HDF5Choice(
            in: file, features: features, targets: targets, weights: weights, notes: &notes)
        let found = try choice.layout(of: file)
        let blocks = found.blocks

        table = HDF5Table(name: path, blocks: blocks, textColumns: found.textColumns, workers: HDF5Workers(workers))
        self.notes = notes + found.notes
        rowCount = blocks.first?.matrix.rowCount ?? 0
        // The blocks of a role follow one another.
        let ranges = Dictionary(
            blocks.map { ($0.role, $0.columns) }, uniquingKeysWith: { $0.lowerBound..<$1.upperBound })
        featureColumns = ranges[.features] ?? 0..<0
        targetColumns = ranges[.targets] ?? 0..<0
        weightColumn = ranges[.weights]?.lowerBound
        layout = choice.kind
    }
}

// MARK: - Reading

extension HDF5Source {
    public func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int {
        try readers.reader(of: selection, from: table).blockRows(bytes: bytes)
    }

    /// Delivers the selected columns of some rows in their order, in one chunk or several.
    ///
    /// - Throws: `TableError` for a number that is not finite, for texts where numbers are asked for, and whatever
    ///   `body` throws.
    /// - Precondition: The table has `rows`.
    public func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "\(name) has \(rowCount) rows, not \(rows)")
        try readers.reader(of: selection, from: table).read(rows, body)
    }
}

extension TableError {
    /// What an HDF5 failure means for a table.
    init(_ error: HDF5Error, file: String, dataset: String? = nil) {
        let kind: Kind =
            switch error.kind {
            case .noFile: .noInput
            case .badFile, .wrongObject, .unsupported, .otherFile, .library: .badData
            case .locked: .inputOutput
            }
        // What the flag of the command is called; in Swift it is `TableFormat.opensOtherFiles`.
        let remedy = error.kind == .otherFile ? ", or pass --allow-external if you trust this file" : ""
        self.init(kind, file: file, column: dataset, "cannot \(error.operation): \(error.reason)\(remedy)")
    }
}
