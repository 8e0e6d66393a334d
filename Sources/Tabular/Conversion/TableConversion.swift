internal import HDF5

/// Writes a table to a file: HDF5 where the name ends as those of HDF5 files do, else CSV.
///
/// The table is read two or three times and never held in memory. The file appears whole or not at all: it is made beside
/// the one that it replaces.
///
/// A table converted to HDF5 trains to the same model as the one that it came from: names, order, types, missing values and
/// the texts of levels are kept. Numbers with a fraction are stored in single precision where nothing of them is lost, else
/// in double. Features and targets that are matrices of an HDF5 file stay so.
///
/// - Parameters:
///   - path: The file to write; `-` is standard output, for CSV.
///   - progress: Called before the first row, and then every so often; the conversion stops when it returns `false`.
/// - Returns: the rows that were written, and sentences on what was decided; `nil` where it was stopped.
/// - Throws: `TableError` for a value that cannot be read or a file that cannot be written; what was there before is then
///   as it was.
public func convert(
    _ source: any TableSource, to path: String, options: ConversionOptions = ConversionOptions(),
    progress: (ConversionProgress) -> Bool = { _ in true }
) throws(TableError) -> (rowCount: Int, notes: [String])? {
    let isHDF5 = hasHDF5Name(path)
    if isHDF5, path != "-" { try StagedFile.check(path, mustBeRegular: true) }
    let profile = try source.profile()
    let columns = try ConversionPlan.columns(
        of: source, profile, isText: options.categorical, isBinary: isHDF5)
    let plan = ConversionPlan(columns, rowCount: profile.rowCount, file: source.name)
    var state = ConversionProgress(rows: 0, totalRows: profile.rowCount, columnCount: columns.count)
    guard progress(state) else { return nil }

    let target = try StagedFile(replacing: path, mustBeRegular: isHDF5)
    var writer: any TableWriter =
        isHDF5
        ? try HDF5TableWriter(
            target.path, named: path, plan, layout: StorageLayout(plan, of: source, options), options)
        : try CSVTableWriter(target, plan, options)
    var isStopped = false
    do throws(TableError) {
        try source.read(writer.selection) { (chunk: borrowing RowChunk) throws(TableError) in
            try writer.append(chunk)
            state.rows = chunk.firstRow + chunk.rowCount
            guard progress(state) else {
                isStopped = true
                throw TableError(.inputOutput, file: source.name, "the conversion was stopped")
            }
        }
    } catch {
        if isStopped { return nil }
        throw error
    }
    guard state.rows == profile.rowCount else { throw plan.changedFile }
    try writer.finish()
    try target.commit()
    return (profile.rowCount, source.notes + plan.notes)
}

/// Takes a table chunk by chunk.
protocol TableWriter {
    /// What it needs of the source.
    var selection: ColumnSelection { get }

    mutating func append(_ chunk: borrowing RowChunk) throws(TableError)

    /// Writes what is left and closes the file, which is then to be put in its place.
    mutating func finish() throws(TableError)
}
