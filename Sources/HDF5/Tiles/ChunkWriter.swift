internal import CDeflate
internal import CHDF5

/// Writes the chunks of a dataset that this process creates, each packed outside the library's lock: by as many threads as
/// there are, where the library's own way takes one.
public struct ChunkWriter: Sendable {
    private enum Stage: Sendable {
        case shuffle(elementBytes: Int)
        case deflate(level: Int)
    }

    private let dataset: Dataset
    private let stages: [Stage]
    /// The extents of a chunk; those at the end of the dataset reach beyond it.
    public let chunkShape: [Int]

    /// - Precondition: The dataset is chunked, and its filters are shuffle and deflate.
    public init(_ dataset: Dataset) {
        guard case .chunked(let shape) = dataset.layout else {
            preconditionFailure("\(dataset.path) has no chunks")
        }
        self.dataset = dataset
        chunkShape = shape
        stages = dataset.filters.map { filter in
            switch filter.id {
            case 1: .deflate(level: Int(filter.parameters.first ?? 6))
            case 2: .shuffle(elementBytes: dataset.elementByteCount)
            default: preconditionFailure("\(dataset.path) has a filter \(filter) that is not applied here")
            }
        }
    }

    /// The bytes of the elements of a chunk.
    public var chunkByteCount: Int { chunkShape.reduce(dataset.elementByteCount, *) }

    /// What is stored for a chunk whose elements are `bytes`, as the file stores them. May be called from any thread.
    ///
    /// - Precondition: There are as many bytes as in a whole chunk.
    public func packed(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        precondition(bytes.count == chunkByteCount, "A chunk has \(chunkByteCount) bytes, not \(bytes.count)")
        var current = Array(bytes)
        for stage in stages {
            current = current.withUnsafeBytes { source in
                switch stage {
                case .shuffle(let elementBytes): Shuffle.apply(source, elementBytes: elementBytes)
                case .deflate(let level): Self.deflated(source, level: level)
                }
            }
        }
        return current
    }

    /// Stores a chunk whose elements were packed.
    ///
    /// - Parameter origin: Where its elements begin, a multiple of the chunk's extents.
    public func write(_ packed: [UInt8], at origin: [Int]) throws(HDF5Error) {
        let operation = Operation("write the dataset", on: dataset.object.location)
        let offset = origin.map(hsize_t.init)
        try packed.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
            _ = try operation.call("H5Dwrite_chunk") {
                H5Dwrite_chunk(
                    dataset.object.handle.id, CHDF5_H5P_DEFAULT(), 0, offset, bytes.count, bytes.baseAddress)
            }
        }
    }

    /// A zlib stream (RFC 1950).
    private static func deflated(_ source: UnsafeRawBufferPointer, level: Int) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(Int32(level)) else {
            preconditionFailure("There is no memory to compress with")
        }
        defer { libdeflate_free_compressor(compressor) }
        let limit = libdeflate_zlib_compress_bound(compressor, source.count)
        return [UInt8](unsafeUninitializedCapacity: limit) { target, count in
            count = libdeflate_zlib_compress(compressor, source.baseAddress, source.count, target.baseAddress, limit)
            precondition(count > 0, "\(source.count) bytes do not fit the room that was asked for them")
        }
    }
}

extension Shuffle {
    /// Puts bytes of equal significance together.
    static func apply(_ source: UnsafeRawBufferPointer, elementBytes: Int) -> [UInt8] {
        let count = elementBytes > 1 ? source.count / elementBytes : 0
        return [UInt8](unsafeUninitializedCapacity: source.count) { target, initialized in
            initialized = source.count
            guard let from = source.baseAddress, let to = target.baseAddress else { return }
            for position in 0..<(count > 0 ? elementBytes : 0) {
                let plane = to + position * count
                let bytes = (from + position).assumingMemoryBound(to: UInt8.self)
                for index in 0..<count { plane[index] = bytes[index * elementBytes] }
            }
            let done = count * elementBytes
            UnsafeMutableRawPointer(to + done).copyMemory(from: from + done, byteCount: source.count - done)
        }
    }
}
