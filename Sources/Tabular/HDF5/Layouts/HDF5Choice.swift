internal import HDF5

/// Which datasets of a file make up the table: those named, and guesses for the others.
enum HDF5Choice {
    /// As a conversion by this package laid it out.
    case stored
    /// Dataset paths.
    case matrices(features: String, targets: String?, weights: String?)
    /// The path of a group of columns.
    case columnGroup(String)
    /// The path of a dataset of records.
    case records(String)
    /// The path of the group of a pandas frame.
    case pandasFixed(String)
    case pandasTable(String)

    /// The usual names of features and targets, in the order in which they are tried.
    private static let pairs = [
        ("/x", "/y"), ("/X", "/y"), ("/X", "/Y"), ("/features", "/labels"), ("/data", "/label"),
        ("/train/x", "/train/y"),
        ("/x_train", "/y_train"), ("/inputs", "/targets"),
    ]

    init(
        in file: File, features: String?, targets: String?, weights: String?, notes: inout [String]
    ) throws(TableError) {
        do {
            self = try Self.choose(in: file, features, targets, weights, &notes)
        } catch let error as TableError {
            throw error
        } catch let error as HDF5Error {
            throw TableError(error, file: file.path)
        } catch {
            throw TableError(.inputOutput, file: file.path, "\(error)")
        }
    }

    private static func choose(
        in file: File, _ features: String?, _ targets: String?, _ weights: String?, _ notes: inout [String]
    ) throws -> HDF5Choice {
        if features == nil, targets == nil, weights == nil, try StoredTable.isIn(file) { return .stored }
        if let features {
            if targets == nil, weights == nil {
                if let frame = try pandasFrame(at: features, in: file) { return frame }
                if try isGroup(features, in: file) { return .columnGroup(features) }
                if try isRecords(features, in: file) { return .records(features) }
            }
            let partner = try targets ?? partner(of: features, in: file)
            if targets == nil, let partner { notes.append("\(file.path): targets are \(partner) (guessed; --y PATH)") }
            return .matrices(features: features, targets: partner, weights: weights)
        }
        if let targets {
            guard let features = try pairs.first(where: { try $0.1 == targets && isDataset($0.0, in: file) })?.0 else {
                throw TableError(
                    .badRequest, file: file.path,
                    "the targets are named (--y \(targets)) and the features are not: name them with --x PATH; "
                        + HDF5Inventory(of: file).text)
            }
            notes.append("\(file.path): features are \(features) (guessed; --x PATH)")
            return .matrices(features: features, targets: targets, weights: weights)
        }
        for (x, y) in pairs where try isDataset(x, in: file) && isDataset(y, in: file) {
            notes.append("\(file.path): features are \(x), targets are \(y) (guessed; --x PATH --y PATH)")
            return .matrices(features: x, targets: y, weights: weights)
        }
        if weights == nil, let frame = try onlyFrame(in: file) {
            notes.append("\(file.path): the table is the pandas frame \(frame.path) (guessed; --x PATH)")
            return frame
        }
        for (x, _) in pairs where try isDataset(x, in: file) && !isRecords(x, in: file) {
            notes.append("\(file.path): features are \(x), no targets (guessed; --x PATH --y PATH)")
            return .matrices(features: x, targets: nil, weights: weights)
        }
        if weights == nil, let group = try columnGroup(in: file.root) {
            notes.append("\(file.path): the columns are the datasets of \(group) (guessed; --x PATH --y PATH)")
            return .columnGroup(group)
        }
        if weights == nil, let path = try onlyRecords(in: file) {
            notes.append("\(file.path): the columns are the fields of \(path) (guessed; --x PATH)")
            return .records(path)
        }
        throw TableError(
            .badData, file: file.path,
            "no features and targets were found under the usual names: name them with --x PATH --y PATH; "
                + HDF5Inventory(of: file).text)
    }

    private static func isDataset(_ path: String, in file: File) throws -> Bool {
        guard try file.root.contains(path) else { return false }
        return (try? file.root.dataset(path)) != nil
    }

    private static func isGroup(_ path: String, in file: File) throws -> Bool {
        guard try file.root.contains(path) else { return false }
        return (try? file.root.group(path)) != nil
    }

