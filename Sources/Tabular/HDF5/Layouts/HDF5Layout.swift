internal import HDF5

/// A column whose name the file tells, and where it stands: at `index` among those of a matrix or of an array in a record.
struct NamedColumn {
    let name: String
    let matrix: HDF5Matrix
    let part: ElementPart
    let index: Int
    /// The texts that numbers from 0 stand for; negative ones are missing.
    var categories: [String]?
}

/// The columns of a table as they are gathered from a file, with all that must fit checked. Each layout adds its own, in
/// a file of its own.
struct HDF5Layout {
    let file: File
    private(set) var blocks: [HDF5Block] = []
    /// For columns of numbers whose texts are stored too: the column of the texts, behind all others.
    var textColumns: [Int: Int] = [:]
    var notes: [String] = []

    init(_ file: File) {
        self.file = file
    }

    /// Adds the columns of a dataset, or of a part of one.
    mutating func append(
        _ matrix: HDF5Matrix, _ part: ElementPart, role: HDF5Block.Role, name: String
    ) throws(TableError) {
        try check(matrix, role)
        try append(
            HDF5Block(
                matrix, part, role: role, name: name, firstColumn: blocks.last?.columns.upperBound ?? 0,
                file: file.path))
    }

    /// Adds named columns wherever each of them stands.
    mutating func append(_ columns: [NamedColumn]) throws(TableError) {
        var rest = columns[...]
        while let first = rest.first {
            // Those that follow one another in the same place are one block, which is read as one.
            let run = zip(rest, rest.indices).prefix { column, index in
                column.matrix.dataset.path == first.matrix.dataset.path && column.part.name == first.part.name
                    && column.index == first.index + index - rest.startIndex
            }.map(\.0)
            try check(first.matrix, .column)
            try append(
                HDF5Block(
                    first.matrix, first.part, role: .column, base: first.index, columnNames: run.map(\.name),
                    categories: first.categories, firstColumn: blocks.last?.columns.upperBound ?? 0, file: file.path))
            rest = rest.dropFirst(run.count)
        }
    }

    private mutating func append(_ block: HDF5Block) throws(TableError) {
        let matrix = block.matrix
        if let first = blocks.first, first.matrix.rowCount != matrix.rowCount {
            throw mismatch(first.matrix, matrix)
        }
        blocks.append(block)
        for note in block.notes { self.note(note) }
    }

    mutating func note(_ text: String) {
        notes.append("\(file.path): \(text)")
    }

    /// Notes what is not part of the table though it stands beside it.
    mutating func noteOmitted(_ names: [String], because reason: String) {
        guard !names.isEmpty else { return }
        let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
        note("left out, because \(reason): \(shown)" + (names.count > 8 ? " and \(names.count - 8) more" : ""))
    }

    /// What the file holds, for messages.
    var inventory: String { HDF5Inventory(of: file).text }

    func dataset(_ path: String) throws(TableError) -> Dataset {
        do {
            return try file.root.dataset(path)
        } catch {
            guard error.kind == .wrongObject else { throw TableError(error, file: file.path, dataset: path) }
            throw TableError(
                .badRequest, file: file.path, column: path,
                "cannot \(error.operation): \(error.reason): choose other paths with --x PATH --y PATH; \(inventory)")
        }
    }

    /// The dataset as rows and columns.
    func matrix(_ dataset: Dataset) throws(TableError) -> HDF5Matrix {
        try reading(dataset.path) { () throws(HDF5Error) in
            HDF5Matrix(dataset, isColumnMajor: try dataset.isByMATLAB)
        }
    }

    /// Runs what may fail in HDF5's words, and says it in those of tables.
    func reading<Result>(
        _ path: String, _ body: () throws(HDF5Error) -> Result
    ) throws(TableError) -> Result {
        do {
            return try body()
        } catch {
            throw TableError(error, file: file.path, dataset: path)
        }
    }

    func failure(_ path: String, _ message: String) -> TableError {
        TableError(.badData, file: file.path, column: path, message)
    }

    private func check(_ matrix: HDF5Matrix, _ role: HDF5Block.Role) throws(TableError) {
        func refusal(_ message: String) -> TableError {
            failure(
                matrix.dataset.path, "\(message): choose other datasets with --x PATH --y PATH; \(inventory)")
        }
        guard !matrix.dataset.shape.isEmpty else { throw refusal("it is a single value, and a table needs rows") }
        guard matrix.rowCount > 0 else { throw refusal("it has no rows, and a table needs at least one") }
        guard matrix.columnCount > 0 else { throw refusal("its rows are empty, and a table needs columns") }
        if role == .weights && matrix.columnCount > 1 {
            throw refusal("it has \(matrix.columnCount) values per row, and a row has one weight")
        }
    }

    private func mismatch(_ first: HDF5Matrix, _ second: HDF5Matrix) -> TableError {
        failure(
            second.dataset.path,
            "it has \(second.rowCount) rows and \(first.dataset.path) has \(first.rowCount): make the row counts equal, or "
                + "choose other datasets with --x PATH --y PATH; \(inventory)")
    }
}
