internal import CHDF5

/// A dataset: an array of elements of one type, and attributes.
///
/// Opening succeeds for every dataset, so that each can be described. Reading refuses those whose data this library
/// cannot or should not reach (`checkReadable`).
public struct Dataset: Sendable {
    /// How the elements lie in the file.
    public enum Layout: Sendable, Equatable {
        /// In one piece.
        case contiguous
        /// In pieces of the given shape, each on its own.
        case chunked([Int])
        /// Inside the object header.
        case compact
        /// In other files.
        case external
        /// Composed of datasets in other files.
        case virtual
        /// In a way this module does not know.
        case other
    }

    let object: Object
    /// Whether this process made the dataset, so that its shape is to be believed before anything is stored of it.
    let isNew: Bool
    let fileByteCount: Int

    /// The extents; empty for a scalar.
    public let shape: [Int]
    /// What an element is.
    public let elementType: ElementType
    /// How the elements lie in the file.
    public let layout: Layout
    /// What each chunk went through when it was written, in that order.
    public let filters: [Filter]
    /// The number of elements.
    public let elementCount: Int
    /// The bytes that the data took in the file when the dataset was opened, after compression.
    public let storedByteCount: Int
    /// The bytes of one element in the file.
    public let elementByteCount: Int

    /// The absolute path in the file.
    public var path: String { object.path }

    /// The attributes of the dataset.
    public var attributes: Attributes { Attributes(object: object) }

    /// The number of rows: the first extent, 1 for a scalar.
    public var rowCount: Int { shape.first ?? 1 }

    /// The number of elements in a row: the product of the other extents.
    public var rowElementCount: Int {
        if rowCount > 0 { return elementCount / rowCount }
        // Where there is no row, no count follows from the elements, and nothing vouches that the product fits an Int.
        return shape.dropFirst().reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    }

    init(_ object: Object, isNew: Bool, _ operation: Operation) throws(HDF5Error) {
        let id = object.handle
        let space = try operation.open("H5Dget_space", .dataspace) { H5Dget_space(id.id) }
        let type = try operation.open("H5Dget_type", .datatype) { H5Dget_type(id.id) }
        let creation = try operation.open("H5Dget_create_plist", .propertyList) { H5Dget_create_plist(id.id) }
        shape = try operation.shape(of: space)
        elementCount = try Shape.elementCount(shape, for: operation)
        elementType = try operation.describe(type)
        elementByteCount = try operation.byteCount(type)
        layout = try operation.layout(creation, rank: shape.count)
        filters = try operation.filters(creation)
        let stored = try operation.call("H5Dget_storage_size") { H5Dget_storage_size(id.id) }
        storedByteCount = Int(clamping: stored)
        var fileSize: hsize_t = 0
        try operation.call("H5Fget_filesize") { H5Fget_filesize(object.file.id, &fileSize) }
        fileByteCount = Int(clamping: fileSize)
        self.isNew = isNew
        self.object = try Self.withRoomForChunks(object, shape, layout, elementByteCount, operation)
    }

    /// Throws, with the reason, where the data cannot or should not be read: a filter that this build of HDF5 lacks,
    /// data in other files, or a shape far beyond what the file holds.
    public func checkReadable() throws(HDF5Error) {
        try checkReadable(reading)
    }

    var reading: Operation { Operation("read the dataset", on: object.location) }

    func checkReadable(_ operation: Operation, memoryElementBytes: Int = 0) throws(HDF5Error) {
        let isElsewhere: Bool
        switch layout {
        case .external:
            guard object.opensOtherFiles else {
                throw operation.refusal(.otherFile, "its data lie in other files, \(Self.remedy)")
            }
            isElsewhere = true
        case .virtual:
            guard object.opensOtherFiles else {
                throw operation.refusal(.otherFile, "it is virtual, put together from other files, \(Self.remedy)")
            }
            try checkVirtualParts(operation)
            isElsewhere = true
        case .contiguous, .chunked, .compact, .other: isElsewhere = false
        }
        if let missing = filters.first(where: { !$0.isAvailable }) {
            throw operation.refusal(
                .unsupported,
                "it is compressed with filter \(missing), which HDF5 \(HDF5Library.version) here does not have; store it "
                    + "with gzip or uncompressed, or install the filter's HDF5 plugin (HDF5_PLUGIN_PATH)")
        }
        if !isNew, !isElsewhere { try checkPlausible(operation, memoryElementBytes: memoryElementBytes) }
    }

    private static let remedy =
        "which are not opened unless that is asked for; copy it into one file with h5repack or h5py"
}

// MARK: - Chunk cache

extension Dataset {
    /// The most that the library may keep of a dataset's decompressed chunks.
    private static let cacheLimit = 256 << 20
    /// What it keeps unless told otherwise.
    private static let defaultCache = 1 << 20

    /// The same dataset, opened so that the library keeps all chunks which one row touches. Without that, reading a few
    /// rows at a time decompresses each chunk again and again.
    private static func withRoomForChunks(
        _ object: Object, _ shape: [Int], _ layout: Layout, _ elementBytes: Int, _ operation: Operation
    ) throws(HDF5Error) -> Object {
        // What a link led to has another path in its own file.
        guard case .chunked(let chunk) = layout, !shape.contains(0), !object.opensOtherFiles else { return object }
        // In Double: the products of a hostile file's extents may not fit an Int.
        let chunksPerBand = zip(shape, chunk).dropFirst().reduce(1.0) { product, extents in
            product * (Double(extents.0) / Double(extents.1)).rounded(.up)
        }
        let bandBytes = chunk.reduce(Double(elementBytes) * chunksPerBand) { $0 * Double($1) }
        guard bandBytes > Double(defaultCache), bandBytes <= Double(cacheLimit) else { return object }
        let access = try operation.propertyList(CHDF5_H5P_DATASET_ACCESS)
        // A prime number of slots, far more than chunks: two chunks that share a slot push each other out. And chunks
        // that were read to their end go first (1).
        try operation.call("H5Pset_chunk_cache") { H5Pset_chunk_cache(access.id, 12_421, Int(bandBytes), 1) }
        // The library takes the setting only from the first of several openings of a dataset.
        try object.handle.close(operation)
        let handle = try operation.open("H5Dopen2", .dataset) {
            H5Dopen2(object.file.id, object.path, access.id)
        }
        return Object(
            handle: handle, file: object.file, fileName: object.fileName, path: object.path, opensOtherFiles: false)
    }
}
