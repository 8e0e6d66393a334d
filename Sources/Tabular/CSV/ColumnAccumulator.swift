/// Gathers what one pass learns of one column.
struct ColumnAccumulator {
    /// Distinct numbers with a fraction or an exponent beyond which a column is plainly continuous.
    ///
    /// `levelLimit` bounds the classes of a table; measurements exceed this much smaller number early, and hashing
    /// them until then would be most of the cost of a pass. Their `levels` are `nil`, as if beyond the limit.
    static let fractionLimit = 4_096

    private let limit: Int
    private var missingCount = 0
    private var numberCount = 0
    private var integerCount = 0
    private var textCount = 0
    private var infiniteCount = 0
    private var firstText: ColumnProfile.Oddity?
    private var smallest = Double.infinity
    private var largest = -Double.infinity
    private var mean = 0.0
    private var squares = 0.0
    private var levels: LevelTable? = LevelTable()
    private var fractionLevels = 0

    init(levelLimit: Int) {
        limit = levelLimit
    }

    /// The memory that its levels take.
    var byteCount: Int { levels?.byteCount ?? 0 }

    /// Stops collecting levels.
    mutating func giveUpLevels() { levels = nil }

    /// Takes a value; `true` when it was a new level.
    @inline(__always)
    mutating func add(_ text: UnsafeBufferPointer<UInt8>, line: Int) -> Bool {
        let trimmed = NumberText.trimmed(text)
        if NumberText.isMissing(trimmed) {
            missingCount += 1
            return false
        }
        var isFraction = false
        if let number = NumberText.double(trimmed) {
            isFraction = !number.isInteger
            add(number.value, isInteger: number.isInteger)
        } else {
            textCount += 1
            if NumberText.isNotFinite(trimmed) { infiniteCount += 1 }
            if firstText == nil {
                firstText = .init(line: line, text: String(decoding: text, as: UTF8.self).shortened)
            }
        }
        guard levels != nil else { return false }
        return addLevel(text, isFraction: isFraction)
    }

    @inline(__always)
    private mutating func add(_ value: Double, isInteger: Bool) {
        numberCount += 1
        if isInteger { integerCount += 1 }
        smallest = min(smallest, value)
        largest = max(largest, value)
        let distance = value - mean
        mean += distance / Double(numberCount)
        squares += distance * (value - mean)
    }

    private mutating func addLevel(_ text: UnsafeBufferPointer<UInt8>, isFraction: Bool) -> Bool {
        guard levels?.add(text).isNew == true else { return false }
        if isFraction { fractionLevels += 1 }
        if fractionLevels > Self.fractionLimit || levels?.count ?? 0 > limit { levels = nil }
        return true
    }

    /// What was learned.
    func profile(name: String) -> ColumnProfile {
        var counts: [String: Int]?
        if let levels {
            counts = [:]
            counts?.reserveCapacity(levels.count)
            for (code, count) in levels.occurrences.enumerated() { counts?[levels.level(code)] = count }
        }
        return ColumnProfile(
            name: name, missingCount: missingCount, numberCount: numberCount, integerCount: integerCount,
            textCount: textCount, infiniteCount: infiniteCount, firstText: firstText, levels: counts,
            range: numberCount > 0 ? smallest...largest : nil, mean: mean,
            variance: numberCount > 0 ? squares / Double(numberCount) : 0)
    }
}
