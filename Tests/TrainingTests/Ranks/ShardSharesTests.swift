import Testing

@testable import Training

@Suite("Shards are shared out among ranks")
struct ShardSharesTests {
    @Test("Every shard has one rank, and no rank has two more than another", arguments: [1, 2, 3, 7, 8, 13, 64])
    func shares(shards: Int) {
        for ranks in 1...70 {
            let shares = ShardShares(shards: shards, ranks: ranks)
            let ranges = (0..<ranks).map { shares.range(of: $0) }
            #expect(ranges.flatMap { Array($0) } == Array(0..<shards))
            let counts = ranges.map(\.count)
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
            #expect((counts.max() ?? 0) <= (shards + ranks - 1) / ranks)
        }
    }

    @Test("A rank's subtrees are its shards, in order, and nodes of the tree that cannot be larger")
    func subtrees() {
        for shards in 1...33 {
            let nodes = Self.nodes(0..<shards)
            for ranks in 1...12 {
                let shares = ShardShares(shards: shards, ranks: ranks)
                for rank in 0..<ranks {
                    let subtrees = shares.subtrees(of: rank)
                    let range = shares.range(of: rank)
                    #expect(subtrees.flatMap { Array($0) } == Array(range))
                    for subtree in subtrees {
                        #expect(nodes.contains(subtree))
                        let larger = nodes.filter { $0.count > subtree.count && $0.overlaps(subtree) }
                        #expect(
                            larger.allSatisfy { !(range.contains($0.lowerBound) && $0.upperBound <= range.upperBound) })
                    }
                }
            }
        }
        #expect(ShardShares(shards: 64, ranks: 4).subtrees(of: 2) == [32..<48])
        #expect(ShardShares(shards: 8, ranks: 3).subtrees(of: 1) == [2..<4, 4..<5])
        #expect(ShardShares(shards: 7, ranks: 2).subtrees(of: 1) == [3..<4, 4..<7])
    }

    /// The nodes of the tree, made from the leaves: pairs, pairs of pairs, and what is left over joins last.
    private static func nodes(_ leaves: Range<Int>) -> Set<Range<Int>> {
        var level = leaves.map { $0..<$0 + 1 }
        var nodes = Set(level)
        while level.count > 1 {
            var next: [Range<Int>] = []
            for index in stride(from: 0, to: level.count, by: 2) {
                next.append(
                    index + 1 < level.count ? level[index].lowerBound..<level[index + 1].upperBound : level[index])
            }
            level = next
            nodes.formUnion(level)
        }
        return nodes
    }
}
