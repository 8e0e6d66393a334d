/// How a new dataset is stored.
public struct DatasetOptions: Sendable, Equatable {
    /// The shape of a chunk; `nil` stores the values in one piece, which the other options then do not apply to.
    ///
    /// Extents larger than the dataset's are cut to it; a dataset without values is never chunked.
    public var chunkShape: [Int]?
    /// The deflate (gzip) level, 0 to 9; `nil` is no compression.
    public var deflate: Int?
    /// Whether bytes of equal significance are stored together, which helps deflate.
    public var shuffle: Bool
    /// Whether every chunk carries a checksum that is verified on reading.
    public var fletcher32: Bool

    /// Options by name; the defaults store the values in one piece.
    public init(chunkShape: [Int]? = nil, deflate: Int? = nil, shuffle: Bool = false, fletcher32: Bool = false) {
        self.chunkShape = chunkShape
        self.deflate = deflate
        self.shuffle = shuffle
        self.fletcher32 = fletcher32
    }

    /// One piece, no filters.
    public static let contiguous = DatasetOptions()
}
