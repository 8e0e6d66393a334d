internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// How files are to be understood, where the user said so.
public struct TableFormat: Sendable, Hashable {
    /// What is known of how a CSV is written; the rest is detected.
    public var csv: CSVDialect.Hints
    /// Where the rows of a CSV go that cannot be taken; `nil`: they are errors.
    public var rejects: RejectFile?
    /// The paths of the features, targets and weights in an HDF5 file; guessed where `nil`.
    public var features: String?
    public var targets: String?
    public var weights: String?
    /// Whether an HDF5 file may lead to others: through external links, external storage or virtual datasets.
    public var opensOtherFiles: Bool
    /// The threads that read a file; the table does not depend on them.
    public var workers: Int

    public init(
        csv: CSVDialect.Hints = CSVDialect.Hints(), rejects: RejectFile? = nil, features: String? = nil,
        targets: String? = nil,
        weights: String? = nil, opensOtherFiles: Bool = false, workers: Int = Processors.usable
    ) {
        self.csv = csv
        self.rejects = rejects
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
/// What a file is shows in its first bytes, not in its name. Where there is no file of a name with `*`, `?` or `[`, the
/// name is a pattern for the files meant, as in a shell, and these are taken in the order of their names.
///
/// What comes is a `RandomAccessTable` where all files are HDF5.
///
/// - Throws: `TableError` when a file cannot be read, or the files have different columns.
public func openTable(_ paths: [String], format: TableFormat = TableFormat()) throws(TableError) -> any TableSource {
    var sources: [any TableSource] = []
    var files: [String] = []
    for path in paths { files += try expanded(path) }
    for path in try HDF5FileList.expanded(files) {
        if isHDF5(path) {
            sources.append(
                try HDF5Source(
                    path: path, features: format.features, targets: format.targets, weights: format.weights,
                    opensOtherFiles: format.opensOtherFiles, workers: format.workers))
        } else {
            sources.append(
                try CSVSource(path: path, hints: format.csv, rejects: format.rejects, workers: format.workers))
        }
    }
    guard sources.count != 1 else { return sources[0] }
    let whole = try ConcatenatedSource(sources)
    return ConcatenatedTable(whole) ?? whole
}

/// The files that a pattern means; any other name as it is.
func expanded(_ path: String) throws(TableError) -> [String] {
    guard path.contains(where: { "*?[".contains($0) }), access(path, F_OK) != 0 else { return [path] }
    var matches = glob_t()
    defer { globfree(&matches) }
    guard glob(path, 0, nil, &matches) == 0, matches.gl_pathc > 0 else {
        throw TableError(.noInput, file: path, "there is no such file, and none that fits the pattern: check the path")
    }
    return (0..<Int(matches.gl_pathc)).compactMap { matches.gl_pathv[$0].map { String(cString: $0) } }
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
