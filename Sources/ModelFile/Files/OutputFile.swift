internal import HDF5
internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file to write, or to write again and again, which this process alone may write as long as the value lives.
///
/// Taking it checks that a file can be created there, and removes what a process that was killed while writing it left
/// behind. What is there stays until `replace(with:)` or an `AtomicFile` has put a whole new file on disk. A target that
/// is no regular file (a pipe, `/dev/stdout`) is written directly.
public final class OutputFile: Sendable {
    /// As the caller gave it.
    public let path: String
    /// How many of the files that were replaced stay: see `Generations`.
    public let previousCount: Int
    /// The file itself, symbolic links resolved: a link stays one, and what it names is replaced.
    let target: FilePath
    /// `nil` for what is written directly.
    private let lock: FileLock?
    /// Where the last file was put together; `nil` while the next one is, and at first.
    private let imageMemory = Mutex<ImageMemory?>(nil)

    /// - Throws: `ModelError` when no file can be created there: the folder is missing or read-only, the target is a
    ///   folder, another process is writing it.
    public init(_ path: String, keeping previousCount: Int = 0) throws(ModelError) {
        guard !path.isEmpty else { throw ModelError(.cannotCreate, "a file to write needs a name") }
        self.path = path
        self.previousCount = previousCount
        // Behind that name may be a file that a shell opened; it is written, not replaced.
        guard path != "/dev/stdout" else {
            target = FilePath(path)
            lock = nil
            return
        }
        do throws(Errno) {
            let target = try Self.resolved(path)
            self.target = target
            guard let mode = try Self.status(of: target)?.st_mode else {
                lock = try Self.locked(target)
                return
            }
            switch mode & S_IFMT {
            case S_IFDIR: throw .isDirectory
            case S_IFREG:
                // A file that its owner has made read-only is not to be replaced behind his back.
                try checked { access(target.string, W_OK) }
                lock = try Self.locked(target)
            default: lock = nil
            }
        } catch {
            let reason =
                switch error {
                case .isDirectory: "is a directory; name a file to write"
                case .wouldBlock: "is being written by another run; wait for it or write elsewhere"
                default: "cannot be created: \(error.clause)"
                }
            throw ModelError(.cannotCreate, file: path, reason)
        }
    }

    /// Lets others write the file, now rather than when the value goes; this process then may not any more.
    public func release() {
        lock?.release()
    }

    /// The memory of an earlier file, for the next one.
    func takeImageMemory() -> ImageMemory? {
        imageMemory.withLock { memory in
            defer { memory = nil }
            return memory
        }
    }

    func keep(_ memory: ImageMemory) {
        imageMemory.withLock { $0 = memory }
    }

    /// Whether it is written directly, for what is no regular file cannot be replaced.
    var isDirect: Bool { lock == nil }

    /// Where the new file grows.
    var temporary: FilePath { Self.hidden(target, "tmp") }

    /// Makes sure that a file of so many bytes can be written beside what is there, by reserving the space and giving it
    /// back: a quota shows in no other way.
    public func checkSpace(for bytes: Int) throws(ModelError) {
        guard !isDirect else { return }
        let folder = target.removingLastComponent()
        var volume = statvfs()
        if statvfs(folder.isEmpty ? "." : folder.string, &volume) == 0 {
            let free = Double(volume.f_bavail) * Double(volume.f_frsize)
            guard free >= 2 * Double(bytes) else {
                throw ModelError(
                    .cannotCreate, file: path,
                    "the volume has \(Int(free / 1000)) kB free, and the file takes \(bytes / 1000) kB twice over; "
                        + "free some space or write elsewhere")
            }
        }
        #if os(Linux)
            let trial = try AtomicFile(self)
            defer { trial.discard() }
            try trial.reserve(bytes)
        #endif
    }

    /// Puts a new file in place of what is there, whole or not at all.
    ///
    /// - Throws: `ModelError`; what was there is then as it was, unless only the last step, the folder's way to disk,
    ///   failed.
    public func replace(with bytes: [UInt8]) throws(ModelError) {
        let file = try AtomicFile(self)
        try file.write(bytes)
        try file.commit()
    }

    // MARK: The system's view

    private static func locked(_ target: FilePath) throws(Errno) -> FileLock {
        guard let lock = try FileLock(hidden(target, "lock")) else { throw .wouldBlock }
        // Whoever has the lock knows that nobody is writing these.
        for leftover in [hidden(target, "tmp"), Generations.temporary(of: target)] { try remove(leftover) }
        return lock
    }

    private static func resolved(_ path: String) throws(Errno) -> FilePath {
        while true {
            if let real = realpath(path, nil) {
                defer { free(real) }
                return FilePath(String(cString: real))
            }
            switch Errno.last {
            case .interrupted: continue
            case .noSuchFileOrDirectory: return FilePath(path)
            case let error: throw error
            }
        }
    }

    /// `nil` where there is nothing.
    static func status(of path: FilePath) throws(Errno) -> stat? {
        var status = stat()
        do throws(Errno) {
            try checked { stat(path.string, &status) }
            return status
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    /// Removes a file that need not be there.
    static func remove(_ path: FilePath) throws(Errno) {
        do throws(Errno) {
            try checked { unlink(path.string) }
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
        }
    }

    /// A name beside the target that listings of the folder do not show.
    static func hidden(_ target: FilePath, _ suffix: String) -> FilePath {
        let name = target.lastComponent?.string ?? "descent"
        return target.removingLastComponent().appending(".\(name).\(suffix)")
    }
}
