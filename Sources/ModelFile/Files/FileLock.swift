internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The right to write to a file, which one process has at a time: `flock` on a file beside the target.
///
/// The system gives the lock up when its holder dies, however it dies, so no lock is ever stale. The lock file is removed
/// with the lock; one that a killed process left behind holds nobody up.
final class FileLock: Sendable {
    private let path: FilePath
    private let descriptor: FileDescriptor
    private let isReleased = Atomic<Bool>(false)

    /// Takes the lock, or returns `nil` at once when somebody else has it.
    init?(_ path: FilePath) throws(Errno) {
        self.path = path
        while true {
            let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
            let descriptor = try checked { open(path.string, flags, 0o666) }
            do throws(Errno) {
                try checked { flock(descriptor, LOCK_EX | LOCK_NB) }
                // The holder before may have removed the file between our opening and locking it.
                if try Self.isStillThere(path, descriptor) {
                    self.descriptor = FileDescriptor(rawValue: descriptor)
                    return
                }
                close(descriptor)
            } catch {
                close(descriptor)
                if error == .wouldBlock { return nil }
                throw error
            }
        }
    }

    deinit {
        release()
    }

    /// Gives the lock up; a second time does nothing.
    func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        // In this order: once it is closed, the file may be somebody else's.
        unlink(path.string)
        try? descriptor.close()
    }

    private static func isStillThere(_ path: FilePath, _ descriptor: Int32) throws(Errno) -> Bool {
        var opened = stat()
        var present = stat()
        try checked { fstat(descriptor, &opened) }
        do throws(Errno) {
            try checked { lstat(path.string, &present) }
        } catch {
            if error == .noSuchFileOrDirectory { return false }
            throw error
        }
        return opened.st_dev == present.st_dev && opened.st_ino == present.st_ino
    }
}
