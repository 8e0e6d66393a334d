/// A dense matrix of single-precision numbers, row by row: a value, for people.
///
/// `element(i, j)` stands at `i * columns + j`. Training works on `SharedBuffer`s; a matrix is how numbers come in
/// and go out where somebody looks at them.
public struct Matrix: Sendable, Hashable, Codable {
    public let rows: Int
    public let columns: Int
    /// The elements, row by row.
    public var elements: [Float]

    /// - Precondition: `elements.count == rows * columns`.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(
            rows >= 0 && columns >= 0 && elements.count == rows * columns,
            "\(elements.count) elements do not fill a \(rows) x \(columns) matrix")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// A matrix filled with one value.
    public init(rows: Int, columns: Int, repeating value: Float = 0) {
        self.init(rows: rows, columns: columns, elements: Array(repeating: value, count: rows * columns))
    }

    /// A matrix from its rows.
    ///
    /// - Precondition: all rows have the same length.
    public init(_ rows: [[Float]]) {
        let columns = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == columns }, "The rows of a matrix must be equally long")
        self.init(rows: rows.count, columns: columns, elements: rows.flatMap { $0 })
    }

    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(column >= 0 && column < columns, "Column \(column) is outside \(columns) columns")
            return elements[row * columns + column]
        }
        set {
            precondition(column >= 0 && column < columns, "Column \(column) is outside \(columns) columns")
            elements[row * columns + column] = newValue
        }
    }

    /// The matrix with rows and columns exchanged.
    public var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { result[column, row] = self[row, column] }
        }
        return result
    }

    /// One row as an array.
    public func row(_ index: Int) -> [Float] {
        Array(elements[index * columns..<(index + 1) * columns])
    }
}

extension Matrix: ExpressibleByArrayLiteral {
    /// `[[1, 2], [3, 4]]` is the matrix with these rows.
    public init(arrayLiteral rows: [Float]...) {
        self.init(rows)
    }
}

extension Matrix: CustomStringConvertible {
    public var description: String {
        (0..<rows).map { index in
            "[" + row(index).map { "\($0)" }.joined(separator: ", ") + "]"
        }
        .joined(separator: "\n")
    }
}

extension Matrix {
    /// Calls `body` with a view of the elements.
    package func withView<Result>(_ body: (MatrixView) -> Result) -> Result {
        elements.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("An empty matrix has no view") }
            return body(MatrixView(base, rows: rows, columns: columns))
        }
    }

    /// The product `x y`, by OpenBLAS.
    ///
    /// - Precondition: `x.columns == y.rows`.
    public static func * (x: Matrix, y: Matrix) -> Matrix {
        precondition(
            x.columns == y.rows,
            "A \(x.rows) x \(x.columns) matrix cannot be multiplied by a \(y.rows) x \(y.columns) one")
        var result = Matrix(rows: x.rows, columns: y.columns)
        x.elements.withUnsafeBufferPointer { left in
            y.elements.withUnsafeBufferPointer { right in
                result.elements.withUnsafeMutableBufferPointer { output in
                    guard let a = left.baseAddress, let b = right.baseAddress, let c = output.baseAddress else {
                        return
                    }
                    multiply(
                        MatrixView(a, rows: x.rows, columns: x.columns), .no,
                        MatrixView(b, rows: y.rows, columns: y.columns), .no,
                        into: MutableMatrixView(c, rows: x.rows, columns: y.columns))
                }
            }
        }
        return result
    }
}
