internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Reading a model file as bytes, once: what is checked is what is read.
enum ModelBytes {
    /// The bytes of a regular file.
    ///
    /// - Throws: `ModelError` when there is none, or reading fails.
    static func read(_ path: String) throws(ModelError) -> [UInt8] {
        try withFile(path) { descriptor, size throws(Errno) in try read(descriptor, 0..<size) }
    }

    /// Opens a regular file and hands on its descriptor and size.
    static func withFile<Result>(
        _ path: String, _ body: (FileDescriptor, Int) throws(Errno) -> Result
    ) throws(ModelError) -> Result {
        let reason: String
        do throws(Errno) {
            // A pipe without a writer would hold up an ordinary opening.
            let descriptor = FileDescriptor(rawValue: try checked { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
            defer { try? descriptor.close() }
            var status = stat()
            try checked { fstat(descriptor.rawValue, &status) }
            switch status.st_mode & S_IFMT {
            case S_IFREG: return try body(descriptor, Int(status.st_size))
            case S_IFDIR: reason = "it is a folder; name a file"
            default: reason = "it is not a file"
            }
        } catch {
            switch error {
            case .noSuchFileOrDirectory: reason = "there is no such file"
            case .permissionDenied, .notPermitted: reason = "this user may not open it"
            case .notDirectory: reason = "a part of the path is a file, not a folder"
            default: throw ModelError(.inputOutput, file: path, "cannot be read: \(error.clause)")
            }
        }
        throw ModelError(.noInput, file: path, "cannot be opened: \(reason)")
    }

    /// Some bytes of a file; fewer where it ends early.
    static func read(_ descriptor: FileDescriptor, _ range: Range<Int>) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            count = 0
            do {
                while count < range.count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    let read = try descriptor.read(fromAbsoluteOffset: Int64(range.lowerBound + count), into: rest)
                    guard read > 0 else { break }
                    count += read
                }
            } catch {
                failure = error as? Errno ?? .ioError
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
