internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension Errno {
    /// The error of the C call that just failed.
    static var last: Errno { Errno(rawValue: errno) }

    /// What happened and what to do, to follow a colon.
    var clause: String {
        let remedy: String? =
            switch self {
            case .noSpace: "the volume is full; free some space or write elsewhere"
            case .diskQuotaExceeded: "the quota of this user is used up; free some space or write elsewhere"
            case .fileTooLarge: "the file exceeds the limit that is set for files (ulimit -f)"
            case .readOnlyFileSystem: "the volume is mounted for reading only"
            case .permissionDenied, .notPermitted: "this user may not write there"
            case .noSuchFileOrDirectory: "its folder is not there"
            case .notDirectory: "a part of the path is a file, not a folder"
            case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "too many files are open (ulimit -n)"
            case .ioError: "the device reports an error"
            case .noLocks, .noFunction, .notSupported:
                "the file system cannot do what safe writing needs; write elsewhere"
            default: nil
            }
        return remedy.map { "\($0) (\(self))" } ?? "\(self)"
    }
}

/// Runs a C call that returns -1 and sets `errno` on failure, again as long as a signal interrupts it.
@discardableResult
func checked(_ call: () -> Int32) throws(Errno) -> Int32 {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = Errno.last
        if error != .interrupted { throw error }
    }
}
