/// Gathers what a pass learns of one column, text by text in the order of the file.
struct ColumnAccumulator {
    /// Distinct numbers with a fraction or an exponent beyond which a column is plainly continuous.
    ///
    /// `levelLimit` bounds the classes of a table; measurements exceed this much smaller number early, and hashing
    /// them until then would be most of the cost of a pass. Their `levels` are `nil`, as if beyond the limit.
    static let fractionLimit = 4_096

    /// Whether a column has too many levels to list them.
    static func isBeyondLimit(levels: Int, fractions: Int) -> Bool {
        levels > ColumnProfile.levelLimit || fractions > fractionLimit
    }

    private var tally = ColumnTally()
    private(set) var levels: LevelTable? = LevelTable()
    private var fractionCount = 0

    /// The memory that its levels take.
    var byteCount: Int { levels?.byteCount ?? 0 }

    /// Whether any value is a number.
    var hasNumbers: Bool { tally.moments.count > 0 }

    /// Whether any value is neither missing nor a number.
    var hasTexts: Bool { tally.textCount > 0 }

    /// Stops collecting levels.
    mutating func giveUpLevels() { levels = nil }

    /// Takes what the next text holds, `line` lines down the file.
    ///
    /// - Returns: the code here of every code there; `nil` once levels are given up.
    mutating func merge(_ next: ColumnTally, _ texts: TextColumn, line: Int) -> [Int32]? {
        tally.moments.merge(next.moments)
        tally.textCount += next.textCount
        tally.infiniteCount += next.infiniteCount
        if let times = next.times {
            if tally.times == nil { tally.times = times } else { tally.times?.merge(times) }
        }
        if tally.firstText == nil, var first = next.firstText {
            first.line += line
            tally.firstText = first
        }
        guard levels != nil, let own = texts.levels else {
            levels = nil
            return nil
        }
        var translation: [Int32] = []
        translation.reserveCapacity(own.count)
        let occurrences = own.occurrences
        for code in 0..<own.count {
            guard let added = own.withText(of: code, { levels?.add($0, occurrences: occurrences[code]) }) else { break }
            if added.isNew && texts.isFraction[code] { fractionCount += 1 }
            translation.append(added.code)
        }
        if Self.isBeyondLimit(levels: levels?.count ?? 0, fractions: fractionCount) { levels = nil }
        return levels == nil ? nil : translation
    }

    /// What was learned of a column of `rowCount` rows.
    func profile(name: String, rowCount: Int) -> ColumnProfile {
        var counts: [String: Int]?
        if let levels {
            counts = [:]
            counts?.reserveCapacity(levels.count)
            for (code, count) in levels.occurrences.enumerated() { counts?[levels.level(code)] = count }
        }
        let moments = tally.moments
        return ColumnProfile(
            name: name, missingCount: rowCount - moments.count - tally.textCount, numberCount: moments.count,
            integerCount: moments.integerCount, textCount: tally.textCount, infiniteCount: tally.infiniteCount,
            firstText: tally.firstText, levels: counts,
            range: moments.count > 0 ? moments.smallest...moments.largest : nil, times: tally.times, mean: moments.mean,
            variance: moments.variance)
    }
}
