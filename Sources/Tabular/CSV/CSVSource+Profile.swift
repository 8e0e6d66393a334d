extension CSVSource {
    /// Memory for the levels of all columns together.
    private static let levelMemory = 256 << 20

    /// One pass over every row.
    ///
    /// A column's levels are `nil` beyond `ColumnProfile.levelLimit`; when it has more than 4,096 distinct numbers
    /// written with a fraction, and so is plainly continuous; or when the levels of the table outgrow 256 MiB at it.
    /// Numbers of more digits than a `Double` holds enter mean, variance and range with an error of a few units in its
    /// last place. Sums are taken text by text, in the order of the file.
    public func profile() throws(TableError) -> TableProfile { try profile(keepingUpTo: 0).profile }

    public func profile(
        keepingUpTo byteLimit: Int
    ) throws(TableError) -> (profile: TableProfile, rows: any TableSource) {
        let count = columnNames.count
        let pass = try pass(
            request(
                .profile, numbers: Array(0..<count),
                texts: (0..<count).map { CSVRequest.Text(column: $0, given: nil) }))
        var columns = Array(repeating: ColumnAccumulator(), count: count)
        var rowCount = 0
        var newLevels = 0
        var kept: KeptRows? = byteLimit > 0 ? KeptRows(columnCount: count, byteLimit: byteLimit) : nil
        try pass.run { text, line throws(TableError) in
            var text = text
            try rejects?.add(text.rejected, of: name, line: line)
            for column in 0..<count {
                let before = columns[column].levels?.count ?? 0
                let translation = columns[column].merge(text.tallies[column], text.texts[column], line: line)
                newLevels += (columns[column].levels?.count ?? 0) - before
                if translation == nil { pass.giveUpLevels(of: column) }
                // Where all values are numbers, they tell the codes.
                if let translation, kept != nil, text.tallies[column].textCount > 0 {
                    text.texts[column].translate(by: translation)
                } else {
                    text.texts[column].codes = []
                }
            }
            rowCount += text.rowCount
            // Counting the memory costs a pass over the columns: it is done when some has surely been added.
            if newLevels >= 4_096 {
                newLevels = 0
                Self.boundLevels(of: &columns)
                for column in 0..<count where columns[column].levels == nil { pass.giveUpLevels(of: column) }
            }
            if kept?.append(text) == false { kept = nil }
        }
        let names = columnNames
        let profile = TableProfile(
            rowCount: rowCount,
            columns: columns.enumerated().map { $0.element.profile(name: names[$0.offset], rowCount: rowCount) })
        guard let kept else { return (profile, self) }
        return (profile, KeptTable(source: self, rows: kept, columns: columns))
    }

    /// Gives up the largest columns until the rest fits.
    private static func boundLevels(of columns: inout [ColumnAccumulator]) {
        var total = columns.reduce(0) { $0 + $1.byteCount }
        while total > levelMemory {
            guard let largest = columns.indices.max(by: { columns[$0].byteCount < columns[$1].byteCount }) else {
                return
            }
            total -= columns[largest].byteCount
            columns[largest].giveUpLevels()
        }
    }
}

extension TextColumn {
    /// Replaces codes by those of another numbering.
    mutating func translate(by translation: [Int32]) {
        for row in codes.indices where codes[row] >= 0 { codes[row] = translation[Int(codes[row])] }
    }
}
