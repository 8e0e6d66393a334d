internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Standard input or a pipe, made readable any number of times: what was read is kept, in memory as long as it is little,
/// then in a temporary file.
final class PipedInput: Sendable {
    /// The bytes that stay in memory.
    private static let memoryLimit = 16 << 20

    private struct Past {
        var memory: [UInt8] = []
        var file: FileBytes?
        var count = 0
        var isAtEnd = false
    }

    private let pipe: FileBytes
    private let past = Mutex(Past())
    private let memoryLimit: Int

    init(_ pipe: FileBytes, memoryLimit: Int = PipedInput.memoryLimit) {
        self.pipe = pipe
        self.memoryLimit = memoryLimit
    }

    /// Fills `bytes` with those from `offset` on; less than all of it only at the end.
    func read(at offset: Int, into bytes: UnsafeMutableRawBufferPointer, name: String) throws(TableError) -> Int {
        try past.withLock { past throws(TableError) in
            var filled = 0
            if offset < past.count {
                let known = UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(bytes.count, past.count - offset)])
                if let file = past.file {
                    filled = try file.read(at: offset, into: known, name: name)
                } else {
                    filled = known.count
                    past.memory.withUnsafeBytes { memory in
                        known.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[offset..<offset + filled]))
                    }
                }
                if filled < known.count {
                    throw TableError(.inputOutput, file: name, "the temporary copy of the input was cut short")
                }
            }
            precondition(offset + filled == past.count || filled == bytes.count, "A pipe is read from its start")
            guard filled < bytes.count, !past.isAtEnd else { return filled }
            let space = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
            let added = try pipe.readNext(into: space, name: name)
            past.isAtEnd = added < space.count
            try keep(UnsafeRawBufferPointer(rebasing: space[..<added]), in: &past, name: name)
            return filled + added
        }
    }

    private func keep(
        _ bytes: UnsafeRawBufferPointer, in past: inout Past, name: String
    ) throws(TableError) {
        do {
            if past.file == nil, past.count + bytes.count > memoryLimit {
                let file = try Self.temporaryFile()
                try past.memory.withUnsafeBytes { try file.write($0, at: 0) }
                past.memory = []
                past.file = file
            }
            if let file = past.file {
                try file.write(bytes, at: past.count)
            } else {
                past.memory.append(contentsOf: bytes)
            }
            past.count += bytes.count
        } catch {
            throw TableError(
                .inputOutput, file: name,
                """
                the input is read more than once, and its copy in \(Self.temporaryDirectory) cannot \
                be written: \(error); name a folder with room in TMPDIR, or give a file instead of a pipe
                """)
        }
    }

    /// A file without a name, which is gone when it is closed.
    private static func temporaryFile() throws -> FileBytes {
        let name = "descent-" + String(UInt64.random(in: .min ... .max), radix: 16)
        let path = FilePath(temporaryDirectory).appending(name)
        let descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        unlink(path.string)
        return FileBytes(descriptor)
    }

    private static var temporaryDirectory: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
