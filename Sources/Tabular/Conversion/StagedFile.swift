internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file of any size that appears whole or not at all.
///
/// It is written at `path`, beside the target, and takes the target's place in `commit()`, after everything is on disk. A
/// file dropped before leaves nothing behind, and the target as it was. A target that is no regular file (a pipe,
/// standard output) is written directly.
public final class StagedFile {
    /// Where to write.
    public let path: String
    private let target: FilePath
    private let name: String
    private let descriptor: FileDescriptor
    private let isTemporary: Bool
    private var isOpen = true

    /// Creates the temporary file; `-` is standard output.
    ///
    /// - Parameter mustBeRegular: Whether the file is to be written by others, through its path, and not by `write`.
    /// - Throws: `TableError` when it cannot be created: the directory is missing or read-only, the target is a directory.
    public init(replacing target: String, mustBeRegular: Bool = false) throws(TableError) {
        func refusal(_ reason: String) -> TableError { TableError(.cannotCreate, file: target, reason) }
        name = target
        let isStandardOutput = target == "-" || target == "/dev/stdout"
        guard !target.isEmpty else { throw TableError(.cannotCreate, file: "output", "a file to write needs a name") }
        var status = stat()
        let exists = !isStandardOutput && stat(target, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR { throw refusal("is a directory; name a file to write") }
        if mustBeRegular, isStandardOutput || (exists && status.st_mode & S_IFMT != S_IFREG) {
            throw refusal("HDF5 is written to files only; name one, or write CSV")
        }
        // A file that its owner has made read-only is not to be replaced behind his back.
        if exists, access(target, W_OK) != 0 { throw refusal("cannot be created: \(Errno(rawValue: errno))") }
        // A symbolic link stays one: what it names is replaced.
        let real = isStandardOutput ? nil : realpath(target, nil)
        self.target = FilePath(real.map { String(cString: $0) } ?? target)
        free(real)
        do {
            if isStandardOutput || (exists && status.st_mode & S_IFMT != S_IFREG) {
                isTemporary = false
                path = target
                descriptor =
                    isStandardOutput
                    ? try FileDescriptor.standardOutput.duplicate()
                    : try FileDescriptor.open(self.target, .writeOnly)
                return
            }
            isTemporary = true
            let temporary = self.target.removingLastComponent()
                .appending(".\(self.target.lastComponent?.string ?? "descent").\(getpid()).tmp")
            path = temporary.string
            let permissions = exists ? CModeT(status.st_mode & 0o777) : 0o644
            descriptor = try FileDescriptor.open(
                temporary, .readWrite, options: [.create, .truncate],
                permissions: FilePermissions(rawValue: permissions))
            // The mask of the process has had its say at creation; the old file's permissions are exact.
            if exists { _ = fchmod(descriptor.rawValue, status.st_mode & 0o777) }
        } catch {
            throw refusal("cannot be created: \(error)")
        }
    }

    deinit {
        guard isOpen else { return }
        try? descriptor.close()
        if isTemporary { unlink(path) }
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(TableError) {
        try check("cannot be written") { _ = try descriptor.writeAll(bytes) }
    }

    /// Puts the file in its place, for good.
    public func commit() throws(TableError) {
        guard isOpen else { return }
        if isTemporary {
            // What others wrote through the path is the same file, and is synchronised with it.
            try check("cannot be saved") {
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
                guard rename(path, target.string) == 0 else { throw Errno(rawValue: errno) }
                let parent = target.removingLastComponent()
                let directory = try FileDescriptor.open(parent.isEmpty ? "." : parent, .readOnly)
                defer { try? directory.close() }
                guard fsync(directory.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        }
        isOpen = false
        try check("cannot be closed") { try descriptor.close() }
    }

    /// Whether a file could be created there, found out by trying.
    public static func check(_ path: String, mustBeRegular: Bool = false) throws(TableError) {
        _ = try StagedFile(replacing: path, mustBeRegular: mustBeRegular)
    }

    private func check(_ what: String, _ body: () throws -> Void) throws(TableError) {
        do {
            try body()
        } catch {
            throw TableError(.inputOutput, file: name, "\(what): \(error)")
        }
    }
}
