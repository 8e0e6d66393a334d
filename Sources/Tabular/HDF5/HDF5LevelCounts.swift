internal import HDF5

/// How often each number of a column occurs, as long as there are not too many.
struct HDF5LevelCounts: Sendable {
    let block: HDF5Block
    /// `nil` when there are too many.
    private var counts: [UInt64: Int]? = [:]
    private var fractionCount = 0
    /// What complete profiles of names need besides.
    private var missingCount = 0
    private var namedCount = 0
    private var first: (row: Int, word: UInt64)?

    init(_ block: HDF5Block) { self.block = block }

    /// Takes the words of rows that follow; rows count from 0.
    mutating func add(_ words: ArraySlice<UInt64>, firstRow: Int) {
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
            if first == nil { first = (firstRow + row, word) }
            insert(word, number, count: 1)
            if counts == nil, block.isNumeric { return }
        }
    }

    /// Adds a word that was not met before, as long as there are not too many.
    private mutating func insert(_ word: UInt64, _ number: HDF5Number, count: Int) {
        counts?[word] = count
        if case .float(let value) = number, value != value.rounded(.towardZero) { fractionCount += 1 }
        if counts?.count ?? 0 > ColumnProfile.levelLimit || fractionCount > ColumnAccumulator.fractionLimit {
            counts = nil
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
        profile.firstText = first.map {
            .init(line: $0.row + 1, text: block.part.number($0.word).level(block.content).shortened)
        }
    }

    // MARK: Other ranks

    /// Adds what was counted over rows that follow.
    mutating func merge(_ next: HDF5LevelCounts) {
        missingCount += next.missingCount
        namedCount += next.namedCount
        first = first ?? next.first
        guard counts != nil, let others = next.counts else {
            counts = nil
            return
        }
        for (word, count) in others where counts != nil {
            if counts?[word] != nil {
                counts?[word]? += count
            } else {
                insert(word, block.part.number(word), count: count)
            }
        }
    }

    /// Puts in what was counted, for other ranks.
    func pack(into values: inout PackedValues) {
        values.append([missingCount, namedCount, fractionCount, first?.row ?? -1, counts == nil ? 0 : 1])
        values.append([first?.word ?? 0] + (counts ?? [:]).keys)
        values.append(Array((counts ?? [:]).values))
    }

    /// What another rank put in.
    init(_ block: HDF5Block, from values: inout PackedValues) {
        let numbers: [Int] = values.next()
        let words: [UInt64] = values.next()
        let occurrences: [Int] = values.next()
        self.block = block
        (missingCount, namedCount, fractionCount) = (numbers[0], numbers[1], numbers[2])
        first = numbers[3] < 0 ? nil : (numbers[3], words[0])
        counts =
            numbers[4] == 0 ? nil : Dictionary(uniqueKeysWithValues: zip(words.dropFirst(), occurrences))
    }
}
