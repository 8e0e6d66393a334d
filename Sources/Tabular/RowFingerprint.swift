internal import LinearAlgebra

/// Tells tables apart: changes when a feature, a target, a weight or the share of rows that train changes, whichever way
/// the rows come in and whoever reads which portions. It does not protect against forgery.
///
/// 64-bit FNV-1a (Fowler, Noll and Vo 1991) by 32-bit words, over features, targets, weights and shares of each portion of
/// the table, and then over the portions.
struct RowFingerprint {
    private struct Hash {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func mix(_ word: UInt32) { value = (value ^ UInt64(word)) &* 0x100_0000_01B3 }

        mutating func mix(_ word: UInt64) {
            mix(UInt32(truncatingIfNeeded: word))
            mix(UInt32(truncatingIfNeeded: word >> 32))
        }

        /// The elements of some rows of `width` each.
        mutating func mix<Element>(_ buffer: SharedBuffer<Element>, _ rows: Range<Int>, width: Int = 1) {
            // A local copy stays in a register.
            var own = self
            buffer.base.withMemoryRebound(to: UInt32.self, capacity: buffer.count) { words in
                for index in rows.lowerBound * width..<rows.upperBound * width { own.mix(words[index]) }
            }
            self = own
        }
    }

    private struct Portion {
        var features = Hash()
        var targets = Hash()
        var weights = Hash()
        var shares = Hash()

        var values: [UInt64] { [features, targets, weights, shares].map(\.value) }
    }

    private let portions: TablePortions
    /// The portion from which rows come.
    private var index: Int?
    private var portion = Portion()
    /// The hashes of the portions before.
    private var finished: [UInt64] = []
    /// The hashes of the rows that all ranks have read, where these are not the same on all.
    private var disputed: [UInt64] = []

    init(_ portions: TablePortions) { self.portions = portions }

    /// Adds rows as they were encoded, before they were scaled.
    ///
    /// - Parameters:
    ///   - some: The rows to take, by index; `nil`: all.
    ///   - isTraining: Whether a row trains, by index.
    mutating func add(_ samples: Samples, rows some: Range<Int>? = nil, isTraining: (Int) -> Bool) {
        for run in portions.runs(of: samples, rows: some ?? 0..<samples.rowCount) {
            if run.portion != index {
                finishPortion()
                index = run.portion
                portion = Portion()
            }
            portion.features.mix(samples.features, run.rows, width: samples.featureCount)
            switch samples.targets {
            case .labels(let labels, _): portion.targets.mix(labels, run.rows)
            case .values(let values, let columns): portion.targets.mix(values, run.rows, width: columns)
            case .none: break
            }
            if let own = samples.weights { portion.weights.mix(own, run.rows) }
            var shares = portion.shares
            for row in run.rows { shares.mix(UInt32(isTraining(row) ? 1 : 0)) }
            portion.shares = shares
        }
    }

    private mutating func finishPortion() {
        guard index != nil else { return }
        finished += portion.values
        index = nil
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        var done = self
        done.finishPortion()
        var total = Hash()
        for value in done.finished + done.disputed { total.mix(value) }
        let digits = String(total.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Several ranks

    /// The rows that all ranks read of each rank's.
    private static let comparedRows = 1_024

    /// Adds the rows of other ranks, which have taken other portions of the table, and compares the tables that the ranks
    /// see: all read some rows of each rank's. Where a rank has read others there than the rest, so does its fingerprint
    /// differ from theirs.
    mutating func gather(
        among readers: any TableReaders, of table: any RandomAccessTable, _ encoder: RowEncoder
    ) throws(TableError) {
        guard readers.rankCount > 1 else { return }
        finishPortion()
        finished = readers.gather(finished).flatMap { $0 }
        var seen: [UInt64] = []
        var rows = encoder.rows(capacity: Self.comparedRows)
        for rank in 0..<readers.rankCount {
            let part = portions.rows(ofRank: rank, of: readers.rankCount)
            let middle = part.lowerBound + part.count / 2
            try encoder.encode(middle..<min(middle + Self.comparedRows, part.upperBound), of: table, into: &rows)
            var some = RowFingerprint(portions)
            some.add(rows.samples()) { _ in true }
            some.finishPortion()
            seen += some.finished
        }
        if readers.gather(seen).contains(where: { $0 != seen }) { disputed = seen }
    }
}
