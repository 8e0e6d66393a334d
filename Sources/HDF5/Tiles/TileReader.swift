internal import CHDF5
import Synchronization
internal import SystemPackage

/// Reads a dataset tile by tile, from any number of threads at once.
///
/// A tile is a box of elements that are cheap to get together: a chunk of a chunked dataset, a slab of any other. Chunks
/// are fetched as they are stored, under the library's lock, and unpacked outside it; data in one piece are read at their
/// place in the file without the library; everything else goes through it.
public struct TileReader: Sendable {
    /// A box of elements.
    public struct Tile: Sendable, Hashable {
        /// Where it begins.
        public let origin: [Int]
        /// What it spans; a chunk may reach beyond the end of the dataset.
        public let extents: [Int]
    }

    private enum Source: Sendable {
        case chunks(ChunkPipeline)
        case file(FileDescriptor, address: Int)
        case library(memoryType: Handle)
    }

    /// A chunk larger than this (1 GiB) is refused: each thread has to hold one unpacked.
    static let chunkLimit = 1 << 30
    /// The bytes of a tile that this module chooses itself.
    private static let slabBytes = 1 << 20

    /// The dataset.
    public let dataset: Dataset
    /// The extents of a tile.
    public let tileShape: [Int]
    /// Whether tiles lie on a fixed grid, as chunks do; others may begin anywhere along the axis.
    public let isGrid: Bool
    private let axis: Int
    private let source: Source
    private let fill: [UInt8]

    /// - Parameters:
    ///   - parts: The parts of the elements that will be looked at; the bytes of others are unspecified.
    ///   - axis: The axis along which tiles are asked for, in ascending order.
    /// - Throws: Where the dataset cannot or should not be read, and where a part is a string of any length, which
    ///   `readStrings` reads.
    public init(_ dataset: Dataset, parts: [ElementPart], along axis: Int) throws(HDF5Error) {
        precondition(dataset.shape.indices.contains(axis), "\(dataset.path) has no axis \(axis)")
        let operation = dataset.reading
        try dataset.checkReadable()
        for part in parts where part.type.holdsPointers {
            throw operation.refusal(.wrongObject, "its elements of type \(part.type) are not in one place")
        }
        self.dataset = dataset
        self.axis = axis
        fill = try dataset.fillBytes(operation)
        if case .chunked(let shape) = dataset.layout {
            let chunkBytes = try Self.chunkBytes(shape, dataset, operation)
            tileShape = shape
            isGrid = true
            if !dataset.elementType.holdsPointers,
                let pipeline = ChunkPipeline(dataset.filters, chunkBytes: chunkBytes),
                try dataset.filtersEveryChunk(operation)
            {
                source = .chunks(pipeline)
                return
            }
        } else {
            tileShape = Self.slab(dataset, along: axis)
            isGrid = false
            if !dataset.elementType.holdsPointers,
                let (descriptor, address) = try dataset.placeInFile(operation)
            {
                source = .file(descriptor, address: address)
                return
            }
        }
        source = .library(memoryType: try dataset.memoryType(of: parts, operation))
    }

    /// The bytes of a tile.
    public var tileByteCount: Int { tileShape.reduce(dataset.elementByteCount, *) }

    /// Whether tiles come from the library as it has unpacked them.
    var isUnpackedByLibrary: Bool {
        if case .library = source { true } else { false }
    }

    private static func chunkBytes(
        _ shape: [Int], _ dataset: Dataset, _ operation: Operation
    ) throws(HDF5Error) -> Int {
        let elements = try Shape.elementCount(shape, for: operation)
        let (bytes, overflow) = elements.multipliedReportingOverflow(by: dataset.elementByteCount)
        guard !overflow, bytes <= chunkLimit else {
            throw operation.refusal(
                .unsupported,
                "its chunks of \(Shape.text(shape)) elements are larger than \(chunkLimit >> 20) MiB: store it in smaller "
                    + "ones (h5repack -l CHUNK=…)")
        }
        return bytes
    }

    /// About a megabyte of elements that stand together in a dataset without chunks.
    private static func slab(_ dataset: Dataset, along axis: Int) -> [Int] {
        // Nothing vouches for the product of the other extents where one is 0.
        guard dataset.elementCount > 0 else { return dataset.shape.map { _ in 1 } }
        var shape = dataset.shape
        if axis > 0 { for index in 0..<axis { shape[index] = 1 } }
        let rest = shape.enumerated().reduce(dataset.elementByteCount) { $1.offset == axis ? $0 : $0 * $1.element }
        shape[axis] = max(1, min(shape[axis], slabBytes / max(rest, 1)))
        return shape
    }
}

// MARK: - Reading

extension TileReader {
    /// The tiles that hold the elements of a range along the axis, ordered by their place along it.
    public func tiles(covering range: Range<Int>) -> [Tile] {
        var origins: [[Int]] = [[]]
        for (index, extent) in dataset.shape.enumerated() {
            let step = tileShape[index]
            var starts = stride(from: 0, to: extent, by: step)
            if index == axis {
                let first = isGrid ? range.lowerBound / step * step : range.lowerBound
                starts = stride(from: first, to: range.upperBound, by: step)
            }
            origins = origins.flatMap { origin in starts.map { origin + [$0] } }
        }
        // Stable, so that tiles of one place stay in the order of the other axes.
        let ordered = origins.enumerated().sorted {
            ($0.element[axis], $0.offset) < ($1.element[axis], $1.offset)
        }
        return ordered.map { _, origin in
            guard !isGrid else { return Tile(origin: origin, extents: tileShape) }
            var extents = zip(zip(origin, tileShape), dataset.shape).map { min($0.1, $1 - $0.0) }
            extents[axis] = min(extents[axis], range.upperBound - origin[axis])
            return Tile(origin: origin, extents: extents)
        }
    }

