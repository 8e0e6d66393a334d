import LinearAlgebra
import Testing

/// The matrix that a kernel writes. Its memory starts as NaN, so that an element left out shows, and has NaN on both
/// sides, so that a kernel that writes past an end shows too.
func written(_ rows: Int, _ columns: Int, by body: (MutableMatrixView) -> Void) -> Matrix {
    let margin = 16
    let count = rows * columns
    let buffer = SharedBuffer<Float>(Array(repeating: .nan, count: count + 2 * margin))
    body(MutableMatrixView(buffer.base + margin, rows: rows, columns: columns))
    let elements = buffer.elements
    #expect(
        elements[..<margin].allSatisfy { $0.isNaN } && elements[(margin + count)...].allSatisfy { $0.isNaN },
        "A kernel wrote outside its \(rows) x \(columns) output")
    return Matrix(rows: rows, columns: columns, elements: Array(elements[margin..<margin + count]))
}

/// The matrix after a kernel changed it in place.
func changed(_ matrix: Matrix, by body: (MutableMatrixView) -> Void) -> Matrix {
    written(matrix.rows, matrix.columns) { view in
        matrix.withView { view.copy(from: $0) }
        body(view)
    }
}

/// Sizes around the widths of vectors, lanes and blocks.
let awkwardSizes = [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 257]
