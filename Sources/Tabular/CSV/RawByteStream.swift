internal import SystemPackage

/// One pass over the bytes of an input as they are stored.
struct RawByteStream: ~Copyable {
    private enum Source {
        case file(FileBytes)
        case pipe(PipedInput)
        case memory([UInt8])
    }

    private let source: Source
    /// The bytes read so far.
    private(set) var offset = 0

    init(file: FileBytes) { source = .file(file) }
    init(pipe: PipedInput) { source = .pipe(pipe) }
    init(bytes: [UInt8]) { source = .memory(bytes) }

    /// Fills `window` from its start; less than all of it only at the end of the input.
    mutating func read(into window: UnsafeMutableRawBufferPointer, name: String) throws(TableError) -> Int {
        var filled = 0
        switch source {
        case .file(let file):
            filled = try file.read(at: offset, into: window, name: name)
        case .pipe(let pipe):
            filled = try pipe.read(at: offset, into: window, name: name)
        case .memory(let bytes):
            filled = min(window.count, bytes.count - offset)
            bytes.withUnsafeBytes { source in
                window.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + filled]))
            }
        }
        offset += filled
        return filled
    }
}

/// An open file.
final class FileBytes: Sendable {
    private let descriptor: FileDescriptor
    private let isOwned: Bool

    /// - Parameter isOwned: Whether the descriptor is closed at the end.
    init(_ descriptor: FileDescriptor, isOwned: Bool = true) {
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    /// Standard input, which stays open.
    static var standardInput: FileBytes { FileBytes(.standardInput, isOwned: false) }

    deinit { if isOwned { try? descriptor.close() } }

    static func open(_ path: String, name: String) throws(TableError) -> FileBytes {
        do {
            return FileBytes(try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec]))
        } catch {
            throw refusal(of: name, error)
        }
    }

    /// The size of a file that can be read anywhere; `nil` for a pipe and the like.
    func seekableSize(name: String) throws(TableError) -> Int64? {
        let size = (try? descriptor.seek(offset: 0, from: .end)) ?? 0
        _ = try? descriptor.seek(offset: 0, from: .start)
        guard size > 0 && size < Int64.max else { return nil }
        // Reading tells a directory, whose seek succeeds, from a file.
        let probe = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        defer { probe.deallocate() }
        _ = try read(at: 0, into: probe, name: name)
        return size
    }

    /// Fills `bytes`; less than all of it only at the end.
    func read(at offset: Int, into bytes: UnsafeMutableRawBufferPointer, name: String) throws(TableError) -> Int {
        try fill(bytes, name: name) { rest, filled in
            try descriptor.read(fromAbsoluteOffset: Int64(offset + filled), into: rest)
        }
    }

    /// Fills `bytes` with what comes next; less than all of it only at the end.
    func readNext(into bytes: UnsafeMutableRawBufferPointer, name: String) throws(TableError) -> Int {
        try fill(bytes, name: name) { rest, _ in try descriptor.read(into: rest) }
    }

    private func fill(
        _ bytes: UnsafeMutableRawBufferPointer, name: String,
        _ read: (UnsafeMutableRawBufferPointer, _ filled: Int) throws -> Int
    ) throws(TableError) -> Int {
        var filled = 0
        while filled < bytes.count {
            do {
                let count = try read(UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]), filled)
                if count == 0 { break }
                filled += count
            } catch {
                throw Self.refusal(of: name, error)
            }
        }
        return filled
    }

    /// Appends bytes at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        try descriptor.writeAll(toAbsoluteOffset: Int64(offset), bytes)
    }

    static func refusal(of name: String, _ error: any Error) -> TableError {
        guard let errno = error as? Errno else { return TableError(.inputOutput, file: name, "\(error)") }
        switch errno {
        case .noSuchFileOrDirectory, .notDirectory:
            return TableError(.noInput, file: name, "there is no such file: check the path")
        case .isDirectory:
            return TableError(.noInput, file: name, "this is a directory: name the CSV files in it")
        case .permissionDenied, .notPermitted:
            return TableError(.noInput, file: name, "you may not read this file: check its permissions")
        default:
            return TableError(.inputOutput, file: name, "the file cannot be read: \(errno)")
        }
    }
}
