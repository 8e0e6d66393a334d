import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Training

@Suite("The area under the ROC curve")
struct RankedScoresTests {
    /// The areas of rows x columns of scores, which come in parts.
    private static func areas(
        _ scores: [Float], _ isPositive: [Bool], columns: Int = 1, areProbabilities: Bool = false, limit: Int,
        partRows: Int = 1000, knowsRows: Bool = true
    ) -> [Double?] {
        let rows = scores.count / columns
        var ranked = RankedScores(
            columns: columns, areProbabilities: areProbabilities, roundRows: partRows, limit: limit)
        if knowsRows { ranked.reserve(rows: rows, known: 0) }
        for first in stride(from: 0, to: rows, by: partRows) {
            let count = min(partRows, rows - first)
            if !knowsRows { ranked.reserve(rows: first + count, known: first) }
            let block = ranked.block(at: first, roundRow: 0, rows: count)
            for row in 0..<count {
                for column in 0..<columns {
                    let index = (first + row) * columns + column
                    block.put(scores[index], isPositive: isPositive[index], row: row, column: column)
                }
            }
            for column in 0..<(ranked.counted?.columns ?? 0) { ranked.counted?.raise(column: column, rows: 0..<count) }
        }
        return ranked.areas(rows: rows, workers: 2)
    }

    private static let exactly = Int.max
    private static let counted = 0

    @Test("Perfect, reversed, and nothing known", arguments: [exactly, counted])
    func extremes(limit: Int) {
        let answers = [false, false, true, true]
        func area(_ scores: [Float]) -> Double? { Self.areas(scores, answers, limit: limit)[0] }
        #expect(area([0.1, 0.2, 0.3, 0.4]) == 1)
        #expect(area([0.4, 0.3, 0.2, 0.1]) == 0)
        #expect(area([7, 7, 7, 7]) == 0.5)
        #expect(area([-.infinity, -3, -2, .infinity]) == 1)
        // Both zeros are equal.
        #expect(area([0, -0.0, -0.0, 0]) == 0.5)
    }

    @Test("The share of pairs in order, ties counting half", arguments: [exactly, counted])
    func pairs(limit: Int) {
        // Positives 2, 3, 3; negatives 1, 2, 3, 0: 1 + ½ + 0 + 1, and twice 1 + 1 + ½ + 1.
        let area = Self.areas(
            [2, 1, 3, 2, 3, 3, 0], [true, false, true, false, false, true, false], limit: limit)
        #expect(isClose(area[0], (2.5 + 3.5 + 3.5) / 12))
    }

    @Test("One class alone has none", arguments: [exactly, counted])
    func oneClass(limit: Int) {
        #expect(Self.areas([1, 2], [true, true], limit: limit) == [nil])
        #expect(Self.areas([1, 2], [false, false], limit: limit) == [nil])
        #expect(Self.areas([], [], columns: 2, limit: limit) == [nil, nil])
    }

    @Test("NaN ranks above all numbers, and equals itself", arguments: [exactly, counted])
    func notANumber(limit: Int) {
        #expect(Self.areas([.nan, .infinity, -.nan], [true, false, true], limit: limit) == [1])
        #expect(Self.areas([.nan, -.nan, .signalingNaN], [true, false, true], limit: limit) == [0.5])
        #expect(Self.areas([.nan, 0.5], [true, false], areProbabilities: true, limit: limit) == [1])
    }

    @Test("Rows in parts, of which nobody knew how many come, have the same bits", arguments: [1, 255, 256, 257, 1001])
    func parts(rows: Int) {
        var random = CounterRandom.test(72)
        let scores = random.floats(3 * rows, in: 0...1).map { ($0 * 50).rounded() / 50 }
        let answers = scores.map { random.float(in: 0...1) < $0 }
        let exact = (0..<3).map { column in
            PlainMetrics.area(
                scores: stride(from: column, to: 3 * rows, by: 3).map { scores[$0] },
                isPositive: stride(from: column, to: 3 * rows, by: 3).map { answers[$0] })
        }
        for partRows in [1, 100, 256, 2000] {
            for knowsRows in [false, true] {
                func areas(limit: Int) -> [Double?] {
                    Self.areas(
                        scores, answers, columns: 3, areProbabilities: true, limit: limit, partRows: partRows,
                        knowsRows: knowsRows)
                }
                let kept = areas(limit: 3 * rows)
                #expect(zip(kept, exact).allSatisfy { isClose($0, $1) })
                // Buckets tell scores apart that differ by a fiftieth: whether scores were kept at first does not matter.
                #expect(areas(limit: 3 * rows - 1) == kept)
                #expect(areas(limit: 0) == kept)
            }
        }
    }

    /// A score for each row of two classes that overlap, and the bound of its area's error.
    private static func check(_ scores: [Float], _ answers: [Bool], areProbabilities: Bool, atMost most: Double) throws
    {
        let exact = try #require(areas(scores, answers, limit: exactly)[0])
        let found = try #require(areas(scores, answers, areProbabilities: areProbabilities, limit: counted)[0])
        var buckets: [UInt32: (positives: Double, negatives: Double)] = [:]
        for (score, answer) in zip(scores, answers) {
            let ranked = areProbabilities ? score / (1 - score) : score
            // Nine bits of the significand stay.
            let bucket = ranked.bitPattern >> 14
            if answer {
                buckets[bucket, default: (0, 0)].positives += 1
            } else {
                buckets[bucket, default: (0, 0)].negatives += 1
            }
        }
        let positives = Double(answers.count { $0 })
        let bound =
            buckets.values.reduce(0) { $0 + $1.positives * $1.negatives } / 2
            / (positives * (Double(answers.count) - positives))
        #expect(abs(found - exact) <= bound)
        #expect(bound < most)
        // Scores of both classes are spread alike within a bucket, nearly.
        #expect(abs(found - exact) < most / 10)
    }

    /// `DESCENT_LONG_TESTS=1` takes five million scores.
    @Test("Counted in buckets, it is wrong by no more than half the pairs within them")
    func bound() throws {
        let runsLongForm = ProcessInfo.processInfo.environment["DESCENT_LONG_TESTS"] == "1"
        let count = runsLongForm ? 5_000_000 : 50_000
        var random = CounterRandom.test(73)
        var scores: [Float] = []
        var answers: [Bool] = []
        for _ in 0..<count {
            let answer = random.int(in: 0...3) == 0
            let sum = (0..<4).reduce(Float(0)) { sum, _ in sum + random.float(in: -2...2) }
            scores.append(sum + (answer ? 1.5 : 0))
            answers.append(answer)
        }
        try Self.check(scores, answers, areProbabilities: false, atMost: 1e-3)
        let probabilities = scores.map { 1 / (1 + exp(-$0)) }
        try Self.check(probabilities, answers, areProbabilities: true, atMost: 1e-3)
        // Near 1 as well, where floats are sparse.
        let nearOne = scores.map { 1 / (1 + exp(-$0 - 6)) }
        try Self.check(nearOne, answers, areProbabilities: true, atMost: 1e-3)
    }

    @Test("Memory is bounded for any number of rows and columns")
    func memory() {
        for columns in [1, 2, 10, 1000, 100_000, 10_000_000] {
            for rows in [1, 1000, 4_000_000, 1 << 40] {
                let bytes = RankedScores.memory(rows: rows, columns: columns, roundRows: 0, workers: 4)
                #expect(bytes <= 64 << 20 || columns > 4 << 20)
                #expect(bytes > 0)
            }
        }
    }
}