    /// The targets that go with features of a usual name.
    private static func partner(of features: String, in file: File) throws -> String? {
        let path = features.hasPrefix("/") ? features : "/" + features
        return try pairs.first { try $0.0 == path && isDataset($0.1, in: file) }?.1
    }

    /// The group itself, or the one group in it, when it holds several columns.
    private static func columnGroup(in root: Group) throws -> String? {
        var columnCount = 0
        var groups: [String] = []
        for child in try root.childNames {
            if try root.isDataset(child) {
                if try root.dataset(child).isColumn { columnCount += 1 }
            } else if try root.kind(of: child) == .group, !child.hasPrefix("#") {
                // MATLAB keeps what its references lead to in #refs# and #subsystem#.
                groups.append(child)
            }
        }
        if columnCount >= 2 { return root.path }
        guard let only = groups.first, groups.count == 1, columnCount == 0 else { return nil }
        let group = try root.group(only)
        let columns = try group.childNames.count { try group.isDataset($0) && group.dataset($0).isColumn }
        return columns >= 2 ? group.path : nil
    }
}

// MARK: - Records and frames

extension HDF5Choice {
    private static func isRecords(_ path: String, in file: File) throws -> Bool {
        guard try file.root.contains(path), let dataset = try? file.root.dataset(path) else { return false }
        if case .compound = dataset.elementType { return true }
        return false
    }

    /// The one dataset of records in the file.
    private static func onlyRecords(in file: File) throws -> String? {
        let records = HDF5Inventory(of: file).entries.filter { entry in
            if case .compound = entry.dataset.elementType { true } else { false }
        }
        guard let first = records.first else { return nil }
        guard records.count == 1 else { throw several(records.map(\.path), "tables of records", in: file) }
        return first.path
    }

    /// The one pandas frame in the file.
    private static func onlyFrame(in file: File) throws -> HDF5Choice? {
        let frames = try HDF5Inventory(of: file).groups.compactMap { try pandasFrame(at: $0, in: file) }
        guard frames.count > 1 else { return frames.first }
        throw several(frames.map(\.path), "pandas frames", in: file)
    }

    private static func several(_ paths: [String], _ what: String, in file: File) -> TableError {
        let shown = paths.prefix(8).joined(separator: ", ")
        return TableError(
            .badRequest, file: file.path,
            "it holds \(paths.count) \(what): name one with --x PATH, they are \(shown)"
                + (paths.count > 8 ? " and \(paths.count - 8) more" : ""))
    }

    /// What pandas says that a group is.
    private static func pandasFrame(at path: String, in file: File) throws -> HDF5Choice? {
        guard try isGroup(path, in: file) else { return nil }
        let group = try file.root.group(path)
        let attributes = group.attributes
        guard try attributes.contains("pandas_type"), try attributes.elementType(of: "pandas_type").isString else {
            return nil
        }
        switch try attributes.string("pandas_type") {
        case "frame": return .pandasFixed(group.path)
        case "frame_table", "appendable_frame": return .pandasTable(group.path)
        default: return nil
        }
    }

    /// Which layout it is.
    var kind: HDF5Source.Layout {
        switch self {
        case .matrices: .matrices
        case .columnGroup, .stored: .columnGroup
        case .records: .records
        case .pandasFixed: .pandasFixed
        case .pandasTable: .pandasTable
        }
    }

    private var path: String {
        switch self {
        case .matrices(let path, _, _), .columnGroup(let path), .records(let path), .pandasFixed(let path),
            .pandasTable(let path):
            path
        case .stored: "/"
        }
    }
}

// MARK: - Columns

extension HDF5Choice {
    /// The columns of the table, in order.
    func layout(of file: File) throws(TableError) -> HDF5Layout {
        var layout = HDF5Layout(file)
        switch self {
        case .matrices(let features, let targets, let weights):
            try layout.appendMatrices(features: features, targets: targets, weights: weights)
        case .columnGroup(let path): try layout.appendColumns(of: path)
        case .stored: try layout.appendStoredColumns()
        case .records(let path): try layout.appendRecords(try layout.dataset(path), role: .column)
        case .pandasFixed(let path): try layout.appendPandasFixed(path)
        case .pandasTable(let path): try layout.appendPandasTable(path)
        }
        return layout
    }
}
