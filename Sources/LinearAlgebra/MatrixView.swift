/// A row-major matrix in memory that somebody else owns, for the duration of a call.
public struct MatrixView {
    package let base: UnsafePointer<Float>
    public let rows: Int
    public let columns: Int

    package init(_ base: UnsafePointer<Float>, rows: Int, columns: Int) {
        self.base = base
        self.rows = rows
        self.columns = columns
    }

    package var count: Int { rows * columns }

    /// The elements as a value.
    public var matrix: Matrix {
        Matrix(rows: rows, columns: columns, elements: Array(UnsafeBufferPointer(start: base, count: count)))
    }
}

/// A row-major matrix, to be written, in memory that somebody else owns.
public struct MutableMatrixView {
    package let base: UnsafeMutablePointer<Float>
    public let rows: Int
    public let columns: Int

    package init(_ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
        self.base = base
        self.rows = rows
        self.columns = columns
    }

    package var count: Int { rows * columns }

    /// The same memory, to be read.
    package var readOnly: MatrixView { MatrixView(base, rows: rows, columns: columns) }
}

extension MutableMatrixView {
    /// Overwrites the elements with those of a matrix of the same size.
    package func copy(from other: MatrixView) {
        guard other.base != UnsafePointer(base) else { return }
        base.update(from: other.base, count: count)
    }
}
