internal import HDF5

/// Which datasets of a file make up the table: those named, and guesses for the others.
enum HDF5Choice {
    /// Dataset paths.
    case matrices(features: String, targets: String?, weights: String?)
    /// The path of a group.
    case columnGroup(String)

    /// The usual names of features and targets, in the order in which they are tried.
    private static let pairs = [
        ("/x", "/y"), ("/X", "/y"), ("/features", "/labels"), ("/data", "/label"), ("/train/x", "/train/y"),
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
        if let features {
            if targets == nil, weights == nil, try isGroup(features, in: file) { return .columnGroup(features) }
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
        for (x, _) in pairs where try isDataset(x, in: file) {
            notes.append("\(file.path): features are \(x), no targets (guessed; --x PATH --y PATH)")
            return .matrices(features: x, targets: nil, weights: weights)
        }
        if weights == nil, let group = try columnGroup(in: file.root) {
            notes.append("\(file.path): the columns are the datasets of \(group) (guessed; --x PATH --y PATH)")
            return .columnGroup(group)
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
        let children = try root.childNames
        var columnCount = 0
        var groups: [String] = []
        for child in children {
            switch try root.kind(of: child) {
            case .dataset: if try HDF5Choice.isColumn(root.dataset(child)) { columnCount += 1 }
            case .group: groups.append(child)
            case .namedDatatype, .softLink, .externalLink, .other: break
            }
        }
        if columnCount >= 2 { return root.path }
        guard let only = groups.first, groups.count == 1, columnCount == 0 else { return nil }
        let group = try root.group(only)
        let columns = try group.childNames.count { name in
            try group.kind(of: name) == .dataset && HDF5Choice.isColumn(group.dataset(name))
        }
        return columns >= 2 ? group.path : nil
    }

    /// Whether a dataset has the form of a column: one value per row, of a type that a table takes.
    static func isColumn(_ dataset: Dataset) -> Bool {
        !dataset.shape.isEmpty && dataset.shape.dropFirst().allSatisfy { $0 == 1 }
            && HDF5Block.Content(dataset.elementType) != nil
    }
}
