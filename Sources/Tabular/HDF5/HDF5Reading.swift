internal import HDF5

/// Which columns are read from a file, and in what form; and the reading of them, a window of rows at a time.
struct HDF5Reading: Sendable {
    /// Columns that stand side by side in a block and in the rows of numbers.
    struct Run: Sendable {
        let block: Int
        /// The columns within the block.
        var columns: Range<Int>
        /// The place of the first in a row of numbers.
        let destination: Int
    }

    /// A column that is read at full precision, or as texts.
    struct Column: Sendable {
        let block: Int
        /// Within the block.
        let column: Int
    }

    /// The columns of one dataset, read together.
    struct Group: Sendable {
        let reader: TileReader
        let matrix: HDF5Matrix
        /// Indices into `runs`, `words` and `texts`.
        var runs: [Int] = []
        var words: [Int] = []
        var texts: [Int] = []

        var tileRows: Int { reader.tileShape[matrix.rowAxis] }
    }

    /// Rows of as many numbers fill about this much memory (8 MiB), which workers share; more where chunks are larger,
    /// so that each is unpacked once, but no more than `byteLimit` (32 MiB) unless one row of chunks takes it.
    private static let windowBytes = 8 << 20
    private static let byteLimit = 32 << 20
    private static let chunkRowByteLimit = 256 << 20
    /// Chunks per window that keep the workers busy.
    private static let tilesPerWindow = 16
    /// Rows in a window where there is nothing to read.
    private static let emptyRows = 4_096
    /// Memory for tiles that are being unpacked, three pieces each.
    static let tileMemory = 1 << 30

    let source: HDF5Source
    let runs: [Run]
    /// Columns whose numbers are wanted as they are in the file.
    let words: [Column]
    let texts: [Column]
    /// The numbers in a row.
    let width: Int
    private(set) var groups: [Group] = []
    private(set) var variableTexts: [Int] = []

    init(_ source: HDF5Source, runs: [Run], words: [Column], texts: [Column]) throws(TableError) {
        self.source = source
        self.runs = runs
        self.words = words
        self.texts = texts
        width = runs.reduce(0) { $0 + $1.columns.count }
        for index in runs.indices { groups[try group(of: runs[index].block)].runs.append(index) }
        for index in words.indices { groups[try group(of: words[index].block)].words.append(index) }
        for index in texts.indices {
            if case .variableString = source.blocks[texts[index].block].part.type {
                variableTexts.append(index)
            } else {
                groups[try group(of: texts[index].block)].texts.append(index)
            }
        }
    }

    private mutating func group(of index: Int) throws(TableError) -> Int {
        let block = source.blocks[index]
        if let group = groups.firstIndex(where: { $0.matrix.dataset.path == block.dataset.path }) { return group }
        var parts: [ElementPart] = []
        for other in source.blocks where other.dataset.path == block.dataset.path && !other.isVariableString {
            if !parts.contains(where: { $0.name == other.part.name }) { parts.append(other.part) }
        }
        do {
            let reader = try TileReader(block.dataset, parts: parts, along: block.matrix.rowAxis)
            groups.append(Group(reader: reader, matrix: block.matrix))
        } catch {
            throw TableError(error, file: source.name, dataset: block.dataset.path)
        }
        return groups.count - 1
    }

    /// The rows of a window. They follow from the file and the columns alone, not from the workers.
    var windowRows: Int {
        let rowBytes = width * 4 + words.count * 8 + texts.count * MemoryLayout<String?>.stride
        guard rowBytes > 0 else { return Self.emptyRows }
        let rows = max(1, Self.windowBytes / rowBytes)
        let chunked = groups.filter(\.reader.isGrid)
        guard let tallest = chunked.max(by: { $0.tileRows < $1.tileRows }) else { return rows }
        let step = tallest.tileRows
        let acrossCount = tallest.reader.tiles(covering: 0..<1).count
        let wanted = max(rows, step * ((Self.tilesPerWindow + acrossCount - 1) / acrossCount))
        if wanted * rowBytes <= Self.byteLimit, wanted >= step { return wanted / step * step }
        let limit = Self.byteLimit / rowBytes
        if limit >= step { return limit / step * step }
        return max(1, min(step, Self.chunkRowByteLimit / rowBytes))
    }
}

extension HDF5Block {
    fileprivate var isVariableString: Bool {
        if case .variableString = part.type { true } else { false }
    }
}
