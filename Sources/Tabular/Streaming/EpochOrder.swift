internal import LinearAlgebra

/// The order in which an epoch visits the rows of a table that is too large to shuffle at once.
///
/// The table is cut into blocks of consecutive rows. Of every few consecutive blocks, as many as there are windows, each goes
/// to a window of its own, drawn for the epoch: so every window has rows from all over the table, and holds about as much of
/// each of its parts as any other, even where the table is sorted. The rows of a window are then shuffled. One window is an
/// ordinary shuffle of all rows. The order is a function of its arguments alone, and any window of any epoch can be had
/// without those before it.
public struct EpochOrder: Sendable {
    /// Some of the rows of a block that train, counted among these.
    public struct Piece: Sendable, Hashable {
        public var block: Int
        public var rows: Range<Int>
    }

    /// The rows that every window but the last has, a multiple of the batch size.
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
    ///   - windowRows: The most rows of a window, a multiple of the batch size; windows are as even as batches allow.
    ///   - epoch: From 1; below 2^24.
    public init(
        blockCounts: [Int], windowRows: Int, batchSize: Int, shuffles: Bool, seed: UInt64, epoch: Int
    ) {
        precondition(
            batchSize > 0 && windowRows > 0 && windowRows % batchSize == 0, "A window has one whole batch at least")
        let total = blockCounts.reduce(0, +)
        let windows = max(1, (total + windowRows - 1) / windowRows)
        let even = (total + windows - 1) / windows
        self.windowRows = windows == 1 ? windowRows : (even + batchSize - 1) / batchSize * batchSize
        blocks =
            shuffles && windows > 1
            ? Self.deal(blockCounts.count, to: windows, seed: seed, epoch: epoch) : Array(0..<blockCounts.count)
        var starts = [0]
        starts.reserveCapacity(blocks.count + 1)
        var end = 0
        for block in blocks {
            end += blockCounts[block]
            starts.append(end)
        }
        self.starts = starts
        rowCount = total
        self.seed = seed
        self.epoch = epoch
        self.shuffles = shuffles
    }

    /// The blocks window by window: of each `windows` consecutive ones, every window gets one.
    private static func deal(_ count: Int, to windows: Int, seed: UInt64, epoch: Int) -> [Int] {
        var random = CounterRandom(seed: seed, purpose: .blockShuffling, stream: UInt64(epoch))
        var hands = Array(repeating: [Int](), count: windows)
        var turn = Array(0..<UInt32(windows))
        for first in stride(from: 0, to: count, by: windows) {
            random.shuffle(&turn)
            for block in first..<min(first + windows, count) { hands[Int(turn[block - first])].append(block) }
        }
        // Windows end where their rows are full; what then goes over to the next should come from anywhere.
        for index in hands.indices { random.shuffle(&hands[index]) }
        return hands.flatMap { $0 }
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
        // The rows are shuffled anyway, and disks like to go forward.
        return shuffles ? pieces.sorted { $0.block < $1.block } : pieces
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
