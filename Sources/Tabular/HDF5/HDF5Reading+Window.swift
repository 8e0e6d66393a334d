internal import HDF5

/// Reading a window of rows: the tiles that hold some of them, each by one worker.
extension HDF5Reading {
    /// The values of a window of rows.
    struct Window: Sendable {
        var rows: Range<Int> = 0..<0
        /// Rows of `width` numbers, NaN where one is missing.
        var numbers: [Float] = []
        /// Column after column.
        var words: [UInt64] = []
        /// Column after column; `nil` where one is missing.
        var texts: [String?] = []
    }

    /// The numbers in a cache line.
    private static let narrowColumns = 16
    /// What another thread is woken for (2 MiB), where nothing has to be unpacked.
    private static let bytesPerThread = 2 << 20

    private enum Task: Sendable {
        /// Tiles of the same rows; narrow ones go together, so that no two workers write to one cache line.
        case tiles(group: Int, [TileReader.Tile])
        /// Strings of any length, which only the library reads, as a column each.
        case strings(text: Int)
    }

    /// Where the workers write: each tile holds other rows or columns than every other.
    private struct Targets {
        let rows: Range<Int>
        let numbers: UnsafeMutablePointer<Float>?
        let words: UnsafeMutablePointer<UInt64>?
        let texts: UnsafeMutablePointer<String?>?
    }

    /// Reads a window of rows, on all workers.
    ///
    /// - Throws: `TableError` for a number that is not finite as a `Float`.
    func read(_ rows: Range<Int>, into window: inout Window) throws(TableError) {
        window.rows = rows
        window.numbers.resize(to: rows.count * width, filler: 0)
        window.words.resize(to: rows.count * words.count, filler: 0)
        window.texts.resize(to: rows.count * texts.count, filler: nil)
        let tasks = tasks(rows)
        let largest = groups.map(\.reader.tileByteCount).max() ?? 0
        let fitting = largest > 0 ? Self.tileMemory / 3 / largest : .max
        // Little is copied in less time than it takes to wake another thread, which a core at work would have to run.
        let bytes = rows.count.multipliedReportingOverflow(by: rowBytes)
        let worthwhile = isPacked || bytes.overflow ? .max : 1 + bytes.partialValue / Self.bytesPerThread
        let limit = min(fitting, worthwhile)
        try window.numbers.withUnsafeMutableBufferPointer { (numbers) throws(TableError) in
            try window.words.withUnsafeMutableBufferPointer { (words) throws(TableError) in
                try window.texts.withUnsafeMutableBufferPointer { (texts) throws(TableError) in
                    // Tiles do not overlap, so no two tasks write the same element, and all are done on return.
                    nonisolated(unsafe) let targets = Targets(
                        rows: rows, numbers: numbers.baseAddress, words: words.baseAddress, texts: texts.baseAddress)
                    try table.workers.perform(tasks.count, atMost: limit) { (index, workspace) throws(TableError) in
                        switch tasks[index] {
                        case .tiles(let group, let tiles):
                            for tile in tiles { try read(tile, of: groups[group], targets, workspace) }
                        case .strings(let text): try readStrings(text, targets)
                        }
                    }
                }
            }
        }
    }

    private func tasks(_ rows: Range<Int>) -> [Task] {
        var tasks = variableTexts.map { Task.strings(text: $0) }
        for (index, group) in groups.enumerated() {
            let axis = group.matrix.rowAxis
            var together: [TileReader.Tile] = []
            var width = 0
            for tile in group.reader.tiles(covering: rows) {
                let columns = group.matrix.columns(of: tile)
                guard isWanted(columns, by: group) else { continue }
                if let last = together.last, last.origin[axis] != tile.origin[axis] || width >= Self.narrowColumns {
                    tasks.append(.tiles(group: index, together))
                    together = []
                    width = 0
                }
                together.append(tile)
                width += columns.count
            }
            if !together.isEmpty { tasks.append(.tiles(group: index, together)) }
        }
        return tasks
    }

    private func isWanted(_ columns: Range<Int>, by group: Group) -> Bool {
        // A record is one column to the matrix, and many fields.
        group.matrix.columnCount == 1 || group.runs.contains { columnsInDataset(of: runs[$0]).overlaps(columns) }
            || group.words.contains { columns.overlaps(columnsInDataset(of: words[$0])) }
            || group.texts.contains { columns.overlaps(columnsInDataset(of: texts[$0])) }
    }

    fileprivate func columnsInDataset(of run: Run) -> Range<Int> {
        let base = table.blocks[run.block].base
        return base + run.columns.lowerBound..<base + run.columns.upperBound
    }

    fileprivate func columnsInDataset(of column: Column) -> Range<Int> {
        let column = table.blocks[column.block].base + column.column
        return column..<column + 1
    }

