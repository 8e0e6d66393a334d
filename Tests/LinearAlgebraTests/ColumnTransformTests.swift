import LinearAlgebra
import TestSupport
import Testing

@Suite("y = (x - center) factor + offset, column by column")
struct ColumnTransformTests {
    @Test("Agrees with plain loops, in place and not", arguments: [1, 3, 16, 37], [1, 2, 7, 64])
    func shiftAndScale(columns: Int, rows: Int) {
        var random = CounterRandom.test(columns * 100 + rows)
        let x = random.floats(rows * columns, in: -3...3)
        let numbers = (0..<3).map { _ in random.floats(columns, in: -2...2) }
        for (usesCenter, usesOffset, isPerColumn) in [
            (true, true, true), (true, false, true), (false, true, true), (false, false, true), (true, true, false),
            (false, false, false),
        ] {
            let source = SharedBuffer(x)
            let target = SharedBuffer<Float>(count: x.count)
            let parts = numbers.map { SharedBuffer($0) }
            for output in [target, source] {
                LinearAlgebra.shiftAndScale(
                    MatrixView(source.base, rows: rows, columns: columns),
                    center: usesCenter ? UnsafePointer(parts[0].base) : nil, factor: parts[1].base,
                    offset: usesOffset ? UnsafePointer(parts[2].base) : nil, isPerColumn: isPerColumn,
                    into: MutableMatrixView(output.base, rows: rows, columns: columns))
                let exact = x.enumerated().map { index, value -> Double in
                    let column = isPerColumn ? index % columns : 0
                    return (Double(value) - (usesCenter ? Double(numbers[0][column]) : 0)) * Double(numbers[1][column])
                        + (usesOffset ? Double(numbers[2][column]) : 0)
                }
                #expect(Tolerance(absolute: 1e-6).disagreement(of: output.elements, with: exact) == nil)
            }
        }
    }
}
