import LinearAlgebra
import TestSupport
import Testing

@testable import Tabular

/// The expected statistics are those of NumPy (`nanmean`, `nanstd`, `nanpercentile`) over the same numbers.
@Suite("Scaling")
struct ScalingTests {
    private static let table = "a,b,c,t\n1,10,-3.5,x\n2,,0.25,y\n4,30,8,x\n,20,1e4,y\n7,50,-2,x\n"
    private static let rows: [[Double?]] = [
        [1, 10, -3.5], [2, nil, 0.25], [4, 30, 8], [nil, 20, 1e4], [7, 50, -2],
    ]
    private static let means = [3.5, 27.5, 2000.55]
    private static let deviations = [2.29128784747792, 14.79019945774904, 3999.7269606811915]
    private static let quartiles = [[1.75, 17.5, -2.0], [3.0, 25.0, 0.25], [4.75, 35.0, 8.0]]

    private func disagreement(
        _ change: (inout SchemaOptions) -> Void, fills: [Double], offsets: [Double], spreads: [Double]
    ) throws -> String? {
        let found = try prepare(Self.table, .target("t", change)).training.samples.features.elements
        let expected = Self.rows.flatMap { row in
            row.enumerated().map { column, value in ((value ?? fills[column]) - offsets[column]) / spreads[column] }
        }
        // Offsets and factors are kept as Float.
        return Tolerance(absolute: 1e-6, relative: 1e-6).disagreement(of: found, with: expected)
    }

    @Test("None leaves numbers as they are")
    func none() throws {
        #expect(
            try disagreement({ $0.scale = .none }, fills: Self.means, offsets: [0, 0, 0], spreads: [1, 1, 1]) == nil)
    }

    @Test(
        "Standard: mean 0, deviation 1, which is the choice for a CSV",
        arguments: [SchemaOptions.Scale.standard, .auto])
    func standard(_ scale: SchemaOptions.Scale) throws {
        #expect(
            try disagreement(
                { $0.scale = scale }, fills: Self.means, offsets: Self.means, spreads: Self.deviations) == nil)
    }

    @Test("Minimum to maximum is 0 to 1")
    func minmax() throws {
        #expect(
            try disagreement(
                { $0.scale = .minmax }, fills: Self.means, offsets: [1, 10, -3.5], spreads: [6, 40, 10_003.5]) == nil)
    }

    @Test("Robust: the median and the distance of the quartiles")
    func robust() throws {
        let spreads = (0..<3).map { Self.quartiles[2][$0] - Self.quartiles[0][$0] }
        #expect(
            try disagreement(
                { $0.scale = .robust }, fills: Self.means, offsets: Self.quartiles[1], spreads: spreads) == nil)
        #expect(
            try disagreement(
                {
                    $0.scale = .robust
                    $0.missing = .median
                }, fills: Self.quartiles[1], offsets: Self.quartiles[1], spreads: spreads) == nil)
    }

    @Test("Bytes are divided by 255")
    func bytes() throws {
        #expect(
            try disagreement(
                { $0.scale = .bytes }, fills: Self.means, offsets: [0, 0, 0], spreads: [255, 255, 255]) == nil)
    }

    @Test("A constant column becomes 0", arguments: [SchemaOptions.Scale.standard, .minmax, .robust])
    func constant(_ scale: SchemaOptions.Scale) throws {
        let table = try prepare(
            csv("a,b,t", rows: 300) { "0.1,\($0),\($0 % 2)" }, .target("t") { $0.scale = scale })
        #expect(table.training.samples.rows.allSatisfy { $0[0] == 0 })
        #expect(table.training.samples.rows[1][1] != 0)
    }

    @Test("A column that varies is not wiped out because its quartiles are equal")
    func robustWithEqualQuartiles() throws {
        let table = try prepare(
            csv("a,t", rows: 100) { "\($0 % 10 == 0 ? $0 : 0),\($0 % 2)" }, .target("t") { $0.scale = .robust })
        let values = Set(table.training.samples.rows.map { $0[0] })
        #expect(values.count == 10)
    }

    @Test("A small deviation about a large mean keeps its digits")
    func largeMean() throws {
        let table = try prepare(csv("a,t", rows: 100) { "\(1_000_000 + $0 % 2),\($0 % 2)" }, .target("t"))
        #expect(table.training.samples.rows.map { $0[0] } == (0..<100).map { $0 % 2 == 0 ? -1 : 1 })
    }

    @Test("Levels stay 0 and 1", arguments: SchemaOptions.Scale.allCases)
    func levels(_ scale: SchemaOptions.Scale) throws {
        let table = try prepare("a,t\nx,0\ny,1\ny,0\n", .target("t") { $0.scale = scale })
        #expect(table.training.samples.rows == [[1, 0], [0, 1], [0, 1]])
    }

    @Test("Only training rows count", arguments: [SchemaOptions.Scale.standard, .minmax, .robust])
    func trainingRowsOnly(_ scale: SchemaOptions.Scale) throws {
        let options = SchemaOptions.target("t") {
            $0.scale = scale
            $0.missing = .median
        }
        let text = csv("a,b,t", rows: 60) { "\($0 * $0),\($0 % 5 == 0 ? "" : "\($0 % 7)"),\($0 % 2)" }
        let table = try prepare(text, options, validationSplit: 0.3, seed: 5)
        let kept = try #require(table.training.rows).map(Int.init)
        #expect(kept.count == 42)
        let lines = text.split(separator: "\n")
        let alone = ([lines[0]] + kept.map { lines[$0 + 1] }).joined(separator: "\n")
        let expected = try prepare(alone, options)
        #expect(table.encoding.scaling == expected.encoding.scaling)
        #expect(kept.map { table.training.samples.rows[$0] } == expected.training.samples.rows)
        #expect(try prepare(text, options).encoding.scaling != table.encoding.scaling)
    }

    @Test("A fitted encoding treats other rows alike")
    func applied() throws {
        let table = try prepare(Self.table, .target("t"))
        let other = try CSVSource(text: "c,extra,b,a\n8,1,30,4\n1,1,,\n")
        let (samples, notes) = try table.encoding.samples(of: other, targets: false)
        #expect(samples.rows[0] == table.training.samples.rows[2])
        #expect(samples.rows[1][0] == 0 && samples.rows[1][1] == 0)
        #expect(samples.labels == nil)
        #expect(notes.contains { $0.contains("1 row filled in") })
    }
}
