extension CSVSource {
    public func read(
        _ selection: ColumnSelection, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        for column in selection.numeric + selection.text.map(\.column) + selection.exact + selection.times {
            precondition(columnNames.indices.contains(column), "there is no column \(column) in \(name)")
        }
        var slots: [Int: Int] = [:]
        var numbers: [Int] = []
        let positions = selection.numeric.map { column in
            if let slot = slots[column] { return slot }
            slots[column] = numbers.count
            numbers.append(column)
            return numbers.count - 1
        }
        let pass = try pass(
            request(
                .read, numbers: numbers,
                texts: selection.text.map {
                    CSVRequest.Text(
                        column: $0.column, given: $0.levels.map(GivenLevels.init), isStrict: $0.isStrict)
                }, exact: selection.exact, times: selection.times))
        let repeats = numbers.count < selection.numeric.count
        let isGiven = selection.text.map { $0.levels != nil }
        var tables = selection.text.map { _ in LevelTable() }
        var levels = selection.text.map { $0.levels ?? [] }
        var firstRow = 0
        try pass.run { text, line throws(TableError) in
            var text = text
            try rejects?.add(text.rejected, of: name, line: line)
            for index in tables.indices where !isGiven[index] {
                guard let own = text.texts[index].levels else { continue }
                guard !selection.text[index].isPerChunk else {
                    levels[index] = (0..<own.count).map { own.level($0) }
                    continue
                }
                let translation = (0..<own.count).map { code in own.withText(of: code) { tables[index].add($0).code } }
                text.texts[index].translate(by: translation)
                for code in levels[index].count..<tables[index].count {
                    levels[index].append(tables[index].level(code))
                }
            }
            var values = text.numbers
            if repeats {
                let width = numbers.count
                values = (0..<text.rowCount).flatMap { row in positions.map { text.numbers[row * width + $0] } }
            }
            guard text.rowCount > 0 else { return }
            try body(
                RowChunk(
                    firstRow: firstRow, rowCount: text.rowCount, numbers: values,
                    codes: Self.rowByRow(text.texts.map(\.codes), rowCount: text.rowCount), levels: levels,
                    doubles: text.doubles, times: text.times))
            firstRow += text.rowCount
        }
    }

    /// The codes of columns, row by row.
    static func rowByRow(_ columns: [[Int32]], rowCount: Int) -> [Int32] {
        guard columns.count != 1 else { return columns[0] }
        var codes = [Int32](repeating: 0, count: rowCount * columns.count)
        for (index, column) in columns.enumerated() {
            for row in 0..<rowCount { codes[row * columns.count + index] = column[row] }
        }
        return codes
    }
}
