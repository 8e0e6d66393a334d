/// How the columns of a table go together, found in one pass and memory that does not depend on the rows.
struct ColumnRelations {
    /// Columns that hold the same in every row.
    private(set) var duplicates: [[Int]] = []
    private(set) var leaks: [TableAudit.Leak] = []

    /// A column of no more levels is compared with the target level by level.
    private static let levelLimit = 1_000

    init(_ profile: TableProfile, of source: any TableSource, target: Int?) throws(TableError) {
        let columns = profile.columns
        // Numbers by value; texts, and what a column of classes is called, by level.
        let numeric = columns.indices.filter { columns[$0].isNumeric && columns[$0].textCount == 0 }
        let isNumeric = Set(numeric)
        func levels(_ column: Int) -> [String]? {
            columns[column].levels.flatMap { $0.count <= Self.levelLimit ? Array($0.keys) : nil }
        }
        let coded = columns.indices.filter { columns[$0].numberCount + columns[$0].textCount > 0 && levels($0) != nil }
        let free = columns.indices.filter { !isNumeric.contains($0) && levels($0) == nil }
        var sequences = columns.map { _ in SequenceHash() }
        var correlations = numeric.map { CorrelationSums(mean: columns[$0].mean) }
        var maps = coded.map { _ in LevelMap() }
        // Searched once: a table may have a million columns.
        let numericPlaces = Dictionary(uniqueKeysWithValues: zip(numeric, numeric.indices))
        let codedPlaces = Dictionary(uniqueKeysWithValues: zip(coded, coded.indices))
        let numericTarget = target.flatMap { numericPlaces[$0] }
        let codedTarget = target.flatMap { codedPlaces[$0] }
        let targetMean = target.map { columns[$0].mean } ?? 0

        let selection = ColumnSelection(
            numeric: numeric,
            text: coded.map { .init(column: $0, levels: levels($0)) } + free.map { .init(column: $0, isPerChunk: true) }
        )
        let codedHashes = selection.text.prefix(coded.count).map { ($0.levels ?? []).map(\.stableHash) }
        try source.read(selection) { (chunk: borrowing RowChunk) throws(TableError) in
            let rows = chunk.rowCount
            let numbers = chunk.numbers
            let codes = chunk.codes
            for (index, column) in numeric.enumerated() {
                for row in 0..<rows {
                    let value = numbers[row * numeric.count + index]
                    sequences[column].add(value.isNaN ? 0 : UInt64(value.bitPattern) + 1)
                    guard let numericTarget, numericTarget != index else { continue }
                    correlations[index].add(
                        Double(value), Double(numbers[row * numeric.count + numericTarget]) - targetMean)
                }
            }
            let width = chunk.levels.count
            for index in 0..<width {
                let isCoded = index < coded.count
                let column = isCoded ? coded[index] : free[index - coded.count]
                let hashes = isCoded ? codedHashes[index] : chunk.levels[index].map(\.stableHash)
                for row in 0..<rows {
                    let code = codes[row * width + index]
                    // Of a column of numbers the values themselves are taken, above.
                    if !isNumeric.contains(column) { sequences[column].add(code < 0 ? 0 : hashes[Int(code)]) }
                    guard isCoded, let codedTarget, codedTarget != index else { continue }
                    maps[index].add(code, codes[row * width + codedTarget])
                }
            }
        }
        findDuplicates(sequences, profile)
        guard let target else { return }
        for column in columns.indices where column != target && !columns[column].isConstant {
            let kind: TableAudit.Leak.Kind?
            if sequences[column] == sequences[target], isNumeric.contains(column) == isNumeric.contains(target) {
                kind = .equal
            } else if let index = codedPlaces[column], codedTarget != nil, maps[index].isOneToOne,
                // Values of which each occurs once go one to one with anything.
                2 * (columns[column].levels?.count ?? 0) <= profile.rowCount
            {
                kind = .renamed
            } else if let index = numericPlaces[column], numericTarget != nil,
                abs(correlations[index].correlation) > TableAudit.correlationLimit
            {
                kind = .correlated(correlations[index].correlation)
            } else {
                kind = nil
            }
            if let kind { leaks.append(TableAudit.Leak(column: columns[column].name, kind: kind)) }
        }
    }

    private mutating func findDuplicates(_ sequences: [SequenceHash], _ profile: TableProfile) {
        var groups: [SequenceHash: [Int]] = [:]
        for (column, own) in profile.columns.enumerated() where !own.isConstant {
            groups[sequences[column], default: []].append(column)
        }
        duplicates = groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    }
}

/// A hash over the values of a column in their order: 128 bits, so that columns of equal hash are equal for all that
/// chance can do.
private struct SequenceHash: Hashable {
    private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var high: UInt64 = 0xD6E8_FEB8_6659_FD93

    @inline(__always)
    mutating func add(_ value: UInt64) {
        low = (low ^ value) &* 0xA076_1D64_78BD_642F
        low ^= low >> 32
        high = (high &+ value) &* 0xE703_7ED1_A0B4_28DB
        high ^= high >> 29
    }
}

extension String {
    /// FNV-1a (Fowler, Noll and Vo): the same in every run, never that of a missing value.
    fileprivate var stableHash: UInt64 {
        utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } | 1
    }
}

/// The sums behind Pearson's correlation, about the means, over the rows where both are there.
private struct CorrelationSums {
    private let mean: Double
    private var count = 0.0
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var yy = 0.0
    private var xy = 0.0

    init(mean: Double) { self.mean = mean }

    /// - Parameter target: Its distance from its mean.
    @inline(__always)
    mutating func add(_ value: Double, _ target: Double) {
        let value = value - mean
        guard !value.isNaN, !target.isNaN else { return }
        count += 1
        x += value
        y += target
        xx += value * value
        yy += target * target
        xy += value * target
    }

    /// 0 where there are fewer than three rows, or one side does not vary.
    var correlation: Double {
        guard count > 2 else { return 0 }
        let spread = (xx - x * x / count) * (yy - y * y / count)
        return spread > 0 ? (xy - x * y / count) / spread.squareRoot() : 0
    }
}

/// Which levels of one column meet which of another.
private struct LevelMap {
    private var forward: [Int32: Int32] = [:]
    private var backward: [Int32: Int32] = [:]
    private(set) var isOneToOne = true

    @inline(__always)
    mutating func add(_ from: Int32, _ to: Int32) {
        guard isOneToOne else { return }
        if forward[from, default: to] != to || backward[to, default: from] != from {
            isOneToOne = false
            return
        }
        forward[from] = to
        backward[to] = from
    }
}
