extension CSVSource {
    /// Memory for the levels of all columns together.
    private static let levelMemory = 256 << 20

    /// One pass over every row.
    ///
    /// A column's levels are `nil` beyond `ColumnProfile.levelLimit`; when it has more than 4,096 distinct numbers
    /// written with a fraction, and so is plainly continuous; or when the levels of the table outgrow 256 MiB at it.
    public func profile() throws(TableError) -> TableProfile {
        var reader = try reader()
        let count = columnNames.count
        var columns = (0..<count).map { _ in ColumnAccumulator(levelLimit: ColumnProfile.levelLimit) }
        var rowCount = 0
        var scratch: [UInt8] = []
        var newLevels = 0
        while try reader.next() {
            let line = reader.line
            for column in 0..<count {
                let isNew = reader.withText(of: column, &scratch) { columns[column].add($0, line: line) }
                if isNew { newLevels += 1 }
            }
            rowCount += 1
            // Counting the memory costs a pass over the columns: it is done when some has surely been added.
            if newLevels >= 4_096 {
                newLevels = 0
                Self.boundLevels(of: &columns)
            }
        }
        let names = columnNames
        return TableProfile(
            rowCount: rowCount, columns: columns.enumerated().map { $0.element.profile(name: names[$0.offset]) })
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
