internal import LinearAlgebra

/// Memory for the rows of a window, used again for one after the other.
final class WindowMemory: Sendable {
    private let features: SharedBuffer<Float>
    private let targets: Samples.Targets
    private let weights: SharedBuffer<Float>?
    /// The position of every row in the table, for messages.
    private let tableRows: SharedBuffer<Int>
    private let rows: Int
    private let featureCount: Int

    /// - Parameter like: Tells the form of targets and weights.
    init(rows: Int, features: Int, like shape: Samples) {
        self.rows = rows
        featureCount = features
        self.features = SharedBuffer(count: rows * features)
        targets =
            switch shape.targets {
            case .labels(_, let classes): .labels(SharedBuffer(count: rows), classes: classes)
            case .values(_, let columns): .values(SharedBuffer(count: rows * columns), columns: columns)
            case .none: .none
            }
        weights = shape.weights == nil ? nil : SharedBuffer(count: rows)
        tableRows = SharedBuffer(count: rows)
    }

    /// The bytes of a row, with its place in the order.
    static func rowBytes(features: Int, emptySamples: Samples) -> Int {
        let targets =
            switch emptySamples.targets {
            case .labels: 1
            case .values(_, let columns): columns
            case .none: 0
            }
        let numbers = features + targets + (emptySamples.weights == nil ? 0 : 1)
        return numbers * MemoryLayout<Float>.stride + 2 * MemoryLayout<UInt32>.stride + 2 * MemoryLayout<Int>.stride
    }

    /// Copies rows to `position` and after.
    func copy(_ samples: Samples, rows range: Range<Int>, to position: Int) {
        precondition(position + range.count <= rows, "A window of \(rows) rows overflows")
        func copy<Element: BitwiseCopyable>(
            _ source: SharedBuffer<Element>, _ columns: Int, to target: SharedBuffer<Element>
        ) {
            (target.base + position * columns).update(
                from: source.base + range.lowerBound * columns, count: range.count * columns)
        }
        copy(samples.features, featureCount, to: features)
        switch (samples.targets, targets) {
        case (.labels(let source, _), .labels(let target, _)): copy(source, 1, to: target)
        case (.values(let source, let columns), .values(let target, _)): copy(source, columns, to: target)
        default: break
        }
        if let source = samples.weights, let weights { copy(source, 1, to: weights) }
        guard let positions = samples.tableRows else {
            for (offset, row) in range.enumerated() { tableRows.base[position + offset] = row }
            return
        }
        positions.withUnsafeBufferPointer { positions in
            guard let source = positions.baseAddress else { return }
            (tableRows.base + position).update(from: source + range.lowerBound, count: range.count)
        }
    }

    /// The rows as they stand; those behind the last that was copied are left over from another window.
    func samples() -> Samples {
        Samples(
            rowCount: rows, featureCount: featureCount, features: features, targets: targets, weights: weights,
            tableRows: tableRows.elements)
    }
}
