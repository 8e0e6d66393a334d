internal import CDeflate

/// The filters of a dataset, undone without the library, and so by as many threads as there are.
struct ChunkPipeline: Sendable {
    private enum Stage: Sendable, Equatable {
        case shuffle(elementBytes: Int)
        case deflate
        case fletcher32
    }

    /// In the order in which they were applied.
    private let stages: [Stage]
    /// The bytes of a chunk before any of them.
    private let chunkBytes: Int

    /// - Returns: `nil` where the filters are others, or stand in an order that leaves a size open.
    init?(_ filters: [Filter], chunkBytes: Int) {
        var stages: [Stage] = []
        for filter in filters {
            switch filter.id {
            case 1: stages.append(.deflate)
            case 2:
                guard let bytes = filter.parameters.first, bytes > 0 else { return nil }
                stages.append(.shuffle(elementBytes: Int(bytes)))
            case 3: stages.append(.fletcher32)
            default: return nil
            }
        }
        // What comes out of a second compression has no size that is known beforehand.
        guard stages.count(where: { $0 == .deflate }) <= 1 else { return nil }
        self.stages = stages
        self.chunkBytes = chunkBytes
    }

    /// The most bytes that a stored chunk may have: those of its elements, and what compressing noise may add.
    var storedLimit: Int { chunkBytes + chunkBytes / 1000 + 1024 }

    /// Turns the `count` stored bytes in `buffers` into the bytes of the elements.
    ///
    /// - Parameter skipped: A bit for each filter that was not applied to this chunk.
    func decode(
        count: Int, skipped: UInt32, _ buffers: inout TileBuffers, _ operation: Operation
    ) throws(HDF5Error) {
        var count = count
        for (index, stage) in stages.enumerated().reversed() where skipped & (1 << UInt32(index)) == 0 {
            switch stage {
            case .fletcher32:
                let isSound = buffers.current.withUnsafeBytes {
                    count > Fletcher32.byteCount && Fletcher32.verifies(UnsafeRawBufferPointer(rebasing: $0[..<count]))
                }
                guard isSound else { throw operation.refusal(.badFile, "a chunk does not match its checksum") }
                count -= Fletcher32.byteCount
            case .shuffle(let elementBytes):
                buffers.transform(to: count) { source, target in
                    Shuffle.undo(
                        UnsafeRawBufferPointer(rebasing: source[..<count]), elementBytes: elementBytes, into: target)
                }
            case .deflate:
                // Checksums applied before the compression are in what comes out of it.
                let size = stages[..<index].enumerated().reduce(chunkBytes) { size, stage in
                    let applies = stage.element == .fletcher32 && skipped & (1 << UInt32(stage.offset)) == 0
                    return size + (applies ? Fletcher32.byteCount : 0)
                }
                let isWhole = buffers.transform(to: size) { source, target in
                    Self.inflate(UnsafeRawBufferPointer(rebasing: source[..<count]), into: target)
                }
                guard isWhole else {
                    throw operation.refusal(
                        .badFile, "a compressed chunk is damaged: it does not unpack to its \(size) bytes")
                }
                count = size
            }
        }
        guard count == chunkBytes else {
            throw operation.refusal(.badFile, "a chunk has \(count) bytes, and its elements take \(chunkBytes)")
        }
    }

    /// Unpacks a zlib stream (RFC 1950) that fills `target` exactly; it is never written beyond.
    private static func inflate(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let decompressor = libdeflate_alloc_decompressor() else { return false }
        defer { libdeflate_free_decompressor(decompressor) }
        // Without a place for the size, anything but a full target is a failure.
        let result = libdeflate_zlib_decompress(
            decompressor, source.baseAddress, source.count, target.baseAddress, target.count, nil)
        return result == LIBDEFLATE_SUCCESS
    }
}

/// Two pieces of memory between which the stages of a pipeline pass their bytes.
struct TileBuffers: Sendable {
    private(set) var current: [UInt8] = []
    private var other: [UInt8] = []

    /// Makes room for at least `count` bytes, whatever they are, and hands them out to be filled.
    mutating func fill<Result>(
        _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(HDF5Error) -> Result
    ) throws(HDF5Error) -> Result {
        Self.reserve(count, &current)
        return try current.withUnsafeMutableBufferPointer { (buffer) throws(HDF5Error) in
            try body(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
        }
    }

    /// Makes `count` bytes out of the current ones, which they then are.
    mutating func transform<Result>(
        to count: Int, _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Result
    ) -> Result {
        Self.reserve(count, &other)
        let result = current.withUnsafeBytes { source in
            other.withUnsafeMutableBytes { body(source, UnsafeMutableRawBufferPointer(rebasing: $0[..<count])) }
        }
        swap(&current, &other)
        return result
    }

    private static func reserve(_ count: Int, _ bytes: inout [UInt8]) {
        if bytes.count < count { bytes = [UInt8](repeating: 0, count: count) }
    }
}
