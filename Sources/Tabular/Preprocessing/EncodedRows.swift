internal import LinearAlgebra

/// Room for rows that a `RowEncoder` fills from front to back, and what it counted on the way.
struct EncodedRows {
    /// What was odd about rows.
    struct Tally: Sendable, Equatable {
        var withoutTarget = 0
        var withMissing = 0
        var filled = 0
        /// Rows whose class is written with a full stop behind it.
        var withFullStop = 0
        /// Rows with a level that training never met, by feature.
        var unseen: [Int: Int] = [:]
        /// Rows beyond the range of training, by input; empty where they are not counted.
        var outside: [Int] = []

        /// Adds what was counted over other rows.
        mutating func merge(_ other: Tally) {
            withoutTarget += other.withoutTarget
            withMissing += other.withMissing
            filled += other.filled
            withFullStop += other.withFullStop
            unseen.merge(other.unseen) { $0 + $1 }
            if outside.isEmpty {
                outside = other.outside
            } else {
                for (input, count) in other.outside.enumerated() { outside[input] += count }
            }
        }

        /// As numbers, for other ranks.
        var packed: PackedValues {
            var values = PackedValues()
            values.append([withoutTarget, withMissing, filled, withFullStop])
            values.append(Array(unseen.keys))
            values.append(Array(unseen.values))
            values.append(outside)
            return values
        }

        /// What all ranks have counted, over other rows each.
        func gathered(among readers: any TableReaders) -> Tally {
            var total = Tally()
            for var values in readers.gather(packed) {
                var other = Tally()
                let counts: [Int] = values.next()
                (other.withoutTarget, other.withMissing) = (counts[0], counts[1])
                (other.filled, other.withFullStop) = (counts[2], counts[3])
                other.unseen = Dictionary(uniqueKeysWithValues: zip(values.next() as [Int], values.next() as [Int]))
                other.outside = values.next()
                total.merge(other)
            }
            return total
        }
    }

    let featureCount: Int
    let targetShape: Samples.TargetShape
    private(set) var capacity: Int
    private(set) var rowCount = 0
    /// Capacity x features.
    private(set) var features: SharedBuffer<Float>
    /// Of the targets only one form takes room; the weights take room where there are any.
    private(set) var labels: SharedBuffer<Int32>
    private(set) var values: SharedBuffer<Float>
    private(set) var weights: SharedBuffer<Float>?
    /// The position of each row in its table.
    private var positions: [Int] = []
    /// Whether row i is row i of the table.
    private var isFromStart = true
    var tally = Tally()

    /// - Parameter capacity: The rows to come, where they are known; room is made for more where it runs out.
    init(featureCount: Int, targetShape: Samples.TargetShape, hasWeights: Bool, capacity: Int) {
        self.featureCount = featureCount
        self.targetShape = targetShape
        self.capacity = capacity
        features = SharedBuffer(count: capacity * featureCount)
        labels = SharedBuffer(count: targetShape.labelsPerRow * capacity)
        values = SharedBuffer(count: targetShape.valuesPerRow * capacity)
        weights = hasWeights ? SharedBuffer(count: capacity) : nil
    }

    /// Forgets the rows and what was counted, and keeps the room.
    mutating func removeAll() {
        rowCount = 0
        positions.removeAll(keepingCapacity: true)
        isFromStart = true
        tally = Tally()
    }

    /// Makes room for so many more rows.
    mutating func reserve(_ more: Int) {
        guard rowCount + more > capacity else { return }
        resize(to: max(2 * capacity, rowCount + more))
    }

    /// Counts the row that was written behind the others.
    mutating func append(tableRow: Int) { append(tableRows: tableRow..<tableRow + 1) }

    /// Counts the rows that were written behind the others, and follow one another in the table.
    mutating func append(tableRows: Range<Int>) {
        if isFromStart, tableRows.lowerBound != rowCount {
            isFromStart = false
            positions.append(contentsOf: 0..<rowCount)
        }
        if !isFromStart { positions.append(contentsOf: tableRows) }
        rowCount += tableRows.count
    }

    /// Adds the rows of other ranks, which have encoded those before and behind these; then all have all rows.
    ///
    /// - Parameter tableRowCount: The rows of the table, for which there is room, with those that were left out.
    mutating func gather(among readers: any TableReaders, tableRowCount: Int) {
        guard readers.rankCount > 1 else { return }
        let parts = readers.gather([rowCount]).map { $0[0] }.consecutiveRanges
        let own = parts[readers.rank]
        let total = parts[parts.count - 1].upperBound
        reserve(total - rowCount)
        func share<Element>(_ buffer: SharedBuffer<Element>, width: Int = 1) {
            guard width > 0 else { return }
            // Where they stand among all rows may overlap where they stand now.
            (buffer.base + own.lowerBound * width).update(from: buffer.base, count: own.count * width)
            readers.share(buffer, parts: parts.map { $0.lowerBound * width..<$0.upperBound * width })
        }
        share(features, width: featureCount)
        share(labels, width: targetShape.labelsPerRow)
        share(values, width: targetShape.valuesPerRow)
        if let weights { share(weights) }
        if total < tableRowCount {
            positions = readers.gather(isFromStart ? Array(0..<rowCount) : positions).flatMap { $0 }
            isFromStart = positions.last ?? -1 == total - 1
        } else {
            isFromStart = true
        }
        if isFromStart { positions = [] }
        rowCount = total
        tally = tally.gathered(among: readers)
    }

    /// The rows; a copy only where there is room for more of them.
    mutating func samples() -> Samples {
        if rowCount < capacity { resize(to: rowCount) }
        let targets: Samples.Targets =
            switch targetShape {
            case .labels(let classes): .labels(labels, classes: classes)
            case .values(let columns): .values(values, columns: columns)
            case .none: .none
            }
        return Samples(
            rowCount: rowCount, featureCount: featureCount, features: features, targets: targets, weights: weights,
            tableRows: isFromStart ? nil : positions)
    }

    private mutating func resize(to capacity: Int) {
        let kept = min(capacity, rowCount)
        features = features.resized(to: capacity * featureCount, keeping: kept * featureCount)
        labels = labels.resized(
            to: capacity * targetShape.labelsPerRow, keeping: kept * targetShape.labelsPerRow)
        values = values.resized(
            to: capacity * targetShape.valuesPerRow, keeping: kept * targetShape.valuesPerRow)
        weights = weights?.resized(to: capacity, keeping: kept)
        self.capacity = capacity
    }
}

extension Samples.TargetShape {
    fileprivate var labelsPerRow: Int {
        if case .labels = self { 1 } else { 0 }
    }

    fileprivate var valuesPerRow: Int {
        if case .values(let columns) = self { columns } else { 0 }
    }
}

extension SharedBuffer {
    fileprivate func resized(to count: Int, keeping kept: Int) -> SharedBuffer {
        let copy = SharedBuffer(count: count)
        copy.base.update(from: base, count: kept)
        return copy
    }
}
