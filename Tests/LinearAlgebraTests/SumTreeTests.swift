import LinearAlgebra
import TestSupport
import Testing

@Suite("The sum over replicas")
struct SumTreeTests {
    /// The definition ((0 + 1) + (2 + 3)) + …: neighbours are added in pairs, level by level; one left over moves up.
    private func pairwise(_ level: [[Float]]) -> [Float] {
        guard level.count > 1 else { return level[0] }
        var above: [[Float]] = []
        for index in stride(from: 0, to: level.count, by: 2) {
            let pair = level[index..<min(index + 2, level.count)]
            above.append(pair.count == 2 ? zip(level[index], level[index + 1]).map { $0 + $1 } : level[index])
        }
        return pairwise(above)
    }

    /// The definition seen from the root: the largest full subtree of all but the last, and the rest.
    private func recursive(_ replicas: ArraySlice<[Float]>) -> [Float] {
        guard replicas.count > 1, let first = replicas.first else { return replicas.first ?? [] }
        var left = 1
        while 2 * left < replicas.count { left *= 2 }
        guard left < replicas.count else { return first }
        return zip(recursive(replicas.prefix(left)), recursive(replicas.dropFirst(left))).map { $0 + $1 }
    }

    private func sum(_ replicas: [[Float]], range: Range<Int>? = nil, count: Int, stride: Int) -> [Float] {
        let memory = SharedBuffer(replicas.flatMap { $0 + Array(repeating: .nan, count: stride - $0.count) })
        let depth = treeDepth(range?.count ?? replicas.count)
        let scratch = SharedBuffer<Float>(Array(repeating: .nan, count: depth * count + 8))
        let total = SharedBuffer<Float>(Array(repeating: .nan, count: count + 8))
        sumTree(
            memory.base, stride: stride, replicas: range ?? 0..<replicas.count, count: count, scratch: scratch.base,
            total: total.base)
        #expect(scratch.elements[(depth * count)...].allSatisfy { $0.isNaN }, "more scratch than \(depth) levels")
        #expect(total.elements[count...].allSatisfy { $0.isNaN })
        return Array(total.elements[..<count])
    }

    private func replicas(_ number: Int, count: Int) -> [[Float]] {
        var random = CounterRandom.test(number)
        // Magnitudes far apart, so that another order gives other bits.
        return (0..<number).map { _ in (0..<count).map { _ in random.float() * (random.int(in: 0...1) == 0 ? 1 : 1e4) }
        }
    }

    @Test("The sum is the balanced binary tree, bit for bit", arguments: 1...33)
    func tree(number: Int) {
        for count in [1, 5, 16, 37] {
            let replicas = replicas(number, count: count)
            let expected = pairwise(replicas)
            #expect(bitDifference(recursive(replicas[...]), expected) == nil, "the two definitions are one")
            #expect(bitDifference(sum(replicas, count: count, stride: count + 3), expected) == nil)
        }
    }

    @Test("The order matters: the sum from left to right has other bits")
    func order() {
        let replicas = replicas(16, count: 64)
        let sequential = replicas.dropFirst().reduce(replicas[0]) { zip($0, $1).map { $0 + $1 } }
        #expect(bitDifference(sum(replicas, count: 64, stride: 64), sequential) != nil)
    }

    @Test("Full subtrees summed apart, then together, give the same bits")
    func subtrees() {
        let replicas = replicas(24, count: 16)
        let whole = sum(replicas, count: 16, stride: 16)
        for size in [2, 4, 8] {
            let parts = stride(from: 0, to: 24, by: size).map { first in
                sum(replicas, range: first..<first + size, count: 16, stride: 16)
            }
            #expect(bitDifference(sum(parts, count: 16, stride: 16), whole) == nil)
        }
    }

    @Test("A slice of the sum is the sum of the slices")
    func slices() {
        let replicas = replicas(7, count: 40)
        let whole = sum(replicas, count: 40, stride: 40)
        let parts = [0..<13, 13..<16, 16..<40].flatMap { range in
            sum(replicas.map { Array($0[range]) }, count: range.count, stride: range.count)
        }
        #expect(bitDifference(parts, whole) == nil)
    }
}
