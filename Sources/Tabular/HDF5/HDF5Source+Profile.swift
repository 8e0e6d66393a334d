internal import HDF5

extension HDF5Source {
    /// Values whose moments are taken at a time: 1 MiB of floats, which the two passes over it find in the cache.
    private static let momentValues = 1 << 18

    /// One pass over every row: what each column holds.
    ///
    /// Levels are collected for targets, weights, texts and columns without a role, not for a matrix of numeric features
    /// (`nil`). A float without a fraction counts as an integer, as labels are often stored so.
    public func profile(among readers: any TableReaders) throws(TableError) -> TableProfile {
        if readers.rankCount > 1 { try readers.check(shape, of: name) }
        let columns = columnNames.indices
        let numeric = columns.filter { table.block(of: $0).isNumeric }
        let counted = columns.filter { column in
            let block = table.block(of: column)
            return block.content != .string && !(block.isNumeric && block.role == .features)
        }
        let text = columns.filter { table.block(of: $0).content == .string }
        let reading = try HDF5Reading(
            table, runs: table.runs(numeric), words: counted.map { table.place(ofTexts: $0) },
            texts: text.map { table.place(of: $0) })
        let hasFractions = numeric.contains { table.block(of: $0).content == .float }
        let portions = TablePortions(rowCount: rowCount, columns: numeric.count)
        let none = HDF5Moments(width: numeric.count, isWhole: !hasFractions)
        var moments = Array(repeating: none, count: portions.count)
        var counts = counted.map { HDF5LevelCounts(table.blocks[table.place(ofTexts: $0).block]) }
        var texts = text.map { ColumnProfile(name: columnNames[$0]) }

        var window = HDF5Reading.Window()
        var windows = HDF5Prefetch(reading, rows: portions.rows(of: readers), workers: table.workers.count)
        defer { windows.finish() }
        while try windows.next(&window) {
            try add(window, to: &moments, portions, none)
            let firstRow = window.rows.lowerBound
            try each(&counts) { [window] in $1.add(window.words(ofColumn: $0), firstRow: firstRow) }
            try each(&texts) { [window] in $1.add(window.texts(ofColumn: $0), firstRow: firstRow) }
        }
        gather(&moments, portions, &counts, &texts, among: readers)

        let total = moments.reduce(into: none) { $0.merge($1) }
        var profiles = columns.map { ColumnProfile(name: columnNames[$0]) }
        for (index, column) in numeric.enumerated() {
            profiles[column] = total.profile(of: index, name: columnNames[column], levels: nil)
        }
        for (index, column) in counted.enumerated() {
            counts[index].complete(&profiles[column], withLevelsAlone: table.block(of: column).isNumeric)
        }
        for (index, column) in text.enumerated() { profiles[column] = texts[index] }
        return TableProfile(rowCount: rowCount, columns: profiles)
    }

    /// Takes a window piece by piece. Pieces are cut and joined alike on any number of workers and ranks.
    private func add(
        _ window: HDF5Reading.Window, to moments: inout [HDF5Moments], _ portions: TablePortions, _ none: HDF5Moments
    ) throws(TableError) {
        let width = none.width
        guard width > 0 else { return }
        let pieceRows = max(1, Self.momentValues / width)
        var pieces: [(portion: Int, rows: Range<Int>, moments: HDF5Moments)] = []
        for run in portions.runs(of: window.rows) {
            for first in stride(from: run.rows.lowerBound, to: run.rows.upperBound, by: pieceRows) {
                pieces.append((run.portion, first..<min(first + pieceRows, run.rows.upperBound), none))
            }
        }
        let firstRow = window.rows.lowerBound
        try each(&pieces) { _, piece in
            window.numbers.withUnsafeBufferPointer { numbers in
                let values = (piece.rows.lowerBound - firstRow) * width..<(piece.rows.upperBound - firstRow) * width
                piece.moments.add(UnsafeBufferPointer(rebasing: numbers[values]))
            }
        }
        for piece in pieces { moments[piece.portion].merge(piece.moments) }
    }

