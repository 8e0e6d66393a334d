internal import SystemPackage

/// A text file with the path of an HDF5 file in each line, which stands for those files: how Caffe's layers for HDF5 take
/// their data.
enum HDF5FileList {
    /// A list is looked for in files up to this size (1 MiB).
    private static let byteLimit = 1 << 20

    /// The paths, with each list among them replaced by what it lists.
    ///
    /// - Throws: `TableError` for a line of a list that names no file.
    static func expanded(_ paths: [String]) throws(TableError) -> [String] {
        var expanded: [String] = []
        for path in paths {
            if let listed = try listed(in: path) { expanded += listed } else { expanded.append(path) }
        }
        return expanded
    }

    /// What a list lists; `nil` for any other file, which is told by its first line.
    private static func listed(in path: String) throws(TableError) -> [String]? {
        guard path != "-", !isHDF5(path), let text = text(of: path) else { return nil }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(\.trimmingBlanks)
        guard let first = lines.first(where: { !$0.isEmpty }), hasHDF5Name(first) else { return nil }
        var paths: [String] = []
        for (index, line) in lines.enumerated() where !line.isEmpty {
            // As Caffe does, from where the command was started; or else from where the list is.
            let beside = FilePath(path).removingLastComponent().pushing(FilePath(line)).string
            guard let found = [line, beside].first(where: isThere) else {
                throw TableError(
                    .noInput, file: path, line: index + 1,
                    "a list of HDF5 files has the path of one in each line, and '\(line.shortened)' is not there: correct "
                        + "the line, or start the command where the paths begin")
            }
            paths.append(found)
        }
        return paths
    }

    private static func text(of path: String) -> String? {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? descriptor.close() }
        // A pipe would lose what is read from it here.
        guard let size = try? descriptor.seek(offset: 0, from: .end), size > 0, size <= byteLimit else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try? bytes.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
        guard count == bytes.count else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isThere(_ path: String) -> Bool {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return false }
        try? descriptor.close()
        return true
    }
}
