/// A filter that a dataset's chunks go through: compression, shuffling, checksums.
public struct Filter: Sendable, Equatable, CustomStringConvertible {
    /// The number under which the filter is registered with the HDF Group.
    public let id: Int
    /// Its usual name, or what the file calls it.
    public let name: String
    /// Whether this build of HDF5 can apply it.
    public let isAvailable: Bool
    /// The numbers that the filter was given, such as the level of a compression.
    let parameters: [UInt32]

    init(id: Int, nameInFile: String, parameters: [UInt32]) {
        self.id = id
        self.parameters = parameters
        self.name = Self.knownNames[id] ?? (nameInFile.isEmpty ? "unknown" : nameInFile)
        self.isAvailable = HDF5Library.isFilterAvailable(id)
    }

    public var description: String { "\(id) (\(name))" }

    /// The library's own filters, and the registered ones that turn up in data files.
    private static let knownNames: [Int: String] = [
        1: "deflate", 2: "shuffle", 3: "Fletcher-32", 4: "szip", 5: "n-bit", 6: "scale-offset", 305: "LZO",
        307: "bzip2", 32000: "LZF", 32001: "Blosc", 32002: "MAFISC", 32003: "Snappy", 32004: "LZ4", 32008: "bitshuffle",
        32013: "ZFP", 32014: "FPZIP", 32015: "Zstandard", 32017: "SZ", 32019: "JPEG", 32024: "SZ3", 32026: "Blosc2",
    ]
}
