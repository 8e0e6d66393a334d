internal import HDF5

/// A dataset as rows and columns: one axis counts the rows, the others make up the columns.
struct HDF5Matrix: Sendable {
    let dataset: Dataset
    /// The first axis, and in files by MATLAB, which stores the columns of a matrix one after the other, the last.
    let rowAxis: Int

    init(_ dataset: Dataset, isColumnMajor: Bool = false) {
        self.dataset = dataset
        rowAxis = isColumnMajor ? max(dataset.shape.count - 1, 0) : 0
    }

    /// A scalar is one row.
    var rowCount: Int { dataset.shape.isEmpty ? 1 : dataset.shape[rowAxis] }

    /// The elements in a row.
    var columnCount: Int {
        // The dataset vouches that its elements can be counted, not that the columns of an empty one can.
        dataset.shape.enumerated().reduce(1) { product, axis in
            axis.offset == rowAxis ? product : product.multipliedReportingOverflow(by: axis.element).partialValue
        }
    }

    /// The axes that make up the columns.
    var columnAxes: [Int] { dataset.shape.indices.filter { $0 != rowAxis } }
}

// MARK: - From tiles to rows and columns

extension HDF5Matrix {
    /// The columns that a tile may hold some of.
    func columns(of tile: TileReader.Tile) -> Range<Int> {
        var first = 0
        var last = 0
        for axis in columnAxes {
            first = first * dataset.shape[axis] + tile.origin[axis]
            last = last * dataset.shape[axis] + min(tile.origin[axis] + tile.extents[axis], dataset.shape[axis]) - 1
        }
        return first..<last + 1
    }

    /// Hands out the values of a tile that lie in the rows and columns wanted, as grids whose columns follow one
    /// another in the table.
    func grids<Failure: Error>(
        of tile: TileReader.Tile, _ bytes: UnsafeRawBufferPointer, rows: Range<Int>, columns: Range<Int>,
        part: ElementPart,
        _ body: (_ grid: ValueGrid, _ firstRow: Int, _ firstColumn: Int) throws(Failure) -> Void
    ) throws(Failure) {
        let start = tile.origin[rowAxis]
        let end = min(start + tile.extents[rowAxis], dataset.shape[rowAxis])
        let rows = rows.clamped(to: start..<end)
        guard !rows.isEmpty, let base = bytes.baseAddress else { return }
        var strides = tile.extents
        var step = dataset.elementByteCount
        for axis in strides.indices.reversed() { (strides[axis], step) = (step, step * strides[axis]) }
        let first = base + part.offset + (rows.lowerBound - start) * strides[rowAxis]

        func grid(_ start: UnsafeRawPointer, _ values: Int, _ valueStride: Int) -> ValueGrid {
            ValueGrid(
                start: start, rows: rows.count, values: values, rowStride: strides[rowAxis], valueStride: valueStride)
        }
        let axes = columnAxes
        guard part.count == 1, let inner = axes.last else {
            // One element per row, and all columns in it.
            try body(
                grid(first + columns.lowerBound * part.stride, columns.count, part.stride), rows.lowerBound,
                columns.lowerBound)
            return
        }
        let inside = axes.map { min(tile.extents[$0], dataset.shape[$0] - tile.origin[$0]) }
        var position = axes.map { _ in 0 }
        while true {
            var column = 0
            var source = first
            for (index, axis) in axes.enumerated() {
                column = column * dataset.shape[axis] + tile.origin[axis] + position[index]
                source += position[index] * strides[axis]
            }
            let wanted = columns.clamped(to: column..<column + inside[axes.count - 1])
            if !wanted.isEmpty {
                try body(
                    grid(source + (wanted.lowerBound - column) * strides[inner], wanted.count, strides[inner]),
                    rows.lowerBound, wanted.lowerBound)
            }
            guard Self.advance(&position, within: inside) else { return }
        }
    }

    /// The next place of all axes but the last, which is handed out as a whole.
    private static func advance(_ position: inout [Int], within extents: [Int]) -> Bool {
        for index in position.indices.dropLast().reversed() {
            position[index] += 1
            if position[index] < extents[index] { return true }
            position[index] = 0
        }
        return false
    }
}
