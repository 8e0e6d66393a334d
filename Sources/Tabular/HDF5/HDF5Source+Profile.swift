internal import HDF5

extension HDF5Source {
    /// Values in a window: 4 MiB of floats, which the two passes over it find in the cache.
    private static let windowValues = 1 << 20

    /// One pass over every row: what each column holds.
    ///
    /// Levels are collected for targets, weights, texts and the columns of a column group, not for a matrix of numeric
    /// features (`nil`). A float without a fraction counts as an integer, as labels are often stored so.
    public func profile() throws(TableError) -> TableProfile {
        var columns: [ColumnProfile] = []
        for block in blocks { columns += try profile(block) }
        return TableProfile(rowCount: rowCount, columns: columns)
    }

    private func profile(_ block: HDF5Block) throws(TableError) -> [ColumnProfile] {
        let rows = max(1, Self.windowValues / block.width)
        let step = block.windowRows(about: rows, atMost: rows * 4)
        guard block.isNumeric else { return try profileTexts(block, step: step) }

        var moments = HDF5Moments(width: block.width, isWhole: block.content != .float)
        var counts = [HDF5LevelCounts?](
            repeating: HDF5LevelCounts(), count: block.role == .features ? 0 : block.width)
        var values = [Float](repeating: 0, count: step * block.width)
        for first in stride(from: 0, to: rowCount, by: step) {
            let rows = first..<min(first + step, rowCount)
            try values.withUnsafeMutableBufferPointer { (buffer) throws(TableError) in
                let window = UnsafeMutableBufferPointer(rebasing: buffer[0..<rows.count * block.width])
                let hasMissing = try block.readNumbers(rows, into: window, file: name)
                moments.add(UnsafeBufferPointer(window), hasMissing: hasMissing)
            }
            guard counts.contains(where: { $0 != nil }) else { continue }
            let numbers = try block.readExact(rows, file: name)
            for (index, number) in numbers.enumerated() {
                guard let number else { continue }
                if counts[index % block.width]?.add(number) == false { counts[index % block.width] = nil }
            }
        }
        return block.columnNames.enumerated().map { column, name in
            let levels = counts.isEmpty ? nil : counts[column]?.levels(block.content)
            return moments.profile(of: column, name: name, levels: levels)
        }
    }

    /// Columns of strings, truth values or enumerations.
    private func profileTexts(_ block: HDF5Block, step: Int) throws(TableError) -> [ColumnProfile] {
        var columns = block.columnNames.map { ColumnProfile(name: $0) }
        for first in stride(from: 0, to: rowCount, by: step) {
            let rows = first..<min(first + step, rowCount)
            for (index, text) in try texts(of: block, rows).enumerated() {
                columns[index % block.width].add(text, row: first + index / block.width)
            }
        }
        return columns
    }

    private func texts(of block: HDF5Block, _ rows: Range<Int>) throws(TableError) -> [String?] {
        if block.content == .string { return try block.readTexts(rows, file: name) }
        return try block.readExact(rows, file: name).map { $0?.level(block.content) }
    }
}

/// How often each number of a column occurs, as long as there are not too many.
private struct HDF5LevelCounts {
    private var counts: [HDF5Number: Int] = [:]
    private var fractionCount = 0

    /// Counts a number; `false` when there are now too many.
    mutating func add(_ number: HDF5Number) -> Bool {
        counts[number, default: 0] += 1
        guard counts[number] == 1 else { return true }
        if case .float(let value) = number, value != value.rounded(.towardZero) { fractionCount += 1 }
        return counts.count <= ColumnProfile.levelLimit && fractionCount <= ColumnAccumulator.fractionLimit
    }

    func levels(_ content: HDF5Block.Content) -> [String: Int] {
        Dictionary(counts.map { ($0.key.level(content), $0.value) }, uniquingKeysWith: +)
    }
}

extension ColumnProfile {
    /// Takes a text; `row` counts from 0.
    fileprivate mutating func add(_ text: String?, row: Int) {
        guard let text else {
            missingCount += 1
            return
        }
        textCount += 1
        if firstText == nil { firstText = Oddity(line: row + 1, text: text.shortened) }
        levels?[text, default: 0] += 1
        if levels?.count ?? 0 > Self.levelLimit { levels = nil }
    }
}
