import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Tabular

/// Against scikit-learn; see Fixtures/make_quantiles.py.
@Suite("Normal scores")
struct NormalScoresTests {
    private struct Fixture: Decodable {
        var values: [[Float]]
        var scores: [[Double]]
        var others: [[Float]]
        var otherScores: [[Double]]
        var shares: [Double]
        var normal: [Double]
    }

    private let fixture: Fixture

    init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/quantiles.json")
        fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
    }

    private func table() throws -> Table {
        let lines = fixture.values.map { "\($0[0]),\($0[1]),\($0[0] > 1 ? "x" : "y")" }
        return try prepare(
            "a,b,t\n" + lines.joined(separator: "\n") + "\n", .target("t") { $0.scale = .quantile })
    }

    @Test("The quantiles of the normal distribution")
    func distribution() {
        for (share, expected) in zip(fixture.shares, fixture.normal) {
            #expect(abs(NormalDistribution.quantile(share) - expected) <= 4e-15 * max(1, abs(expected)), "\(share)")
        }
    }

    @Test("The scores of the rows trained on")
    func training() throws {
        let samples = try table().training.samples
        // Quantiles are kept as Float.
        #expect(
            Tolerance(absolute: 5e-6, relative: 5e-6).disagreement(
                of: samples.features.elements, with: fixture.scores.flatMap { $0 }) == nil)
    }

    @Test("The scores of other values, those beyond the ends too")
    func others() throws {
        let text = "a,b\n" + fixture.others.map { "\($0[0]),\($0[1])\n" }.joined()
        let (samples, notes) = try table().encoding.samples(of: CSVSource(text: text), targets: false)
        // Where a column is steep, the rounding of its quantiles shows.
        #expect(
            Tolerance(absolute: 5e-5, relative: 5e-5).disagreement(
                of: samples.features.elements, with: fixture.otherScores.flatMap { $0 }) == nil)
        #expect(samples.features.elements.allSatisfy { abs($0) < 5.2 })
        #expect(notes.contains { $0.hasPrefix("column 'a': ") && $0.contains("outside the range of training") })
    }

    @Test("A smallest value that most rows share stands in the middle of their ranks")
    func shared() throws {
        let table = try prepare(
            csv("a,t", rows: 1_000) { "\($0 % 5 == 0 ? $0 : 0),\($0 % 2)" }, .target("t") { $0.scale = .quantile })
        let scores = try #require(table.encoding.scaling.scores.first)
        #expect(scores.quantiles.count == 33)
        let zeros = scores.quantiles.count { $0 == 0 }
        #expect(scores.score(0) == Float(NormalDistribution.quantile(Double(zeros - 1) / 2 / 32)))
        #expect(abs(scores.score(0) - -0.25) < 0.05)
        #expect(scores.score(-1) < -5.19 && scores.score(995) > 5.19)
        #expect(scores.score(.infinity) > 5.19)
    }

    @Test("Quantiles are as many as the rows are worth", arguments: [(1, 10), (299, 10), (330, 11), (60_000, 1_000)])
    func counts(_ rows: Int, _ count: Int) throws {
        let scores = try #require(NormalScores(input: 0, sorted: [1, 2, 3], rows: rows))
        #expect(scores.quantiles.count == count)
        #expect(scores.isSound && scores.quantiles.first == 1 && scores.quantiles.last == 3)
        #expect(NormalScores(input: 0, sorted: [], rows: 0) == nil)
    }

    @Test("A missing value has the score of what fills it; a column that does not vary is 0")
    func degenerate() throws {
        let table = try prepare(
            csv("a,b,t", rows: 100) { "\($0 == 50 ? "" : "\($0)"),7,\($0 % 2)" },
            .target("t") {
                $0.scale = .quantile
                $0.missing = .constant(0)
            })
        let rows = table.training.samples.rows
        #expect(rows[50][0] == rows[0][0])
        #expect(rows.allSatisfy { $0[1] == 0 })
    }

    @Test("What a file could hold instead is told apart")
    func sound() {
        func scaling(_ quantiles: [Float], input: Int = 0) -> FeatureScaling {
            var scaling = FeatureScaling(identity: 1)
            var scores = NormalScores(input: 0, sorted: [1, 2], rows: 1)
            scores?.quantiles = quantiles
            scores?.input = input
            scaling.scores = scores.map { [$0] } ?? []
            return scaling
        }
        #expect(scaling([1, 2]).fits(inputs: 1))
        #expect(scaling([1, 1]).fits(inputs: 1))
        #expect(!scaling([1, 2]).fits(inputs: 2))
        for quantiles: [Float] in [[], [1], [2, 1], [1, .nan], [1, .infinity]] {
            #expect(!scaling(quantiles).fits(inputs: 1))
        }
        #expect(!scaling([1, 2], input: 1).fits(inputs: 1))
        #expect(!scaling([1, 2], input: -1).fits(inputs: 1))
    }
}
