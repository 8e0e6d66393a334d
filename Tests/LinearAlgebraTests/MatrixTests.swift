import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("Matrices")
struct MatrixTests {
    @Test("Elements stand row by row")
    func order() {
        var matrix: Matrix = [[1, 2, 3], [4, 5, 6]]
        #expect(matrix.rows == 2 && matrix.columns == 3)
        #expect(matrix.elements == [1, 2, 3, 4, 5, 6])
        #expect(matrix[1, 0] == 4)
        #expect(matrix.row(1) == [4, 5, 6])
        matrix[0, 2] = 7
        #expect(matrix == [[1, 2, 7], [4, 5, 6]])
        #expect(Matrix(rows: 1, columns: 2, repeating: 3) == [[3, 3]])
        #expect(Matrix([]).rows == 0)
    }

    @Test("Transposing exchanges rows and columns, and twice changes nothing")
    func transposition() {
        let matrix: Matrix = [[1, 2, 3], [4, 5, 6]]
        #expect(matrix.transposed == [[1, 4], [2, 5], [3, 6]])
        #expect(matrix.transposed.transposed == matrix)
    }

    @Test("A matrix prints as its rows")
    func description() {
        let matrix: Matrix = [[1, -2.5], [0, 1e10]]
        #expect(matrix.description == "[1.0, -2.5]\n[0.0, 1e+10]")
    }

    @Test("A matrix survives coding")
    func coding() throws {
        var random = CounterRandom.test(1)
        let matrix = random.matrix(3, 5)
        let data = try JSONEncoder().encode(matrix)
        #expect(try JSONDecoder().decode(Matrix.self, from: data) == matrix)
    }

    @Test("A view shows the elements; its copy is a value")
    func views() {
        let matrix: Matrix = [[1, 2], [3, 4]]
        let copy = matrix.withView { view in
            #expect(view.rows == 2 && view.columns == 2 && view.count == 4)
            return view.matrix
        }
        #expect(copy == matrix)
    }
}
