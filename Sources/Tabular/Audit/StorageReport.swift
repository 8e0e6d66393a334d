internal import HDF5

/// How a dataset of a table lies in its file, and what that means for reading it.
public struct StorageReport: Sendable {
    public let path: String
    /// The extents of a chunk; `nil` in one piece.
    public let chunkShape: [Int]?
    /// The names of the filters, such as deflate.
    public let filters: [String]
    public let storedBytes: Int
    public let bytes: Int
    /// The rows that are unpacked where one is wanted, with what they take.
    public let rowsPerAccess: Int
    public let bytesPerAccess: Int
    /// How often each value is unpacked when all rows are read in order.
    public let sequentialAmplification: Double

    /// Whether other chunks would be better.
    public var isUnfavourable: Bool {
        chunkShape != nil && (sequentialAmplification > 1.05 || bytesPerAccess > 64 << 20 || isCrumbs)
    }

    /// Many chunks so small that finding each costs more than reading it.
    private var isCrumbs: Bool {
        guard let chunkShape else { return false }
        let chunkBytes = bytesPerElement * chunkShape.reduce(1, *)
        return chunkBytes < 8 << 10 && bytes > 64 * chunkBytes
    }

    let bytesPerElement: Int
}

extension HDF5Source {
    /// How the datasets of the table are stored, each once.
    public var storage: [StorageReport] {
        var seen: Set<String> = []
        // Those of texts beside numbers are read for them alone.
        let named = blocks.dropLast(table.textColumns.count)
        return named.filter { seen.insert($0.dataset.path).inserted }.map { block in
            let dataset = block.dataset
            let rowElements = max(1, block.matrix.columnCount)
            let rowBytes = rowElements * dataset.elementByteCount
            var chunkShape: [Int]?
            var rows = 1
            if case .chunked(let shape) = dataset.layout {
                chunkShape = shape
                rows = max(1, min(shape[block.matrix.rowAxis], rowCount))
            }
            return StorageReport(
                path: dataset.path, chunkShape: chunkShape, filters: dataset.filters.map(\.name),
                storedBytes: dataset.storedByteCount, bytes: dataset.elementCount * dataset.elementByteCount,
                rowsPerAccess: rows, bytesPerAccess: rows * rowBytes,
                sequentialAmplification: sequentialAmplification(chunkRows: rows, rowElements: rowElements),
                bytesPerElement: dataset.elementByteCount)
        }
    }

    /// A chunk is unpacked again in every window that has some of its rows.
    private func sequentialAmplification(chunkRows: Int, rowElements: Int) -> Double {
        guard let reading = try? HDF5Reading(table, runs: table.runs(numericColumns), words: [], texts: []) else {
            return 1
        }
        let windowRows = max(1, reading.windowRows)
        guard chunkRows > 1, rowCount > windowRows else { return 1 }
        var unpacked = 0
        for first in stride(from: 0, to: rowCount, by: windowRows) {
            let end = min(first + windowRows, rowCount)
            unpacked += (end + chunkRows - 1) / chunkRows * chunkRows - first / chunkRows * chunkRows
        }
        return Double(unpacked) / Double((rowCount + chunkRows - 1) / chunkRows * chunkRows)
    }

    private var numericColumns: [Int] { columnNames.indices.filter { table.block(of: $0).isNumeric } }
}
