/// Where the bytes of a CSV table come from, any number of times.
struct CSVInput: Sendable {
    private enum Source: Sendable {
        /// A file that can be opened again, of the size it had when it was first seen.
        case file(path: String, size: Int64)
        /// Standard input or a pipe, which can be read but once.
        case pipe(PipedInput)
        case memory([UInt8])
    }

    private let source: Source
    /// Whether the bytes are compressed with gzip; they are decompressed while they are read.
    private let isCompressed: Bool

    private init(_ source: Source, name: String) throws(TableError) {
        self.source = source
        var stream = try Self.stream(of: source, name: name)
        isCompressed = try stream.prefix(2) == [0x1F, 0x8B]
    }

    /// Opens `path`; `-` is standard input.
    static func opening(_ path: String, name: String) throws(TableError) -> CSVInput {
        if path == "-" { return try CSVInput(pipe: PipedInput(.standardInput), name: name) }
        let file = try FileBytes.open(path, name: name)
        // A pipe cannot seek, and the files that the kernel makes up (/proc) say that they are empty.
        if let size = try file.seekableSize(name: name) {
            return try CSVInput(.file(path: path, size: size), name: name)
        }
        return try CSVInput(pipe: PipedInput(file), name: name)
    }

    /// Bytes that come but once.
    init(pipe: PipedInput, name: String) throws(TableError) { try self.init(.pipe(pipe), name: name) }

    /// Bytes in memory.
    static func memory(_ bytes: [UInt8]) throws(TableError) -> CSVInput {
        try CSVInput(.memory(bytes), name: "memory")
    }

    /// A stream from the first byte on.
    func stream(name: String) throws(TableError) -> CSVByteStream {
        var stream = try Self.stream(of: source, name: name)
        if isCompressed { try stream.decompress() }
        return stream
    }

    private static func stream(of source: Source, name: String) throws(TableError) -> CSVByteStream {
        switch source {
        case .memory(let bytes): return CSVByteStream(RawByteStream(bytes: bytes), name: name)
        case .pipe(let pipe): return CSVByteStream(RawByteStream(pipe: pipe), name: name)
        case .file(let path, let size):
            let file = try FileBytes.open(path, name: name)
            // A table is read several times, and every pass must see the same rows.
            guard try file.seekableSize(name: name) == size else {
                throw TableError(
                    .inputOutput, file: name, "the file changed size while it was in use: start again when it is whole")
            }
            return CSVByteStream(RawByteStream(file: file), name: name)
        }
    }
}

/// One pass over the text of an input.
struct CSVByteStream: ~Copyable {
    private let name: String
    private var raw: RawByteStream
    private var gunzip: GzipReader?

    fileprivate init(_ raw: consuming RawByteStream, name: String) {
        self.name = name
        self.raw = raw
    }

    /// Takes what follows for gzip data.
    fileprivate mutating func decompress() throws(TableError) { gunzip = try GzipReader(name: name) }

    /// The next bytes: `limit` of them, or fewer at the end of the input.
    mutating func prefix(_ limit: Int) throws(TableError) -> [UInt8] {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 1)
        defer { block.deallocate() }
        return Array(block[..<(try read(into: block))])
    }

    /// Fills `window` from its start; less than all of it only at the end of the input.
    mutating func read(into window: UnsafeMutableRawBufferPointer) throws(TableError) -> Int {
        guard gunzip != nil else { return try raw.read(into: window, name: name) }
        return try gunzip?.read(into: window, from: &raw) ?? 0
    }
}
