/// What tries a file that nobody vouches for, before this process opens it.
///
/// libhdf5 crashes on some malformed files, and a process cannot survive that. A program that opens files of strangers
/// binds one to `File.probe`, which opens each of them in another process first, walks it there (`FileWalk`), and throws
/// where that process comes to harm. This module itself starts no processes.
public protocol FileProbe: Sendable {
    /// Returns where the file does no harm to who opens it; it may well be refused then.
    func check(_ subject: ProbeSubject) throws(HDF5Error)
}

/// What is about to be opened.
public enum ProbeSubject: Sendable {
    /// A file on disk, and whether it may lead to others.
    case file(path: String, opensOtherFiles: Bool)
    /// The bytes of a file; `name` is what messages call it.
    case image([UInt8], name: String)
}

extension File {
    /// What tries files before this process opens them for reading; `nil`: nothing does.
    @TaskLocal public static var probe: (any FileProbe)?
}
