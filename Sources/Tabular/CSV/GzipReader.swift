internal import CZlib

/// Decompresses gzip data, of one member or several, while it is read.
struct GzipReader: ~Copyable {
    private static let inputSize = 256 << 10

    private let name: String
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    /// Whether a member has begun and not ended.
    private var isInside = false
    private var isAtEnd = false

    init(name: String) throws(TableError) {
        self.name = name
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(byteCount: Self.inputSize, alignment: 64)
        guard descent_start_gunzip(stream) == Z_OK else {
            throw TableError(.inputOutput, file: name, "there is no memory to decompress the file")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    /// Fills `window` from its start; less than all of it only at the end of the data.
    mutating func read(
        into window: UnsafeMutableRawBufferPointer, from raw: inout RawByteStream
    ) throws(TableError) -> Int {
        guard let start = window.baseAddress, !isAtEnd else { return 0 }
        stream.pointee.next_out = start.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = uInt(window.count)
        while stream.pointee.avail_out > 0 {
            if stream.pointee.avail_in == 0 {
                let count = try raw.read(into: input, name: name)
                stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_in = uInt(count)
                if count == 0 {
                    guard !isInside else {
                        throw TableError(
                            .badData, file: name,
                            """
                            the gzip data ends at byte \(raw.offset) in the middle: the file was cut short; compress or \
                            copy it again
                            """)
                    }
                    isAtEnd = true
                    break
                }
            }
            if !isInside && skipZeros() { continue }
            isInside = true
            let code = inflate(stream, Z_NO_FLUSH)
            switch code {
            case Z_OK: break
            case Z_STREAM_END:
                isInside = false
                inflateReset(stream)
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
                throw TableError(
                    .badData, file: name,
                    """
                    the gzip data is damaged before byte \(raw.offset - Int(stream.pointee.avail_in)): \(reason); \
                    compress or copy the file again
                    """)
            }
        }
        return window.count - Int(stream.pointee.avail_out)
    }

    /// Steps over zeros between members, with which some devices fill up a block; `true` when nothing else is left.
    private mutating func skipZeros() -> Bool {
        while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
            stream.pointee.next_in = next + 1
            let left = stream.pointee.avail_in
            stream.pointee.avail_in = left - 1
        }
        return stream.pointee.avail_in == 0
    }
}
