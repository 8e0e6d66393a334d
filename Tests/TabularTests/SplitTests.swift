import LinearAlgebra
import Testing

@testable import Tabular

@Suite("Rows held out")
struct SplitTests {
    private func samples(classes: [Int]) -> Samples {
        // Interleaved, so that no class is a run of rows.
        var left = classes
        var labels: [Int32] = []
        while labels.count < classes.reduce(0, +) {
            for index in left.indices where left[index] > 0 {
                labels.append(Int32(index))
                left[index] -= 1
            }
        }
        return Samples(
            rowCount: labels.count, featureCount: 0, features: SharedBuffer([Float]()),
            targets: .labels(SharedBuffer(labels), classes: classes.count))
    }

    private func held(_ split: Split, _ samples: Samples, of classes: Int) -> [Int] {
        let labels = samples.labels ?? []
        return (0..<classes).map { index in split.validation.count { labels[Int($0)] == index } }
    }

    @Test("Every row is in one share, in the order of the table", arguments: [0.1, 0.25, 0.5, 0.9])
    func disjoint(_ share: Double) throws {
        let samples = samples(classes: [40, 23, 7])
        let split = try #require(Split(samples, share: share, seed: 1))
        #expect((split.training + split.validation).sorted() == (0..<70).map { UInt32($0) })
        #expect(split.training == split.training.sorted())
        #expect(split.validation == split.validation.sorted())
        #expect(split.validation.count == Int((70 * share).rounded()))
    }

    @Test("Of every class the share, to within a row, and exactly in sum")
    func stratified() throws {
        for (classes, share) in [
            ([50, 50, 50], 0.2), ([178, 182, 177, 183, 181, 182, 181, 179, 174, 180], 0.1), ([900, 90, 10], 0.1),
            ([5, 5, 5, 5], 0.1), ([33, 33, 34], 0.333),
        ] {
            let samples = samples(classes: classes)
            let split = try #require(Split(samples, share: share, seed: 7))
            for (count, size) in zip(held(split, samples, of: classes.count), classes) {
                #expect(abs(Double(count) - share * Double(size)) <= 1, "\(count) of \(size)")
            }
            #expect(split.validation.count == Int((share * Double(samples.rowCount)).rounded()))
        }
    }

    @Test("A class keeps a row to learn from")
    func rare() throws {
        let samples = samples(classes: [100, 1, 1, 1])
        let split = try #require(Split(samples, share: 0.9, seed: 2))
        #expect(held(split, samples, of: 4).dropFirst() == [0, 0, 0])
    }

    @Test("The seed decides, and nothing else")
    func seed() throws {
        let samples = samples(classes: [60, 40])
        let first = try #require(Split(samples, share: 0.3, seed: 11))
        #expect(try #require(Split(samples, share: 0.3, seed: 11)).validation == first.validation)
        #expect(try #require(Split(samples, share: 0.3, seed: 12)).validation != first.validation)
        // At random: not the first rows.
        #expect(first.validation != (0..<30).map { UInt32($0) })
    }

    @Test("Over seeds, every row is held out about equally often")
    func uniform() throws {
        let samples = samples(classes: [20, 20])
        var counts = [Int](repeating: 0, count: 40)
        for seed in 0..<400 {
            for row in try #require(Split(samples, share: 0.25, seed: UInt64(seed))).validation {
                counts[Int(row)] += 1
            }
        }
        // Binomial: 100 on average, deviation 8.7.
        #expect(counts.allSatisfy { (60...140).contains($0) }, "\(counts)")
    }

    @Test("Numbers are split without classes")
    func values() throws {
        let samples = Samples(
            rowCount: 33, featureCount: 0, features: SharedBuffer([Float]()),
            targets: .values(SharedBuffer((0..<33).map(Float.init)), columns: 1))
        let split = try #require(Split(samples, share: 0.1, seed: 4))
        #expect(split.validation.count == 3)
        #expect(split.training.count == 30)
    }

    @Test("Too few rows for a share")
    func tooFew() {
        #expect(Split(samples(classes: [2, 2]), share: 0.1, seed: 1) == nil)
        #expect(Split(samples(classes: [1]), share: 0.5, seed: 1) == nil)
        #expect(Split(samples(classes: [1, 1, 1]), share: 0.9, seed: 1) == nil)
    }
}
