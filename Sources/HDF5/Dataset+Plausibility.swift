internal import CHDF5

/// Whether what a file declares can be what it holds: asked before anything is counted by it or allocated for it.
extension Dataset {
    /// Up to this size (4 GiB) in memory a declared shape is believed whatever is stored of it.
    private static let unquestionedBytes = 4 << 30
    /// Up to this size (16 MiB) in the file, elements need not have been written.
    private static let unwrittenBytes = 16 << 20
    /// More bytes than this never come out of one that is stored: deflate packs 1032 into one, and no filter that is to be
    /// had here packs more.
    private static let packing = 4000
    /// Up to this size (128 MiB) a chunk may be larger than what it holds.
    private static let looseChunkBytes = 128.0 * 1024 * 1024
    /// Up to this number, chunks may be missing from the file.
    private static let missingChunks = 65_536.0

    /// Throws for a size that only a damaged or malicious file declares.
    func checkPlausible(_ operation: Operation, memoryElementBytes: Int) throws(HDF5Error) {
        guard storedByteCount <= fileByteCount else {
            throw operation.refusal(
                .badFile, "it declares \(storedByteCount) bytes of data in a file of \(fileByteCount) bytes")
        }
        let inFile = elementCount.multipliedReportingOverflow(by: elementByteCount)
        let inMemory = elementCount.multipliedReportingOverflow(by: max(elementByteCount, memoryElementBytes))
        let isInOnePiece = layout == .contiguous || layout == .compact
        if inFile.overflow || inMemory.overflow
            || (inMemory.partialValue > Self.unquestionedBytes && inMemory.partialValue / 1000 > storedByteCount)
            || (inFile.partialValue > Self.unwrittenBytes && inFile.partialValue / Self.packing > storedByteCount)
            || (isInOnePiece && storedByteCount > 0 && inFile.partialValue > storedByteCount)
        {
            throw operation.refusal(
                .badFile,
                "it declares \(Shape.text(shape)) elements of \(max(elementByteCount, memoryElementBytes)) bytes, but the "
                    + "file holds only \(storedByteCount) bytes of them")
        }
        if case .chunked(let chunk) = layout { try checkPlausible(chunk, operation) }
    }

    private func checkPlausible(_ chunk: [Int], _ operation: Operation) throws(HDF5Error) {
        // In Double: the products of a hostile file's extents may not fit an Int.
        let count = zip(shape, chunk).reduce(1.0) { $0 * (Double($1.0) / Double($1.1)).rounded(.up) }
        // Every chunk that is there takes some bytes of the file.
        guard count <= max(Self.missingChunks, Double(fileByteCount)) else {
            throw operation.refusal(
                .badFile, "it declares more chunks (of \(Shape.text(chunk)) elements) than the file has bytes")
        }
        let bytes = chunk.reduce(Double(elementByteCount)) { $0 * Double($1) }
        guard bytes <= Self.looseChunkBytes || bytes / 1000 <= Double(storedByteCount) else {
            throw operation.refusal(
                .badFile,
                "its chunks of \(Shape.text(chunk)) elements are far larger than the \(storedByteCount) bytes that the file "
                    + "holds of them: store it in smaller ones (h5repack -l CHUNK=…)")
        }
    }
}

// MARK: - Chunks

extension Dataset {
    /// Throws where a chunk does not unpack to the bytes of its elements. The library believes that it does, and reads on
    /// beyond its end (HDF5 1.10.8).
    ///
    /// Filters that this module does not undo by itself are left to the library.
    func checkChunks(_ operation: Operation) throws(HDF5Error) {
        guard !isNew, !filters.isEmpty, !elementType.holdsPointers, elementCount > 0, case .chunked = layout else {
            return
        }
        let reader = try TileReader(self, parts: try parts, along: 0)
        guard !reader.isUnpackedByLibrary else { return }
        let workspace = TileWorkspace()
        for tile in reader.tiles(covering: 0..<rowCount) { try reader.read(tile, workspace) { _ in } }
    }
}
