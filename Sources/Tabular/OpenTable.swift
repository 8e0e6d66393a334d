internal import SystemPackage

/// How files are to be understood, where the user said so.
public struct TableFormat: Sendable, Hashable {
    /// The separator of a CSV; detected where `nil`.
    public var separator: UInt8?
    /// Whether a CSV starts with names; detected where `nil`.
    public var hasHeader: Bool?
    /// The paths of the features, targets and weights in an HDF5 file; guessed where `nil`.
    public var features: String?
    public var targets: String?
    public var weights: String?
    /// Whether an HDF5 file may lead to others: through external links, external storage or virtual datasets.
    public var opensOtherFiles: Bool
    /// The threads that decode an HDF5 file; the table does not depend on them.
    public var workers: Int

    public init(
        separator: UInt8? = nil, hasHeader: Bool? = nil, features: String? = nil, targets: String? = nil,
        weights: String? = nil, opensOtherFiles: Bool = false, workers: Int = 1
    ) {
        self.separator = separator
        self.hasHeader = hasHeader
        self.features = features
        self.targets = targets
        self.weights = weights
        self.opensOtherFiles = opensOtherFiles
        self.workers = workers
    }
}

/// One or more CSV or HDF5 files as one table; `-` is standard input, as CSV. A text file with the path of an HDF5 file in
/// each line stands for those files.
///
/// What a file is shows in its first bytes, not in its name.
///
/// - Throws: `TableError` when a file cannot be read, or the files have different columns.
public func openTable(_ paths: [String], format: TableFormat = TableFormat()) throws(TableError) -> any TableSource {
    var sources: [any TableSource] = []
    for path in try HDF5FileList.expanded(paths) {
        if isHDF5(path) {
            sources.append(
                try HDF5Source(
                    path: path, features: format.features, targets: format.targets, weights: format.weights,
                    opensOtherFiles: format.opensOtherFiles, workers: format.workers))
        } else {
            sources.append(try CSVSource(path: path, separator: format.separator, hasHeader: format.hasHeader))
        }
    }
    guard sources.count != 1 else { return sources[0] }
    return try ConcatenatedSource(sources)
}

/// Whether a file starts with HDF5's signature, at its beginning or after a user block.
///
/// A name that ends as HDF5 files do decides for a file without the signature, so that a damaged one is called that and
/// not a strange CSV.
public func isHDF5(_ path: String) -> Bool {
    guard path != "-" else { return false }
    let isNamedSo = hasHDF5Name(path)
    guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return isNamedSo }
    defer { try? descriptor.close() }
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    for offset in [0, 512, 1024, 2048] as [Int64] {
        var bytes = [UInt8](repeating: 0, count: signature.count)
        let count = try? bytes.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: offset, into: $0) }
        if count == signature.count, bytes == signature { return true }
    }
    return isNamedSo
}

/// Whether a name ends as those of HDF5 files do.
public func hasHDF5Name(_ path: String) -> Bool {
    [".h5", ".hdf5", ".hdf", ".he5"].contains { path.hasSuffix($0) }
}
