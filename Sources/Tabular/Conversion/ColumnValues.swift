internal import HDF5

/// Where the values of a column stand in the chunks that a source delivers.
struct ColumnValues: Sendable {
    private enum Place: Sendable {
        case numeric(Int)
        /// At double precision, and as the float that it must round to.
        case exact(Int, numeric: Int)
        /// Whole numbers by their texts.
        case long(text: Int)
        /// Codes are positions among the levels that were given.
        case code(text: Int)
        case text(Int)
    }

    private let place: Place

    /// Adds to `selection` what has to be read of a column.
    init(_ content: StorageLayout.Content, _ plan: ConversionPlan, _ selection: inout ColumnSelection) {
        switch content {
        case .number(let column):
            switch plan.columns[column].form {
            case .single: place = .numeric(selection.numeric.append(index: column))
            case .exact:
                place = .exact(selection.exact.append(index: column), numeric: selection.numeric.append(index: column))
            case .long: place = .long(text: selection.text.append(index: .init(column: column, isPerChunk: true)))
            case .levels, .texts: preconditionFailure("Column \(column) does not hold numbers")
            }
        case .code(let column):
            var levels = plan.columns[column].texts
            if case .levels(let own) = plan.columns[column].form { levels = own }
            place = .code(text: selection.text.append(index: .init(column: column, levels: levels ?? [])))
        }
    }

    /// Adds a column to be read as texts.
    init(textsOf column: Int, _ selection: inout ColumnSelection) {
        place = .text(selection.text.append(index: .init(column: column, isPerChunk: true)))
    }

    /// The texts of a column; empty where one is missing.
    func texts(of chunk: borrowing RowChunk) -> [String] {
        guard case .text(let index) = place else { preconditionFailure("The column is not read as texts") }
        let width = chunk.levels.count
        let levels = chunk.levels[index]
        let codes = chunk.codes
        return (0..<chunk.rowCount).map { row in
            let code = codes[row * width + index]
            return code < 0 ? "" : levels[Int(code)]
        }
    }

    /// Hands out the numbers of some rows, NaN where one is missing, until `body` returns `false`.
    ///
    /// A number of double precision that would round to another float than its text does, as happens where it lies halfway
    /// between two, gives way to its neighbour.
    @inline(__always)
    func forEachNumber(
        of chunk: borrowing RowChunk, _ rows: Range<Int>, _ body: (Double) -> Bool
    ) -> Bool {
        switch place {
        case .numeric(let index):
            let width = chunk.numbers.count / max(1, chunk.rowCount)
            let numbers = chunk.numbers
            return numbers.withUnsafeBufferPointer { numbers in
                rows.allSatisfy { body(Double(numbers[$0 * width + index])) }
            }
        case .exact(let index, let numeric):
            let width = chunk.doubles.count / max(1, chunk.rowCount)
            let floatWidth = chunk.numbers.count / max(1, chunk.rowCount)
            let doubles = chunk.doubles
            let floats = chunk.numbers
            return rows.allSatisfy { row in
                let number = doubles[row * width + index]
                let float = floats[row * floatWidth + numeric]
                if Float(number) == float || number.isNaN { return body(number) }
                return body(Float(number) < float ? number.nextUp : number.nextDown)
            }
        case .long(let index):
            return forEachText(index, chunk, rows) { body($0.flatMap { Double($0) } ?? .nan) }
        case .code, .text: return false
        }
    }

    /// Hands out the whole numbers or codes of some rows, `nil` where one is none of the type, until `body` returns `false`.
    @inline(__always)
    func forEachInteger<Value: FixedWidthInteger>(
        of chunk: borrowing RowChunk, _ rows: Range<Int>, _ body: (Value?) -> Bool
    ) -> Bool {
        switch place {
        case .numeric, .exact:
            return forEachNumber(of: chunk, rows) { body(Value(exactly: $0)) }
        case .long(let index):
            return forEachText(index, chunk, rows) { body($0.flatMap { Value($0) }) }
        case .code(let index):
            let width = chunk.levels.count
            let codes = chunk.codes
            return rows.allSatisfy { row in
                let code = codes[row * width + index]
                return body(code == RowChunk.unseen ? nil : Value(exactly: code))
            }
        case .text: return false
        }
    }

    private func forEachText(
        _ index: Int, _ chunk: borrowing RowChunk, _ rows: Range<Int>, _ body: (String?) -> Bool
    ) -> Bool {
        let width = chunk.levels.count
        let levels = chunk.levels[index]
        let codes = chunk.codes
        return rows.allSatisfy { row in
            let code = codes[row * width + index]
            return body(code < 0 ? nil : levels[Int(code)])
        }
    }
}

extension Array {
    /// Appends an element, and tells where it is.
    fileprivate mutating func append(index element: Element) -> Int {
        append(element)
        return count - 1
    }
}
