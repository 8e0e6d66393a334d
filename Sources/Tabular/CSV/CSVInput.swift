internal import SystemPackage

/// Where the bytes of a CSV table come from, any number of times.
enum CSVInput: Sendable {
    /// A file that can be opened again, of the size it had when it was first seen.
    case file(path: String, size: Int64)
    /// Standard input or a pipe, which can be read but once.
    case memory([UInt8])

    /// Opens `path`; `-` is standard input. What cannot be read twice is read whole.
    static func opening(_ path: String, name: String) throws(TableError) -> CSVInput {
        if path == "-" { return .memory(try contents(of: .standardInput, name: name)) }
        let descriptor = try open(path, name: name)
        defer { try? descriptor.close() }
        // A pipe cannot seek, and the files that the kernel makes up (/proc) say that they are empty.
        let size = (try? descriptor.seek(offset: 0, from: .end)) ?? 0
        _ = try? descriptor.seek(offset: 0, from: .start)
        if size > 0 && size < Int64.max {
            // Reading tells a directory, whose seek succeeds, from a file.
            let probe = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
            defer { probe.deallocate() }
            _ = try read(descriptor, into: probe, name: name)
            return .file(path: path, size: size)
        }
        return .memory(try contents(of: descriptor, name: name))
    }

    /// A stream from the first byte on.
    func stream(name: String) throws(TableError) -> CSVByteStream {
        switch self {
        case .memory(let bytes):
            return CSVByteStream(bytes: bytes, name: name)
        case .file(let path, let size):
            let descriptor = try Self.open(path, name: name)
            let stream = CSVByteStream(descriptor: descriptor, name: name)
            // A table is read several times, and every pass must see the same rows.
            guard (try? descriptor.seek(offset: 0, from: .end)) == size else {
                throw TableError(
                    .inputOutput, file: name, "the file changed size while it was in use: start again when it is whole")
            }
            _ = try? descriptor.seek(offset: 0, from: .start)
            return stream
        }
    }

    private static func open(_ path: String, name: String) throws(TableError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        } catch {
            throw refusal(of: name, error)
        }
    }

    private static func contents(of descriptor: FileDescriptor, name: String) throws(TableError) -> [UInt8] {
        let blockSize = 1 << 20
        var contents: [UInt8] = []
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 1)
        defer { block.deallocate() }
        while true {
            let count = try read(descriptor, into: block, name: name)
            if count == 0 { return contents }
            contents.append(contentsOf: block[..<count])
            // A NUL is an error wherever it stands; an endless device must not fill the memory first.
            if block[..<count].contains(0) { return contents }
        }
    }

    fileprivate static func read(
        _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, name: String
    ) throws(TableError) -> Int {
        do {
            return try descriptor.read(into: bytes)
        } catch {
            throw refusal(of: name, error)
        }
    }

    private static func refusal(of name: String, _ error: any Error) -> TableError {
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

/// One pass over the bytes of an input.
struct CSVByteStream: ~Copyable, Sendable {
    private let name: String
    private let descriptor: FileDescriptor?
    private let bytes: [UInt8]
    private var offset = 0

    fileprivate init(bytes: [UInt8], name: String) {
        self.name = name
        self.bytes = bytes
        descriptor = nil
    }

    fileprivate init(descriptor: FileDescriptor, name: String) {
        self.name = name
        self.descriptor = descriptor
        bytes = []
    }

    deinit { try? descriptor?.close() }

    /// The next bytes: `limit` of them, or fewer at the end of the input.
    mutating func prefix(_ limit: Int) throws(TableError) -> [UInt8] {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 1)
        defer { block.deallocate() }
        return Array(block[..<(try read(into: block))])
    }

    /// Fills `window` from its start; less than all of it only at the end of the input.
    mutating func read(into window: UnsafeMutableRawBufferPointer) throws(TableError) -> Int {
        guard let descriptor else {
            let count = min(window.count, bytes.count - offset)
            bytes.withUnsafeBytes { source in
                window.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
            }
            offset += count
            return count
        }
        var filled = 0
        while filled < window.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: window[filled...])
            let count = try CSVInput.read(descriptor, into: rest, name: name)
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
