internal import HDF5

/// The datasets of a table, and who reads them.
struct HDF5Table: Sendable {
    let name: String
    let columnNames: [String]
    /// The datasets, in the order of their columns.
    let blocks: [HDF5Block]
    let workers: HDF5Workers
    /// The block of every column.
    private let blockOfColumn: [Int]
    /// For columns of numbers whose texts are stored too: the column of the texts, which is beyond those with a name.
    let textColumns: [Int: Int]

    init(name: String, blocks: [HDF5Block], textColumns: [Int: Int] = [:], workers: HDF5Workers) {
        self.name = name
        self.blocks = blocks
        self.workers = workers
        self.textColumns = textColumns
        columnNames = blocks.flatMap(\.columnNames).dropLast(textColumns.count)
        blockOfColumn = blocks.enumerated().flatMap { index, block in block.columnNames.map { _ in index } }
    }

    func block(of column: Int) -> HDF5Block { blocks[blockOfColumn[column]] }

    func place(of column: Int) -> HDF5Reading.Column {
        HDF5Reading.Column(block: blockOfColumn[column], column: column - block(of: column).columns.lowerBound)
    }

    /// Where the texts of a column are: beside its numbers, or the column itself.
    func place(ofTexts column: Int) -> HDF5Reading.Column { place(of: textColumns[column] ?? column) }

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

    func textFound(in column: Int) -> TableError {
        let block = block(of: column)
        return TableError(
            .badData, file: name, column: columnNames[column],
            "expected numbers, and \(block.path) is of type \(block.part.type): declare the column with "
                + "`--categorical \(columnNames[column])`, or leave it out")
    }
}
