internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file beside the target, which takes the target's place only after everything is on disk:
/// write, fsync, close, rename, fsync of the directory, every result checked. A file dropped before `commit()` leaves
/// nothing behind, and the target as it was. A target that is no regular file (a pipe, `/dev/stdout`) is written
/// directly.
public final class AtomicFile {
    private let path: FilePath
    private let temporary: FilePath?
    private let descriptor: FileDescriptor
    private var isOpen = true

    /// Creates the temporary file.
    ///
    /// - Throws: `ModelError` when it cannot be created: the directory is missing or read-only, the target is a
    ///   directory.
    public init(replacing path: String) throws(ModelError) {
        guard !path.isEmpty else { throw ModelError(.cannotCreate, "a file to write needs a name") }
        if path == "/dev/stdout" {
            // Behind that name may be a file that a shell opened to append to; only its descriptor knows where.
            self.path = FilePath(path)
            temporary = nil
            do {
                descriptor = try FileDescriptor.standardOutput.duplicate()
            } catch {
                throw ModelError(.cannotCreate, file: path, "cannot be written: \(error)")
            }
            return
        }
        // A symbolic link stays one: what it names is replaced.
        let target = path.withCString { realpath($0, nil) }
        self.path = FilePath(target.map { String(cString: $0) } ?? path)
        free(target)
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw ModelError(.cannotCreate, file: path, "is a directory; name a file to write")
        }
        do {
            if exists, status.st_mode & S_IFMT != S_IFREG {
                temporary = nil
                descriptor = try FileDescriptor.open(self.path, .writeOnly)
                return
            }
            // A file that its owner has made read-only is not to be replaced behind his back.
            if exists, access(path, W_OK) != 0 { throw Errno(rawValue: errno) }
            let directory = self.path.removingLastComponent()
            let name = ".\(self.path.lastComponent?.string ?? "descent").\(getpid()).tmp"
            let temporary = directory.appending(name)
            descriptor = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .truncate],
                permissions: exists
                    ? FilePermissions(rawValue: CModeT(status.st_mode & 0o777))
                    : [.ownerReadWrite, .groupRead, .otherRead])
            self.temporary = temporary
            // The mask of the process has had its say at creation; the old file's permissions are exact.
            if exists, fchmod(descriptor.rawValue, status.st_mode & 0o777) != 0 {
                let error = Errno(rawValue: errno)
                try? descriptor.close()
                unlink(temporary.string)
                throw error
            }
        } catch let error as Errno {
            throw ModelError(.cannotCreate, file: path, "cannot be created: \(error)")
        } catch {
            throw ModelError(.cannotCreate, file: path, "cannot be created: \(error)")
        }
    }

    deinit {
        discard()
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(ModelError) {
        try check("cannot be written") { _ = try descriptor.writeAll(bytes) }
    }

    /// Appends text.
    public func write(_ text: String) throws(ModelError) {
        try write(Array(text.utf8))
    }

    /// Puts the file in its place, for good.
    public func commit() throws(ModelError) {
        guard isOpen else { return }
        guard let temporary else {
            isOpen = false
            return try check("cannot be closed") { try descriptor.close() }
        }
        try check("cannot be saved") {
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
        isOpen = false
        do {
            try descriptor.close()
            guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
            let parent = path.removingLastComponent()
            let directory = try FileDescriptor.open(parent.isEmpty ? "." : parent, .readOnly)
            defer { try? directory.close() }
            guard fsync(directory.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(temporary.string)
            throw ModelError(.inputOutput, file: path.string, "cannot be saved: \(error)")
        }
    }

    /// Gives up: removes the temporary file.
    public func discard() {
        guard isOpen else { return }
        isOpen = false
        try? descriptor.close()
        if let temporary { unlink(temporary.string) }
    }

    /// Whether a file could be created there, found out by trying.
    public static func check(_ path: String) throws(ModelError) {
        try AtomicFile(replacing: path).discard()
    }

    private func check(_ what: String, _ body: () throws -> Void) throws(ModelError) {
        do {
            try body()
        } catch {
            discard()
            throw ModelError(.inputOutput, file: path.string, "\(what): \(error)")
        }
    }
}
