internal import HDF5

extension HDF5Source {
    /// Values whose moments are taken at a time: 1 MiB of floats, which the two passes over it find in the cache.
    private static let momentValues = 1 << 18

    /// One pass over every row: what each column holds.
    ///
    /// Levels are collected for targets, weights, texts and columns without a role, not for a matrix of numeric features
    /// (`nil`). A float without a fraction counts as an integer, as labels are often stored so.
    public func profile() throws(TableError) -> TableProfile {
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
        var moments = HDF5Moments(width: numeric.count, isWhole: !hasFractions)
        var counts = counted.map { HDF5LevelCounts(table.blocks[table.place(ofTexts: $0).block]) }
        var texts = text.map { ColumnProfile(name: columnNames[$0]) }

        var window = HDF5Reading.Window()
        var windows = HDF5Prefetch(reading, rows: 0..<rowCount, workers: table.workers.count)
        defer { windows.finish() }
        while try windows.next(&window) {
            try add(window, to: &moments)
            try each(&counts) { [window] in $1.add(window.words(ofColumn: $0)) }
            try each(&texts) { [window] in $1.add(window.texts(ofColumn: $0), firstRow: window.rows.lowerBound) }
        }

        var profiles = columns.map { ColumnProfile(name: columnNames[$0]) }
        for (index, column) in numeric.enumerated() {
            profiles[column] = moments.profile(of: index, name: columnNames[column], levels: nil)
        }
        for (index, column) in counted.enumerated() {
            counts[index].complete(&profiles[column], withLevelsAlone: table.block(of: column).isNumeric)
        }
        for (index, column) in text.enumerated() { profiles[column] = texts[index] }
        return TableProfile(rowCount: rowCount, columns: profiles)
    }

    /// Takes a window piece by piece. Pieces are cut and joined alike on any number of workers.
    private func add(_ window: HDF5Reading.Window, to moments: inout HDF5Moments) throws(TableError) {
        guard moments.width > 0 else { return }
        let pieceRows = max(1, Self.momentValues / moments.width)
        let empty = HDF5Moments(width: moments.width, isWhole: moments.isWhole)
        var pieces = Array(repeating: empty, count: (window.rows.count + pieceRows - 1) / pieceRows)
        let width = moments.width
        try each(&pieces) { index, piece in
            window.numbers.withUnsafeBufferPointer { numbers in
                let values = index * pieceRows * width..<min((index + 1) * pieceRows * width, numbers.count)
                piece.add(UnsafeBufferPointer(rebasing: numbers[values]))
            }
        }
        for piece in pieces { moments.merge(piece) }
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

/// How often each number of a column occurs, as long as there are not too many.
private struct HDF5LevelCounts: Sendable {
    private let block: HDF5Block
    /// `nil` when there are too many.
    private var counts: [UInt64: Int]? = [:]
    private var fractionCount = 0
    /// What complete profiles of names need besides.
    private var missingCount = 0
    private var namedCount = 0
    private var first: (row: Int, number: HDF5Number)?
    private var rowCount = 0

    init(_ block: HDF5Block) { self.block = block }

    mutating func add(_ words: ArraySlice<UInt64>) {
        defer { rowCount += words.count }
        // Numbers that are not enumerated are counted by the moments; names only here.
        guard counts != nil || !block.isNumeric else { return }
        for (row, word) in words.enumerated() {
            if counts?[word] != nil {
                counts?[word]? += 1
                namedCount += 1
                continue
            }
            let number = block.part.number(word)
            guard !block.isMissing(number) else {
                missingCount += 1
                continue
            }
            namedCount += 1
            if first == nil { first = (rowCount + row, number) }
            counts?[word] = 1
            if case .float(let value) = number, value != value.rounded(.towardZero) { fractionCount += 1 }
            if counts?.count ?? 0 > ColumnProfile.levelLimit || fractionCount > ColumnAccumulator.fractionLimit {
                counts = nil
                if block.isNumeric { return }
            }
        }
    }

    /// Adds to a profile what was counted; of names that is all there is.
    func complete(_ profile: inout ColumnProfile, withLevelsAlone: Bool) {
        profile.levels = counts.map { counts in
            Dictionary(counts.map { (block.part.number($0.key).level(block.content), $0.value) }, uniquingKeysWith: +)
        }
        guard !withLevelsAlone else { return }
        profile.missingCount = missingCount
        profile.textCount = namedCount
        profile.firstText = first.map { .init(line: $0.row + 1, text: $0.number.level(block.content).shortened) }
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
}
