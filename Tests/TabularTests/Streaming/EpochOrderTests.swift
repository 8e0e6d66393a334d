import LinearAlgebra
import Testing

@testable import Tabular

@Suite("The order of rows on disk")
struct EpochOrderTests {
    /// Counts of blocks: even, odd, with empty ones, one row each, one block.
    static let tables: [[Int]] = [
        Array(repeating: 10, count: 12), [3, 0, 7, 1, 0, 0, 12, 5], Array(repeating: 1, count: 17), [40], [0, 0, 1],
    ]

    /// The rows of an epoch, each as (block, row in block).
    private func visits(_ order: EpochOrder) -> [[Int]] {
        (0..<order.windowCount).flatMap { index -> [[Int]] in
            let rows = order.pieces(ofWindow: index).flatMap { piece in piece.rows.map { [piece.block, $0] } }
            #expect(rows.count == order.count(ofWindow: index))
            return order.order(ofWindow: index)?.map { rows[Int($0)] } ?? rows
        }
    }

    @Test(
        "Every row is visited once, whatever the window", arguments: tables, [(1, 1), (4, 1), (8, 4), (64, 4), (21, 7)])
    func once(counts: [Int], sizes: (Int, Int)) {
        let (windowRows, batchSize) = sizes
        let all = counts.enumerated().flatMap { block, count in (0..<count).map { [block, $0] } }
        for shuffles in [true, false] {
            let order = EpochOrder(
                blockCounts: counts, windowRows: windowRows, batchSize: batchSize, shuffles: shuffles, seed: 5, epoch: 2
            )
            #expect(order.rowCount == all.count)
            let visits = visits(order)
            if shuffles {
                #expect(visits.sorted { $0.lexicographicallyPrecedes($1) } == all)
            } else {
                #expect(visits == all)
            }
            #expect(order.windowRows <= windowRows && order.windowRows % batchSize == 0)
            for index in 0..<order.windowCount where index < order.windowCount - 1 {
                #expect(order.count(ofWindow: index) == order.windowRows)
            }
        }
    }

    @Test("A window that holds all rows is the ordinary shuffle", arguments: [40, 41, 1000])
    func ordinary(windowRows: Int) {
        let order = EpochOrder(
            blockCounts: [15, 25], windowRows: windowRows, batchSize: 1, shuffles: true, seed: 9, epoch: 3)
        var expected = Array(0..<UInt32(40))
        var random = CounterRandom(seed: 9, purpose: .shuffling, stream: 3)
        random.shuffle(&expected)
        #expect(order.windowCount == 1)
        #expect(order.order(ofWindow: 0) == expected)
        #expect(order.pieces(ofWindow: 0) == [.init(block: 0, rows: 0..<15), .init(block: 1, rows: 0..<25)])
    }

    @Test("Seed and epoch decide")
    func seeds() {
        func visits(seed: UInt64, epoch: Int) -> [[Int]] {
            self.visits(
                EpochOrder(
                    blockCounts: Array(repeating: 5, count: 20), windowRows: 20, batchSize: 10, shuffles: true,
                    seed: seed,
                    epoch: epoch))
        }
        let first = visits(seed: 1, epoch: 1)
        #expect(visits(seed: 1, epoch: 1) == first)
        #expect(visits(seed: 1, epoch: 2) != first)
        #expect(visits(seed: 2, epoch: 1) != first)
    }

    @Test("Of a table sorted by class, every window holds the classes' shares to within a few blocks", arguments: 1...5)
    func mixes(epoch: Int) {
        // 400 blocks of 25 rows; the first third of the table is class 0. 4 windows of 2,500 rows, or 7 of 1,440.
        for windowRows in [2_500, 1_440] {
            let order = EpochOrder(
                blockCounts: Array(repeating: 25, count: 400), windowRows: windowRows, batchSize: 10, shuffles: true,
                seed: 3, epoch: epoch)
            for index in 0..<order.windowCount {
                let first = order.pieces(ofWindow: index).filter { $0.block < 133 }.reduce(0) { $0 + $1.rows.count }
                #expect(abs(Double(first) - Double(order.count(ofWindow: index)) * 133 / 400) <= 3 * 25, "\(first)")
            }
        }
    }

    @Test("Windows are even, and other epochs deal other blocks to them")
    func even() {
        func blocks(_ epoch: Int) -> [[Int]] {
            let order = EpochOrder(
                blockCounts: Array(repeating: 10, count: 105), windowRows: 1_000, batchSize: 10, shuffles: true,
                seed: 1, epoch: epoch)
            #expect(order.windowCount == 2)
            #expect(order.windowRows == 530)
            return (0..<2).map { order.pieces(ofWindow: $0).map(\.block) }
        }
        #expect(blocks(1) != blocks(2))
        #expect(blocks(1)[0] == blocks(1)[0].sorted())
    }
}