    /// Hands out the bytes of a tile, as below.
    public func read(
        _ tile: Tile, _ workspace: TileWorkspace, _ body: (UnsafeRawBufferPointer) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        func same(_ error: HDF5Error) -> HDF5Error { error }
        try read(tile, workspace, orThrow: same, body)
    }

    /// Hands out the bytes of a tile: its elements, those along the last axis next to each other, as the file stores
    /// them. Bytes beyond the end of the dataset are unspecified.
    ///
    /// - Precondition: The tile is one of `tiles(covering:)`.
    public func read<Failure: Error>(
        _ tile: Tile, _ workspace: TileWorkspace, orThrow failure: (HDF5Error) -> Failure,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try workspace.use { (buffers) throws(Failure) in
            do throws(HDF5Error) {
                try fetch(tile, &buffers)
            } catch let error {
                throw failure(error)
            }
            let count = tile.extents.reduce(dataset.elementByteCount, *)
            try buffers.current.withUnsafeBufferPointer { (bytes) throws(Failure) in
                try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count])))
            }
        }
    }

    private func fetch(_ tile: Tile, _ buffers: inout TileBuffers) throws(HDF5Error) {
        let operation = dataset.reading
        let count = tile.extents.reduce(dataset.elementByteCount, *)
        switch source {
        case .chunks(let pipeline):
            try fetchChunk(tile.origin, pipeline, &buffers, operation)
        case .file(let descriptor, let address):
            // Axes before the cut one have one element each, those after it are whole: the bytes stand together.
            let position = zip(tile.origin, dataset.shape).reduce(0) { $0 * $1.1 + $1.0 }
            try buffers.fill(count) { (bytes) throws(HDF5Error) in
                try operation.read(descriptor, at: address + position * dataset.elementByteCount, into: bytes)
            }
        case .library(let memoryType):
            // A chunk's box may reach beyond the dataset; the memory keeps its shape all the same.
            let inside = zip(zip(tile.origin, tile.extents), dataset.shape).map { min($0.1, $1 - $0.0) }
            let fileSpace = try dataset.selection(tile.origin, inside, operation)
            let memorySpace = try operation.dataspace(tile.extents)
            try operation.select(inside, in: memorySpace)
            try buffers.fill(count) { (bytes) throws(HDF5Error) in
                // The library leaves memory as it is where nothing was stored and no fill value is asked for.
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
                _ = try operation.call("H5Dread") {
                    H5Dread(
                        dataset.object.handle.id, memoryType.id, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(),
                        bytes.baseAddress)
                }
            }
        }
    }

    private func fetchChunk(
        _ origin: [Int], _ pipeline: ChunkPipeline, _ buffers: inout TileBuffers, _ operation: Operation
    ) throws(HDF5Error) {
        let offset = origin.map(hsize_t.init)
        guard let stored = storedSize(offset, operation) else { return fillTile(&buffers) }
        let limit = pipeline.storedLimit
        guard let count = Int(exactly: stored), count <= limit else {
            throw operation.refusal(
                .badFile, "it declares a stored chunk of \(stored) bytes, and its elements take \(tileByteCount)")
        }
        var skipped: UInt32 = 0
        try buffers.fill(count) { (bytes) throws(HDF5Error) in
            _ = try operation.call("H5Dread_chunk") {
                H5Dread_chunk(dataset.object.handle.id, CHDF5_H5P_DEFAULT(), offset, &skipped, bytes.baseAddress)
            }
        }
        try pipeline.decode(count: count, skipped: skipped, &buffers, operation)
    }

    /// The bytes that a chunk takes in the file; `nil` for one that was never written.
    private func storedSize(_ offset: [hsize_t], _ operation: Operation) -> hsize_t? {
        var stored: hsize_t = 0
        var isStored = true
        operation.callIgnoringFailure {
            // One that the file lost fails when it is read.
            isStored = H5Dget_chunk_storage_size(dataset.object.handle.id, offset, &stored) >= 0 && stored > 0
        }
        return isStored ? stored : nil
    }

    /// Finds a chunk in the file's index, as reading it does first.
    func lookUp(_ tile: Tile) {
        if isGrid { _ = storedSize(tile.origin.map(hsize_t.init), dataset.reading) }
    }

    private func fillTile(_ buffers: inout TileBuffers) {
        let width = fill.count
        let count = tileByteCount
        try? buffers.fill(count) { bytes in
            if fill.allSatisfy({ $0 == 0 }) {
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
            } else {
                for start in stride(from: 0, to: count, by: width) {
                    bytes[start..<start + width].copyBytes(from: fill)
                }
            }
        }
    }
}

/// The memory that one thread at a time reads tiles into.
public final class TileWorkspace: Sendable {
    private let buffers = Mutex(TileBuffers())

    /// An empty workspace; it grows to the largest tile.
    public init() {}

    func use<Failure: Error>(
        _ body: (inout TileBuffers) throws(Failure) -> Void
    ) throws(Failure) {
        try buffers.withLock { (buffers) throws(Failure) in try body(&buffers) }
    }
}