    private func read(
        _ tile: TileReader.Tile, of group: Group, _ targets: Targets, _ workspace: TileWorkspace
    ) throws(TableError) {
        let path = group.matrix.dataset.path
        let file = table.name
        func failure(_ error: HDF5Error) -> TableError { TableError(error, file: file, dataset: path) }
        try group.reader.read(tile, workspace, orThrow: failure) { (bytes) throws(TableError) in
            for index in group.runs { try decode(runs[index], tile, bytes, targets) }
            for index in group.words { try decodeWords(index, tile, bytes, targets) }
            for index in group.texts { try decodeTexts(index, tile, bytes, targets) }
        }
    }

    private func decode(
        _ run: Run, _ tile: TileReader.Tile, _ bytes: UnsafeRawBufferPointer, _ targets: Targets
    ) throws(TableError) {
        let block = table.blocks[run.block]
        let columns = columnsInDataset(of: run)
        guard let numbers = targets.numbers else { return }
        try block.matrix.grids(
            of: tile, bytes, rows: targets.rows, columns: columns, part: block.part
        ) { (grid, row, column) throws(TableError) in
            let first = (row - targets.rows.lowerBound) * width + run.destination + column - columns.lowerBound
            let target = numbers + first
            do throws(HDF5Error) {
                try block.part.decode(grid, into: target, targetStride: width, fill: block.fill)
            } catch {
                throw TableError(error, file: table.name, dataset: block.dataset.path)
            }
            guard block.content == .float else { return }
            for index in 0..<grid.rows {
                let line = target + index * width
                // The bits of magnitudes are in the order of the magnitudes; without branches, several at a time.
                var largest: UInt32 = 0
                for value in 0..<grid.values { largest = max(largest, line[value].bitPattern & 0x7FFF_FFFF) }
                guard largest >= Float.infinity.bitPattern else { continue }
                let hasInfinity = (0..<grid.values).contains { line[$0].magnitude == .infinity }
                if hasInfinity { throw infinity(block, at: row + index) }
            }
        }
    }

    private func infinity(_ block: HDF5Block, at row: Int) -> TableError {
        TableError(
            .badData, file: table.name, column: block.dataset.path,
            "row \(row) (from 0) holds a number that is infinite or beyond the range of a 32-bit float: "
                + "correct it, or store NaN if it is missing")
    }

    private func decodeWords(
        _ index: Int, _ tile: TileReader.Tile, _ bytes: UnsafeRawBufferPointer, _ targets: Targets
    ) throws(TableError) {
        let columns = columnsInDataset(of: words[index])
        let block = table.blocks[words[index].block]
        guard let words = targets.words else { return }
        try block.matrix.grids(
            of: tile, bytes, rows: targets.rows, columns: columns, part: block.part
        ) { (grid, row, _) throws(TableError) in
            let first = index * targets.rows.count + row - targets.rows.lowerBound
            do throws(HDF5Error) {
                try block.part.decodeWords(grid, into: words + first, targetStride: 1)
            } catch {
                throw TableError(error, file: table.name, dataset: block.dataset.path)
            }
        }
    }

    private func decodeTexts(
        _ index: Int, _ tile: TileReader.Tile, _ bytes: UnsafeRawBufferPointer, _ targets: Targets
    ) throws(TableError) {
        let columns = columnsInDataset(of: texts[index])
        let block = table.blocks[texts[index].block]
        guard let texts = targets.texts else { return }
        let words = NumberText()
        try block.matrix.grids(
            of: tile, bytes, rows: targets.rows, columns: columns, part: block.part
        ) { (grid, row, _) throws(TableError) in
            let first = index * targets.rows.count + row - targets.rows.lowerBound
            for offset in 0..<grid.rows {
                guard let text = block.part.text(at: grid.start + offset * grid.rowStride) else {
                    throw TableError(
                        .badData, file: table.name, column: block.dataset.path,
                        "row \(row + offset) (from 0) holds a string that is not UTF-8: store the text as UTF-8")
                }
                texts[first + offset] = words.unlessMissing(text)
            }
        }
    }

    private func readStrings(_ index: Int, _ targets: Targets) throws(TableError) {
        let block = table.blocks[texts[index].block]
        guard let texts = targets.texts else { return }
        let strings: [String]
        do {
            strings = try block.dataset.readStrings(
                rows: targets.rows, field: block.part.name.isEmpty ? nil : block.part)
        } catch {
            throw TableError(error, file: table.name, dataset: block.dataset.path)
        }
        let words = NumberText()
        for row in 0..<targets.rows.count {
            texts[index * targets.rows.count + row] = words.unlessMissing(
                strings[row * block.matrix.columnCount + block.base + self.texts[index].column])
        }
    }
}

extension NumberText {
    /// The text, or `nil` where it is empty or a word that stands for a missing value, as in a CSV table.
    fileprivate func unlessMissing(_ text: String) -> String? {
        var bytes = text
        return bytes.withUTF8 { isMissing(NumberText.trimmed($0)) } ? nil : text
    }
}

extension Array {
    /// Makes the array as long as asked, without allocating where it was that long before.
    mutating func resize(to count: Int, filler: Element) {
        if self.count > count {
            removeLast(self.count - count)
        } else if self.count < count {
            append(contentsOf: repeatElement(filler, count: count - self.count))
        }
    }
}
