internal import LinearAlgebra

/// The order in which an epoch visits the rows of a table that is too large to shuffle at once.
///
/// The table is cut into blocks of consecutive rows. An epoch puts the blocks in an order of its own, lays their rows end
/// to end, cuts these into windows, and shuffles each window: rows that lie together in the table are visited together only
/// where a window holds little more than a block. One window is an ordinary shuffle of all rows. The order is a function of
/// its arguments alone, and any window of any epoch can be had without those before it.
public struct EpochOrder: Sendable {
    /// Some of the rows of a block that train, counted among these.
    public struct Piece: Sendable, Hashable {
        public var block: Int
        public var rows: Range<Int>
    }

    /// The rows that every window but the last has.
    public let windowRows: Int
    public let rowCount: Int
    private let blocks: [Int]
    /// Where each block's rows start, in the order of `blocks`, and where the last ends.
    private let starts: [Int]
    private let seed: UInt64
    private let epoch: Int
    private let shuffles: Bool

    /// - Parameters:
    ///   - blockCounts: The rows of every block that train.
    ///   - windowRows: The rows of a window, a multiple of the batch size.
    ///   - epoch: From 1; below 2^24.
    public init(blockCounts: [Int], windowRows: Int, shuffles: Bool, seed: UInt64, epoch: Int) {
        precondition(windowRows > 0, "A window has at least one row")
        let total = blockCounts.reduce(0, +)
        var blocks = Array(0..<UInt32(blockCounts.count))
        if shuffles, windowRows < total {
            var random = CounterRandom(seed: seed, purpose: .blockShuffling, stream: UInt64(epoch))
            random.shuffle(&blocks)
        }
        self.blocks = blocks.map(Int.init)
        var starts = [0]
        starts.reserveCapacity(blocks.count + 1)
        var end = 0
        for block in blocks {
            end += blockCounts[Int(block)]
            starts.append(end)
        }
        self.starts = starts
        rowCount = total
        self.windowRows = windowRows
        self.seed = seed
        self.epoch = epoch
        self.shuffles = shuffles
    }

    public var windowCount: Int { (rowCount + windowRows - 1) / windowRows }

    /// The rows of a window, end to end before they are shuffled.
    public func count(ofWindow index: Int) -> Int { min(windowRows, rowCount - index * windowRows) }

    /// The parts of blocks that make up a window.
    public func pieces(ofWindow index: Int) -> [Piece] {
        let range = index * windowRows..<index * windowRows + count(ofWindow: index)
        var pieces: [Piece] = []
        var position = blockIndex(at: range.lowerBound)
        while position < blocks.count, starts[position] < range.upperBound {
            let rows =
                max(range.lowerBound, starts[position]) - starts[position]..<min(
                    range.upperBound, starts[position + 1]) - starts[position]
            if !rows.isEmpty { pieces.append(Piece(block: blocks[position], rows: rows)) }
            position += 1
        }
        return pieces
    }

    /// The order in which the rows of a window are visited; `nil`: as they lie.
    public func order(ofWindow index: Int) -> [UInt32]? {
        guard shuffles else { return nil }
        precondition(index < 1 << 24 && epoch < 1 << 24, "Epochs and their windows are numbered with 24 bits")
        var order = Array(0..<UInt32(count(ofWindow: index)))
        var random =
            windowRows < rowCount
            ? CounterRandom(seed: seed, purpose: .windowShuffling, stream: UInt64(epoch) << 24 | UInt64(index))
            : CounterRandom(seed: seed, purpose: .shuffling, stream: UInt64(epoch))
        random.shuffle(&order)
        return order
    }

    /// The last block that starts at or before a position.
    private func blockIndex(at position: Int) -> Int {
        var low = 0
        var high = blocks.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= position { low = middle } else { high = middle }
        }
        return low
    }
}
