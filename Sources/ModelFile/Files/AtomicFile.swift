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
/// write, fsync, close, rename, fsync of the folder, every result checked. A file dropped before `commit()` leaves
/// nothing behind, and the target as it was. A target that is no regular file (a pipe, `/dev/stdout`) is written
/// directly.
public final class AtomicFile {
    private let output: OutputFile
    /// Whether nobody else uses the output, so that it goes with this file.
    private let ownsOutput: Bool
    private let descriptor: FileDescriptor
    /// The folder, open from the start: what can fail should fail before anything has changed.
    private let folder: FileDescriptor?
    private var isOpen = true

    /// Creates the temporary file, under a lock of its own.
    ///
    /// - Throws: `ModelError` when it cannot be created: the folder is missing or read-only, the target is a
    ///   folder, another process is writing it.
    public convenience init(replacing path: String) throws(ModelError) {
        try self.init(OutputFile(path), owns: true)
    }

    /// Creates the temporary file of an output that is held already.
    public convenience init(_ output: OutputFile) throws(ModelError) {
        try self.init(output, owns: false)
    }

    private init(_ output: OutputFile, owns ownsOutput: Bool) throws(ModelError) {
        self.output = output
        self.ownsOutput = ownsOutput
        do throws(Errno) {
            guard !output.isDirect else {
                folder = nil
                descriptor = try Self.openDirectly(output)
                return
            }
            let parent = output.target.removingLastComponent()
            let folder = try Self.opened(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY)
            do throws(Errno) {
                descriptor = try Self.openTemporary(output)
                self.folder = folder
            } catch {
                try? folder.close()
                throw error
            }
        } catch {
            throw ModelError(.cannotCreate, file: output.path, "cannot be created: \(error.clause)")
        }
    }

    deinit {
        discard()
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(ModelError) {
        try check("cannot be written") { _ = try descriptor.writeAll(bytes) }
    }

    /// Appends bytes. Many of them go to disk past the system's cache of files, where both they and their place in the file
    /// begin at a page: a copy of them would take processors and memory from whoever computes meanwhile.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(ModelError) {
        try check("cannot be written") {
            let direct = folder == nil ? 0 : try descriptor.writePastCache(bytes)
            _ = try descriptor.writeAll(UnsafeRawBufferPointer(rebasing: bytes[direct...]))
        }
    }

    /// Appends text.
    public func write(_ text: String) throws(ModelError) {
        try write(Array(text.utf8))
    }

    /// Puts the file in its place, for good.
    public func commit() throws(ModelError) {
        guard isOpen else { return }
        guard let folder else {
            return try check("cannot be closed") {
                isOpen = false
                try descriptor.close()
            }
        }
        try check("cannot be saved") { try checked { fsync(descriptor.rawValue) } }
        isOpen = false
        defer { release(folder) }
        do {
            try descriptor.close()
            try Generations.keep(output.target, count: output.previousCount)
            try checked { rename(output.temporary.string, output.target.string) }
            try Self.sync(folder)
        } catch {
            unlink(output.temporary.string)
            throw failure("cannot be saved", error)
        }
    }

    /// Gives up: removes the temporary file.
    public func discard() {
        guard isOpen else { return }
        isOpen = false
        try? descriptor.close()
        guard let folder else { return }
        unlink(output.temporary.string)
        release(folder)
    }

    private func release(_ folder: FileDescriptor) {
        try? folder.close()
        if ownsOutput { output.release() }
    }

    /// Whether a file could be created there, found out by trying.
    public static func check(_ path: String) throws(ModelError) {
        _ = try OutputFile(path)
    }

    #if os(Linux)
        /// Reserves space for so many bytes, where the file system can.
        func reserve(_ bytes: Int) throws(ModelError) {
            let error = Errno(rawValue: posix_fallocate(descriptor.rawValue, 0, off_t(max(1, bytes))))
            guard ![Errno(rawValue: 0), .notSupported, .noFunction, .invalidArgument, .interrupted].contains(error)
            else { return }
            throw ModelError(.cannotCreate, file: output.path, "cannot be created: \(error.clause)")
        }
    #endif

    /// Some file systems have no such thing as a folder's way to disk, and say so.
    private static func sync(_ folder: FileDescriptor) throws(Errno) {
        do throws(Errno) {
            try checked { fsync(folder.rawValue) }
        } catch {
            guard error == .invalidArgument || error == .notSupported else { throw error }
        }
    }

    // MARK: Opening

    private static func opened(_ path: FilePath, _ flags: Int32, mode: mode_t = 0) throws(Errno) -> FileDescriptor {
        FileDescriptor(rawValue: try checked { open(path.string, flags | O_CLOEXEC, mode) })
    }

    private static func openDirectly(_ output: OutputFile) throws(Errno) -> FileDescriptor {
        // Behind that name may be a file that a shell opened to append to; only its descriptor knows where.
        guard output.path != "/dev/stdout" else { return FileDescriptor(rawValue: try checked { dup(1) }) }
        return try opened(output.target, O_WRONLY)
    }

    private static func openTemporary(_ output: OutputFile) throws(Errno) -> FileDescriptor {
        let mode = try OutputFile.status(of: output.target).map { $0.st_mode & 0o777 }
        // One that could not be removed earlier.
        try OutputFile.remove(output.temporary)
        let descriptor = try opened(output.temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode ?? 0o644)
        guard let mode else { return descriptor }
        do throws(Errno) {
            // The mask of the process has had its say at creation; the old file's permissions are exact.
            try checked { fchmod(descriptor.rawValue, mode) }
            return descriptor
        } catch {
            try? descriptor.close()
            unlink(output.temporary.string)
            throw error
        }
    }

    // MARK: Failing

    private func check(_ what: String, _ body: () throws -> Void) throws(ModelError) {
        do {
            try body()
        } catch {
            discard()
            throw failure(what, error)
        }
    }

    private func failure(_ what: String, _ error: any Error) -> ModelError {
        let clause = (error as? Errno)?.clause ?? "\(error)"
        return ModelError(.inputOutput, file: output.path, "\(what): \(clause)")
    }
}
