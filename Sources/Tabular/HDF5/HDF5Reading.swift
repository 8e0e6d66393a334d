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

    let table: HDF5Table
    let runs: [Run]
    /// Columns whose numbers are wanted as they are in the file.
    let words: [Column]
    let texts: [Column]
    /// The numbers in a row.
    let width: Int
    private(set) var groups: [Group] = []
    private(set) var variableTexts: [Int] = []

    /// The rows of a window. They follow from the file and the columns alone, not from the workers.
    private(set) var windowRows = Self.emptyRows

    init(_ table: HDF5Table, runs: [Run], words: [Column], texts: [Column]) throws(TableError) {
        self.table = table
        self.runs = runs
        self.words = words
        self.texts = texts
        width = runs.reduce(0) { $0 + $1.columns.count }
        let blocks = Dictionary(grouping: table.blocks) { $0.dataset.path }
        var indices: [String: Int] = [:]
        for index in runs.indices { groups[try group(of: runs[index].block, blocks, &indices)].runs.append(index) }
        for index in words.indices { groups[try group(of: words[index].block, blocks, &indices)].words.append(index) }
        for index in texts.indices {
            if case .variableString = table.blocks[texts[index].block].part.type {
                variableTexts.append(index)
            } else {
                groups[try group(of: texts[index].block, blocks, &indices)].texts.append(index)
            }
        }
        windowRows = rowsOfWindow()
    }

    private mutating func group(
        of index: Int, _ blocks: [String: [HDF5Block]], _ indices: inout [String: Int]
    ) throws(TableError) -> Int {
        let block = table.blocks[index]
        if let group = indices[block.dataset.path] { return group }
        var parts: [ElementPart] = []
        for other in blocks[block.dataset.path] ?? [] where !other.isVariableString {
            if !parts.contains(where: { $0.name == other.part.name }) { parts.append(other.part) }
        }
        do {
            let reader = try TileReader(block.dataset, parts: parts, along: block.matrix.rowAxis)
            groups.append(Group(reader: reader, matrix: block.matrix))
        } catch {
            throw TableError(error, file: table.name, dataset: block.dataset.path)
        }
        indices[block.dataset.path] = groups.count - 1
        return groups.count - 1
    }

    /// Whether filters are to be undone.
    var isPacked: Bool { groups.contains { !$0.matrix.dataset.filters.isEmpty } }

    /// The memory of a row.
    var rowBytes: Int { width * 4 + words.count * 8 + texts.count * MemoryLayout<String?>.stride }

    private func rowsOfWindow() -> Int {
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

    /// The first of the windows in which some rows are read.
    func window(of rows: Range<Int>) -> Range<Int> {
        // Windows end where chunks do, wherever the first one begins.
        rows.lowerBound..<min(rows.upperBound, (rows.lowerBound / windowRows + 1) * windowRows)
    }

    // MARK: In any order

    /// Blocks are larger than this (8 MiB) only where the rows of one chunk are.
    private static let largestBlockBytes = 8 << 20

    /// The rows to read at a time where they are read in no order: those of about so many bytes, or of chunks, such that
    /// the least is unpacked in vain.
    func blockRows(bytes: Int) -> Int {
        guard rowBytes > 0 else { return Self.emptyRows }
        let rows = max(1, bytes / rowBytes)
        let steps = Set(groups.filter(\.reader.isGrid).map(\.tileRows)).sorted()
        guard let shortest = steps.first else { return rows }
        let fitting = steps.filter { $0 <= Self.largestBlockBytes / rowBytes }
        let candidates = (fitting.isEmpty ? [shortest] : fitting).map { max(1, rows / $0) * $0 }
        return candidates.min { unpackedBytesPerRow($0) < unpackedBytesPerRow($1) } ?? rows
    }

    /// What reading all rows in blocks of so many unpacks, over their number.
    private func unpackedBytesPerRow(_ blockRows: Int) -> Double {
        groups.filter(\.reader.isGrid).reduce(0) { sum, group in
            let rowBytes = Double(group.reader.tileByteCount / group.tileRows)
            // Blocks begin anywhere in a chunk that is a multiple of the common divisor.
            let unpacked = blockRows + group.tileRows - Self.greatestCommonDivisor(blockRows, group.tileRows)
            return sum + rowBytes * Double(unpacked) / Double(blockRows)
        }
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        var (a, b) = (first, second)
        while b > 0 { (a, b) = (b, a % b) }
        return a
    }
}

extension HDF5Block {
    fileprivate var isVariableString: Bool {
        if case .variableString = part.type { true } else { false }
    }
}
