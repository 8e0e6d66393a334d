import LinearAlgebra
import TestSupport
import Testing

@testable import Tabular

@Suite("Fitting in one pass")
struct EncodingFitterTests {
    private static let schema = Schema(
        features: [
            .init(column: "a", kind: .number), .init(column: "b", kind: .levels(["x", "y"], hasMissing: false)),
            .init(column: "c", kind: .number),
        ], target: .values(columns: ["t"]))

    /// Rows far from 0 with gaps; the levels' inputs hold what no statistic may touch.
    private static func samples(_ rows: Range<Int>) -> Samples {
        var features: [Float] = []
        var targets: [Float] = []
        for row in rows {
            features += [
                row % 7 == 3 ? .nan : Float(1_000_000 + (row * 37) % 101), Float(row % 2), Float(1 - row % 2),
                row % 11 == 0 ? .nan : Float((row * row) % 997) / 8 - 40,
            ]
            targets.append(Float((row * 13) % 61) - 5000)
        }
        return Samples(
            rowCount: rows.count, featureCount: 4, features: SharedBuffer(features),
            targets: .values(SharedBuffer(targets), columns: 1), tableRows: Array(rows))
    }

    private func encoding(
        _ options: SchemaOptions, rows: Int, step: Int, seed: UInt64 = 1, sampleRows: Int = RowSample.rowLimit
    ) -> TableEncoding {
        var fitter = EncodingFitter(
            schema: Self.schema, options: options, featuresAreBytes: false,
            portions: TablePortions(rowCount: rows, columns: 4), seed: seed, sampleRows: sampleRows)
        for first in stride(from: 0, to: rows, by: step) {
            fitter.add(Self.samples(first..<min(first + step, rows))) { (first + $0) % 5 != 2 }
        }
        return fitter.encoding()
    }

    @Test(
        "The same bits however rows are cut into runs",
        arguments: [SchemaOptions.Scale.standard, .minmax, .robust, .none], [RowSample.rowLimit, 100])
    func runs(_ scale: SchemaOptions.Scale, _ sampleRows: Int) {
        let options = SchemaOptions(missing: .median, scale: scale)
        let whole = encoding(options, rows: 3_001, step: 3_001, sampleRows: sampleRows)
        for step in [1, 7, 1_024, 1_500] {
            #expect(encoding(options, rows: 3_001, step: step, sampleRows: sampleRows) == whole)
        }
        #expect(encoding(options, rows: 3_000, step: 3_000, sampleRows: sampleRows) != whole)
        // Three portions of the table.
        let portions = encoding(options, rows: 9_001, step: 9_001, sampleRows: sampleRows)
        for step in [250, 4_096, 5_000] {
            #expect(encoding(options, rows: 9_001, step: step, sampleRows: sampleRows) == portions)
        }
    }

