internal import HDF5

extension HDF5Source {
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

        let columns = selection.text.map { place(of: $0.column) }
        // Where each text column of the selection stands among those read as words or as texts.
        let isText = columns.map { blocks[$0.block].content == .string }
        let reading = try HDF5Reading(
            self, runs: runs(selection.numeric), words: zip(columns, isText).filter { !$1 }.map(\.0),
            texts: zip(columns, isText).filter { $1 }.map(\.0))
        var levels = selection.text.map { HDF5Levels(given: $0.levels) }
        var window = HDF5Reading.Window()
        var chunk = RowChunk(firstRow: 0, rowCount: 0, numbers: [], codes: [], levels: levels.map(\.levels))
        var windows = HDF5Prefetch(reading, rowCount: rowCount, readsAhead: workers.count > 1)
        defer { windows.finish() }
        // The numbers change hands, so that they are never copied.
        while try windows.next(&window) {
            swap(&window.numbers, &chunk.numbers)
            defer { swap(&window.numbers, &chunk.numbers) }
            chunk.firstRow = window.rows.lowerBound
            chunk.rowCount = window.rows.count
            chunk.codes.resize(to: window.rows.count * columns.count, filler: 0)
            var used = (words: 0, texts: 0)
            for index in columns.indices {
                if isText[index] {
                    window.code(text: used.texts, as: index, of: columns.count, &levels[index], &chunk.codes)
                    used.texts += 1
                } else {
                    let block = blocks[columns[index].block]
                    window.code(word: used.words, block, as: index, of: columns.count, &levels[index], &chunk.codes)
                    used.words += 1
                }
                if chunk.levels[index].count < levels[index].levels.count { chunk.levels[index] = levels[index].levels }
            }
            try body(chunk)
        }
    }

    func place(of column: Int) -> HDF5Reading.Column {
        let block = blockOfColumn[column]
        return HDF5Reading.Column(block: block, column: column - blocks[block].columns.lowerBound)
    }

    /// The columns as runs that stand side by side both in a block and in the selection.
    func runs(_ columns: [Int]) -> [HDF5Reading.Run] {
        var runs: [HDF5Reading.Run] = []
        for (position, column) in columns.enumerated() {
            let place = place(of: column)
            if let last = runs.last, last.block == place.block, last.columns.upperBound == place.column {
                runs[runs.count - 1].columns = last.columns.lowerBound..<place.column + 1
            } else {
                runs.append(
                    HDF5Reading.Run(
                        block: place.block, columns: place.column..<place.column + 1, destination: position))
            }
        }
        return runs
    }

    private func textFound(in column: Int) -> TableError {
        let block = blocks[blockOfColumn[column]]
        return TableError(
            .badData, file: name, column: columnNames[column],
            "expected numbers, and \(block.path) is of type \(block.part.type): declare the column with "
                + "`--categorical \(columnNames[column])`, or leave it out")
    }
}

// MARK: - Levels

extension HDF5Reading.Window {
    /// Codes the texts of a column, as column `index` of `count` in the rows of `codes`.
    fileprivate func code(
        text column: Int, as index: Int, of count: Int, _ levels: inout HDF5Levels, _ codes: inout [Int32]
    ) {
        for row in 0..<rows.count {
            codes[row * count + index] =
                texts[column * rows.count + row].map { levels.code(of: $0) } ?? RowChunk.missing
        }
    }

    /// Codes the numbers of a column, as column `index` of `count` in the rows of `codes`.
    fileprivate func code(
        word column: Int, _ block: HDF5Block, as index: Int, of count: Int, _ levels: inout HDF5Levels,
        _ codes: inout [Int32]
    ) {
        // Labels repeat: most rows have the word of one met shortly before.
        var recent = [(word: UInt64, code: Int32)?](repeating: nil, count: 64)
        for row in 0..<rows.count {
            let word = words[column * rows.count + row]
            let slot = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 58)
            if let found = recent[slot], found.word == word {
                codes[row * count + index] = found.code
                continue
            }
            let number = block.part.number(word)
            let code = block.isMissing(number) ? RowChunk.missing : levels.code(of: number, block.content)
            recent[slot] = (word, code)
            codes[row * count + index] = code
        }
    }
}
