extension CSVSource {
    /// Rows in a chunk, and floats in a chunk of wide rows (1 MiB).
    private static let chunkRows = 4_096
    private static let chunkValues = 1 << 18

    public func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        for column in selection.numeric + selection.text.map(\.column) {
            precondition(columnNames.indices.contains(column), "there is no column \(column) in \(name)")
        }
        var reader = try reader()
        let numeric = selection.numeric
        var texts = selection.text.map(TextColumn.init)
        let width = max(1, numeric.count + texts.count)
        let chunkRows = max(1, min(Self.chunkRows, Self.chunkValues / width))
        var chunk = RowChunk(firstRow: 0, rowCount: 0, numbers: [], codes: [], levels: texts.map { $0.levels ?? [] })
        chunk.numbers.reserveCapacity(chunkRows * numeric.count)
        chunk.codes.reserveCapacity(chunkRows * texts.count)
        var scratch: [UInt8] = []

        while try reader.next() {
            for column in numeric {
                let text = reader.bytes(of: column)
                if let number = NumberText.float(text) {
                    chunk.numbers.append(number)
                } else {
                    chunk.numbers.append(try missingOrQuoted(text, column: column, in: reader))
                }
            }
            for index in texts.indices {
                let code = reader.withText(of: texts[index].column, &scratch) { texts[index].code(of: $0) }
                chunk.codes.append(code)
            }
            chunk.rowCount += 1
            if chunk.rowCount == chunkRows { try deliver(&chunk, texts, to: body) }
        }
        if chunk.rowCount > 0 { try deliver(&chunk, texts, to: body) }
    }

    private func deliver(
        _ chunk: inout RowChunk, _ texts: [TextColumn],
        to body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        for index in texts.indices { texts[index].bring(&chunk.levels[index]) }
        try body(chunk)
        chunk.firstRow += chunk.rowCount
        chunk.rowCount = 0
        chunk.numbers.removeAll(keepingCapacity: true)
        chunk.codes.removeAll(keepingCapacity: true)
    }

    /// The value of a text that is not just a number.
    private func missingOrQuoted(
        _ text: UnsafeBufferPointer<UInt8>, column: Int, in reader: borrowing CSVReader
    ) throws(TableError) -> Float {
        let trimmed = NumberText.trimmed(text)
        if NumberText.isMissing(trimmed) { return .nan }
        if let number = NumberText.float(trimmed) { return number }
        let found = reader.text(of: column)
        let name = columnNames[column]
        let what =
            NumberText.isNotFinite(trimmed)
            ? "'\(found.shortened)' is not a finite number"
            : "expected a number, found '\(found.shortened)'\(Self.hint(on: trimmed))"
        throw TableError(
            .badData, file: self.name, line: reader.line, column: name,
            """
            \(what): correct it, leave the value empty or write NA if it is missing, or declare the column with \
            `--categorical \(name)`
            """)
    }

    private static func hint(on text: UnsafeBufferPointer<UInt8>) -> String {
        guard NumberText.isFigure(text) && text.contains(ASCII.comma) else { return "" }
        return " (decimals are written with a point, and thousands are not grouped)"
    }
}

/// Turns the texts of one column into codes.
private struct TextColumn {
    let column: Int
    /// The levels given; any other text then has no code.
    let levels: [String]?
    private var table = LevelTable()
    /// The position among the levels given of each level in the table, which differ where a level is given twice.
    private var positions: [Int32] = []

    init(_ selection: ColumnSelection.Text) {
        column = selection.column
        levels = selection.levels
        for (position, level) in (selection.levels ?? []).enumerated() {
            var text = level
            if text.withUTF8({ table.add($0).isNew }) { positions.append(Int32(position)) }
        }
    }

    mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
        if NumberText.isMissing(NumberText.trimmed(text)) { return RowChunk.missing }
        guard levels != nil else { return table.add(text).code }
        return table.code(of: text).map { positions[Int($0)] } ?? RowChunk.unseen
    }

    /// Adds the levels met since the last chunk.
    func bring(_ levels: inout [String]) {
        guard self.levels == nil else { return }
        for code in levels.count..<table.count { levels.append(table.level(code)) }
    }
}