    @Test("Moments are those of two passes in Double", arguments: [1, 2, 1_024, 1_025, 5_000, 20_000])
    func moments(_ rows: Int) throws {
        let samples = Self.samples(0..<rows)
        let trained = (0..<rows).filter { $0 % 5 != 2 }
        let found = encoding(SchemaOptions(scale: .standard), rows: rows, step: 64)
        func reference(_ values: [Float]) -> (mean: Double, deviation: Double) {
            let known = values.filter { !$0.isNaN }.map(Double.init)
            guard !known.isEmpty else { return (0, 0) }
            let mean = known.reduce(0, +) / Double(known.count)
            return (mean, (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)).squareRoot())
        }
        for input in [0, 3] {
            let (mean, deviation) = reference(trained.map { samples.features[$0 * 4 + input] })
            #expect(found.scaling.fills[input] == Float(mean))
            #expect(found.scaling.offsets[input] == Float(mean))
            let factor = deviation > 0 ? 1 / deviation : 0
            #expect(abs(Double(found.scaling.factors[input]) - factor) <= 1e-7 * factor)
        }
        #expect(found.scaling.factors[1...2] == [1, 1] && found.scaling.offsets[1...2] == [0, 0])
        let targets = try #require(samples.values)
        let (mean, deviation) = reference(trained.map { targets[$0] })
        #expect(abs(found.targetMeans[0] - mean) <= 1e-12 * abs(mean))
        #expect(abs(found.targetDeviations[0] - (deviation > 0 ? deviation : 1)) <= 1e-12 * max(1, deviation))
    }

    @Test("Order statistics are exact up to the limit of the sample, whatever the seed")
    func exactOrder() {
        let options = SchemaOptions(missing: .median, scale: .robust)
        let count = (0..<3_001).count { $0 % 5 != 2 }
        let exact = encoding(options, rows: 3_001, step: 50)
        #expect(encoding(options, rows: 3_001, step: 50, seed: 2, sampleRows: count) == exact)
        let sampled = encoding(options, rows: 3_001, step: 50, seed: 2, sampleRows: count - 1)
        #expect(encoding(options, rows: 3_001, step: 50, seed: 2, sampleRows: 200) != sampled)
        #expect(
            encoding(options, rows: 3_001, step: 50, seed: 2, sampleRows: 200)
                != encoding(options, rows: 3_001, step: 50, seed: 3, sampleRows: 200))
    }

    @Test("Columns that are the same in every row are told, whatever runs they come in")
    func duplicates() throws {
        func notes(_ text: String) throws -> [String] {
            try prepare(text, .target("t")).notes.filter { $0.contains("repeat") }
        }
        // b repeats a; c is a in another order, and d is a but for one row; f says what e says in other words.
        let text = csv("a,b,c,d,e,f,t", rows: 64) {
            "\($0),\($0),\(63 - $0),\($0 == 9 ? 10 : $0),\($0 % 2 == 0 ? "p" : "q"),\($0 % 2 == 0 ? "v" : "w"),\($0 % 3)"
        }
        #expect(
            try notes(text) == [
                "column 'b' repeats column 'a' in all rows that train",
                "column 'f' repeats column 'e' in all rows that train",
            ])
        let gaps = csv("a,b,t", rows: 10) { "\($0 == 3 ? "" : "\($0)"),\($0 == 3 ? 0 : $0),\($0 % 2)" }
        #expect(try notes(gaps).isEmpty)
        let many = csv((0..<9).map { "c\($0)," }.joined() + "t", rows: 5) { row in
            String(repeating: "\(row),", count: 9) + "\(row % 2)"
        }
        #expect(try notes(many).count == 6)
        #expect(try notes(many).last == "3 more columns repeat others in all rows that train")
        // Columns that do not vary are named as such.
        #expect(try notes("a,b,c,t\n1,1,3,0\n1,1,4,1\n").isEmpty)
    }

    @Test("A column without a known value among those that train is 0")
    func nothingKnown() {
        for scale in [SchemaOptions.Scale.standard, .minmax, .robust] {
            let options = SchemaOptions(missing: .median, scale: scale)
            var fitter = EncodingFitter(
                schema: Self.schema, options: options, featuresAreBytes: false,
                portions: TablePortions(rowCount: 4, columns: 4), seed: 0)
            fitter.add(Self.samples(3..<4)) { _ in true }
            let encoding = fitter.encoding()
            let samples = Self.samples(3..<4)
            encoding.scale(samples)
            #expect(samples.rows == [[0, 1, 0, 0]])
        }
    }
}

@Suite("Samples of rows")
struct RowSampleTests {
    private func sample(_ rows: Int, limit: Int, seed: UInt64) -> RowSample {
        var sample = RowSample(columns: [1], seed: seed, rowLimit: limit)
        for row in 0..<rows {
            let values = SharedBuffer([-1, Float(row)])
            sample.add(values.base, position: row)
        }
        return sample
    }

    @Test("All rows while they are few", arguments: [0, 1, 2, 63, 64])
    func few(_ rows: Int) {
        #expect(sample(rows, limit: 64, seed: 5).sorted(0) == (0..<rows).map(Float.init))
    }

    @Test("Then so many different rows, those with the smallest draws", arguments: [65, 100, 5_000])
    func many(_ rows: Int) {
        let drawn = (0..<rows).map { row in
            var random = CounterRandom(seed: 5, purpose: .sampling, position: UInt64(row))
            return (random.next(), row)
        }
        let expected = drawn.sorted { $0.0 < $1.0 }.prefix(64).map(\.1).sorted()
        #expect(sample(rows, limit: 64, seed: 5).sorted(0) == expected.map(Float.init))
    }

    @Test("Every row is as likely, wherever it stands")
    func uniform() {
        var counts = [Int](repeating: 0, count: 10)
        for seed in 0..<400 {
            for row in sample(200, limit: 50, seed: UInt64(seed)).sorted(0) { counts[Int(row) / 20] += 1 }
        }
        // 20,000 draws over ten tenths: five deviations of a binomial are 212.
        #expect(counts.reduce(0, +) == 20_000)
        #expect(counts.allSatisfy { abs($0 - 2_000) < 212 }, "\(counts)")
    }

    @Test("Shares are as far off as the inequality allows, and no further")
    func shares() {
        // 2·exp(-2nε²) is 1e-9 for these n and ε.
        let n = 4_096
        let sorted = sample(100_000, limit: n, seed: 9).sorted(0)
        #expect(sorted.count == n)
        for share in [0.01, 0.25, 0.5, 0.75, 0.99] {
            let rank = (sorted.quantile(share) ?? -1) / 100_000
            #expect(abs(rank - share) < 0.0512)
        }
        #expect([Float]().quantile(0.5) == nil)
        #expect([3].quantile(0.9) == 3)
    }
}