    // MARK: Several ranks

    /// The datasets, as far as they decide what there is to learn.
    private var shape: String {
        let kinds = blocks.map { block in
            let kind = block.isNumeric ? "numbers" : block.content == .string ? "texts" : "names"
            return "\(block.width) columns of \(kind) in \(block.path)"
        }
        return (["\(rowCount) rows"] + kinds).joined(separator: ", ")
    }

    /// Adds what the other ranks learned of their rows.
    private func gather(
        _ moments: inout [HDF5Moments], _ portions: TablePortions, _ counts: inout [HDF5LevelCounts],
        _ texts: inout [ColumnProfile], among readers: any TableReaders
    ) {
        guard readers.rankCount > 1 else { return }
        var own = PackedValues()
        for portion in portions.portions(ofRank: readers.rank, of: readers.rankCount) {
            own.append(moments[portion].values)
        }
        for count in counts { count.pack(into: &own) }
        for text in texts { text.packTexts(into: &own) }
        for (rank, var values) in readers.gather(own).enumerated() {
            for portion in portions.portions(ofRank: rank, of: readers.rankCount) {
                let empty = moments[portion]
                moments[portion] = HDF5Moments(width: empty.width, isWhole: empty.isWhole, values: values.next())
            }
            for index in counts.indices {
                let other = HDF5LevelCounts(counts[index].block, from: &values)
                if rank == 0 { counts[index] = other } else { counts[index].merge(other) }
            }
            for index in texts.indices {
                let other = ColumnProfile(name: texts[index].name, textsFrom: &values)
                if rank == 0 { texts[index] = other } else { texts[index].merge(other) }
            }
        }
    }

    /// Changes every element of an array, several at a time.
    private func each<Element>(
        _ elements: inout [Element], _ body: @Sendable (Int, inout Element) -> Void
    ) throws(TableError) {
        try elements.withUnsafeMutableBufferPointer { (buffer) throws(TableError) in
            // Every index is one task's alone, and all are done on return.
            nonisolated(unsafe) let buffer = buffer
            try table.workers.perform(buffer.count) { (index, _) throws(TableError) in body(index, &buffer[index]) }
        }
    }
}

extension HDF5Reading.Window {
    fileprivate func words(ofColumn column: Int) -> ArraySlice<UInt64> {
        words[column * rows.count..<(column + 1) * rows.count]
    }

    fileprivate func texts(ofColumn column: Int) -> ArraySlice<String?> {
        texts[column * rows.count..<(column + 1) * rows.count]
    }
}

extension ColumnProfile {
    /// Takes texts; rows count from 0.
    fileprivate mutating func add(_ texts: ArraySlice<String?>, firstRow: Int) {
        for (index, text) in texts.enumerated() {
            guard let text else {
                missingCount += 1
                continue
            }
            textCount += 1
            if firstText == nil { firstText = Oddity(line: firstRow + index + 1, text: text.shortened) }
            levels?[text, default: 0] += 1
            if levels?.count ?? 0 > Self.levelLimit { levels = nil }
        }
    }

    /// Puts in what is known of a column of texts, for other ranks.
    fileprivate func packTexts(into values: inout PackedValues) {
        values.append([missingCount, textCount, firstText?.line ?? 0, levels?.count ?? -1])
        values.append(firstText?.text ?? "")
        values.append((levels ?? [:]).map(\.value))
        for level in (levels ?? [:]).keys { values.append(level) }
    }

    /// What another rank put in.
    fileprivate init(name: String, textsFrom values: inout PackedValues) {
        let numbers: [Int] = values.next()
        let text = values.nextText()
        let counts: [Int] = values.next()
        self.init(
            name: name, missingCount: numbers[0], textCount: numbers[1],
            firstText: numbers[2] > 0 ? Oddity(line: numbers[2], text: text) : nil, levels: numbers[3] < 0 ? nil : [:])
        for count in counts { levels?[values.nextText()] = count }
    }
}
