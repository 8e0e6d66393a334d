internal import LinearAlgebra

/// How the shards of a batch are shared out among ranks: consecutive ones to each, as evenly as can be.
///
/// The sum of the gradients is the same tree over all shards for any number of ranks. The shards of a rank make up a few
/// whole subtrees of it; their sums are what a rank sends, and the ranks that receive them complete the tree.
struct ShardShares: Sendable {
    let shards: Int
    let ranks: Int

    /// The shards of a rank; none where there are more ranks than shards.
    func range(of rank: Int) -> Range<Int> { rank * shards / ranks..<(rank + 1) * shards / ranks }

    /// The largest subtrees that lie wholly in a rank's shards, from left to right.
    func subtrees(of rank: Int) -> [Range<Int>] {
        let share = range(of: rank)
        var found: [Range<Int>] = []
        func visit(_ node: Range<Int>) {
            if share.lowerBound <= node.lowerBound && node.upperBound <= share.upperBound {
                found.append(node)
            } else if node.overlaps(share) {
                let middle = treeMiddle(of: node)
                visit(node.lowerBound..<middle)
                visit(middle..<node.upperBound)
            }
        }
        if !share.isEmpty { visit(0..<shards) }
        return found
    }
}
