internal import HDF5

extension HDF5Source {
    /// Rows in a chunk, and values in one of wide rows: 1 MiB of floats, or up to 4 where HDF5's own chunks are larger.
    private static let chunkRows = 4_096
    private static let chunkValues = 1 << 18

    /// Delivers the selected columns in row order, chunk by chunk.
    ///
    /// - Throws: `TableError` for a number that is not finite, for texts where numbers are asked for, and whatever
    ///   `body` throws.
    public func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        for column in selection.numeric + selection.text.map(\.column) {
            precondition(columnNames.indices.contains(column), "there is no column \(column) in \(name)")
        }
        for column in selection.numeric where !blocks[blockOfColumn[column]].isNumeric { throw textFound(in: column) }

        let step = chunkRows(for: selection)
        let runs = numericRuns(selection.numeric)
        var texts = selection.text.map { HDF5Levels(given: $0.levels) }
        var scratch: [Float] = []
        var chunk = RowChunk(firstRow: 0, rowCount: 0, numbers: [], codes: [], levels: texts.map(\.levels))
        for first in stride(from: 0, to: rowCount, by: step) {
            let rows = first..<min(first + step, rowCount)
            chunk.firstRow = first
            chunk.rowCount = rows.count
            chunk.numbers.resize(to: rows.count * selection.numeric.count)
            chunk.codes.resize(to: rows.count * selection.text.count)
            try readNumbers(rows, runs, into: &chunk.numbers, width: selection.numeric.count, &scratch)
            try readCodes(rows, selection.text, &texts, into: &chunk.codes)
            for index in texts.indices where chunk.levels[index].count < texts[index].levels.count {
                chunk.levels[index] = texts[index].levels
            }
            try body(chunk)
        }
    }

    private func chunkRows(for selection: ColumnSelection) -> Int {
        let columns = selection.numeric + selection.text.map(\.column)
        let used = Set(columns.map { blockOfColumn[$0] }).map { blocks[$0] }
        guard let widest = used.max(by: { $0.width < $1.width }) else { return Self.chunkRows }
        // A row costs what is read of it, which is whole rows of the datasets, or what is delivered.
        let width = max(columns.count, widest.width)
        let rows = max(1, min(Self.chunkRows, Self.chunkValues / width))
        return widest.windowRows(about: rows, atMost: min(Self.chunkRows, rows * 4))
    }

    private func textFound(in column: Int) -> TableError {
        let block = blocks[blockOfColumn[column]]
        return TableError(
            .badData, file: name, column: columnNames[column],
            "expected numbers, and \(block.dataset.path) is of type \(block.dataset.elementType): declare the column with "
                + "`--categorical \(columnNames[column])`, or leave it out")
    }
}

// MARK: - Numbers

/// Columns that stand side by side in a dataset and in the selection.
private struct HDF5Run {
    let block: Int
    /// The first column, within the block and within the selection.
    let source: Int
    let destination: Int
    var length: Int
}

extension HDF5Source {
    /// The selection as runs, those of one block together.
    private func numericRuns(_ columns: [Int]) -> [HDF5Run] {
        var runs: [HDF5Run] = []
        for (position, column) in columns.enumerated() {
            let block = blockOfColumn[column]
            let source = column - blocks[block].columns.lowerBound
            if let last = runs.last, last.block == block, last.source + last.length == source {
                runs[runs.count - 1].length += 1
            } else {
                runs.append(HDF5Run(block: block, source: source, destination: position, length: 1))
            }
        }
        return runs.enumerated().sorted { ($0.element.block, $0.offset) < ($1.element.block, $1.offset) }.map(\.element)
    }

    private func readNumbers(
        _ rows: Range<Int>, _ runs: [HDF5Run], into numbers: inout [Float], width: Int, _ scratch: inout [Float]
    ) throws(TableError) {
        var readBlock: Int?
        for run in runs {
            let block = blocks[run.block]
            if run.length == width && width == block.width {
                try numbers.withUnsafeMutableBufferPointer { (buffer) throws(TableError) in
                    _ = try block.readNumbers(rows, into: buffer, file: name)
                }
                return
            }
            if readBlock != run.block {
                scratch.resize(to: rows.count * block.width)
                try scratch.withUnsafeMutableBufferPointer { (buffer) throws(TableError) in
                    _ = try block.readNumbers(rows, into: buffer, file: name)
                }
                readBlock = run.block
            }
            for row in 0..<rows.count {
                for offset in 0..<run.length {
                    numbers[row * width + run.destination + offset] = scratch[row * block.width + run.source + offset]
                }
            }
        }
    }
}

// MARK: - Levels

extension HDF5Source {
    private func readCodes(
        _ rows: Range<Int>, _ selection: [ColumnSelection.Text], _ texts: inout [HDF5Levels],
        into codes: inout [Int32]
    ) throws(TableError) {
        for index in texts.indices {
            let block = blocks[blockOfColumn[selection[index].column]]
            let column = selection[index].column - block.columns.lowerBound
            if block.content == .string {
                let values = try block.readTexts(rows, file: name)
                for row in 0..<rows.count {
                    let text = values[row * block.width + column]
                    codes[row * texts.count + index] = text.map { texts[index].code(of: $0) } ?? RowChunk.missing
                }
            } else {
                let values = try block.readExact(rows, file: name)
                for row in 0..<rows.count {
                    let number = values[row * block.width + column]
                    codes[row * texts.count + index] =
                        number.map { texts[index].code(of: $0, block.content) } ?? RowChunk.missing
                }
            }
        }
    }
}

extension Array where Element: Numeric {
    /// Makes the array as long as asked, without allocating where it was that long before.
    fileprivate mutating func resize(to count: Int) {
        if self.count > count {
            removeLast(self.count - count)
        } else if self.count < count {
            append(contentsOf: repeatElement(0, count: count - self.count))
        }
    }
}
