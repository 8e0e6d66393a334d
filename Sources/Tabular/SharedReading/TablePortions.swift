/// Cuts a table's rows into portions that follow one another. Sums are taken over the rows of a portion, and then over
/// the portions, in order: they are the same to the bit whoever reads which portions.
///
/// The portions follow from the table's size alone. They are many enough to be shared out among ranks, and few enough for
/// all ranks to have what each of them taught: 40 MB or less, unless there are more than 32,768 columns.
struct TablePortions: Sendable, Hashable {
    /// Portions have a multiple of so many rows.
    private static let step = 4_096
    private static let counts = 16...256
    /// Portions times columns.
    private static let valueLimit = 1 << 19

    let rowCount: Int
    /// The rows of every portion but the last.
    let portionRows: Int

    /// - Parameter columns: The numbers of a row of which something is learned.
    init(rowCount: Int, columns: Int) {
        let limit = min(max(Self.valueLimit / max(1, columns), Self.counts.lowerBound), Self.counts.upperBound)
        self.rowCount = rowCount
        portionRows = max(1, (rowCount + limit * Self.step - 1) / (limit * Self.step)) * Self.step
    }

    /// The number of portions.
    var count: Int { (rowCount + portionRows - 1) / portionRows }

    /// The portions that a rank reads. Where there are more ranks than portions, some read none.
    func portions(ofRank rank: Int, of ranks: Int) -> Range<Int> {
        rank * count / ranks..<(rank + 1) * count / ranks
    }

    /// The rows that a rank reads.
    func rows(ofRank rank: Int, of ranks: Int) -> Range<Int> {
        let portions = portions(ofRank: rank, of: ranks)
        return min(rowCount, portions.lowerBound * portionRows)..<min(rowCount, portions.upperBound * portionRows)
    }

    /// The rows that this rank reads.
    func rows(of readers: any TableReaders) -> Range<Int> { rows(ofRank: readers.rank, of: readers.rankCount) }

    /// Cuts rows of the table where portions end.
    func runs(of rows: Range<Int>) -> [(portion: Int, rows: Range<Int>)] {
        guard !rows.isEmpty else { return [] }
        return (rows.lowerBound / portionRows...(rows.upperBound - 1) / portionRows).map { portion in
            (portion, rows.clamped(to: portion * portionRows..<(portion + 1) * portionRows))
        }
    }

    /// Cuts rows that were encoded where portions end.
    func runs(of samples: Samples, rows: Range<Int>) -> [(portion: Int, rows: Range<Int>)] {
        var runs: [(portion: Int, rows: Range<Int>)] = []
        var first = rows.lowerBound
        while first < rows.upperBound {
            let portion = samples.tableRow(first) / portionRows
            let end = min(rows.upperBound, samples.firstRow(from: (portion + 1) * portionRows))
            runs.append((portion, first..<end))
            first = end
        }
        return runs
    }
}

extension Samples {
    /// The first row, by index, that stands at a position of the table or behind it.
    func firstRow(from position: Int) -> Int {
        guard let tableRows else { return min(max(0, position), rowCount) }
        var (low, high) = (0, rowCount)
        while low < high {
            let middle = (low + high) / 2
            if tableRows[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The rows, by index, that stand within some rows of the table.
    func rows(within range: Range<Int>) -> Range<Int> {
        firstRow(from: range.lowerBound)..<firstRow(from: range.upperBound)
    }
}
