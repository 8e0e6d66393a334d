import LinearAlgebra
import Testing

@testable import Tabular

@Suite("A table in portions")
struct TablePortionsTests {
    @Test(
        "Ranks have all rows, each once and in order, cut between portions",
        arguments: [0, 1, 4_095, 4_096, 4_097, 100_000, 3_000_000, 5_000_000_000], [1, 3, 28, 4_000, 1_000_000])
    func ranks(rowCount: Int, columns: Int) {
        let portions = TablePortions(rowCount: rowCount, columns: columns)
        #expect(portions.count <= 256)
        #expect(portions.count <= 16 || portions.count * columns <= 1 << 19)
        // Enough to share out, where there are enough rows.
        #expect(portions.count == (rowCount + 4_095) / 4_096 || portions.count > 8)
        for ranks in [1, 2, 3, 7, 300] {
            var next = 0
            for rank in 0..<ranks {
                let rows = portions.rows(ofRank: rank, of: ranks)
                #expect(rows.isEmpty || rows.lowerBound == next && rows.lowerBound % 4_096 == 0)
                next = max(next, rows.upperBound)
            }
            #expect(next == rowCount)
        }
    }

    @Test("Rows of the table are cut where portions end")
    func runs() {
        let portions = TablePortions(rowCount: 10_000, columns: 3)
        #expect(portions.runs(of: 5..<5).isEmpty)
        let runs = portions.runs(of: 4_000..<9_000)
        #expect(runs.map(\.portion) == [0, 1, 2])
        #expect(runs.map(\.rows) == [4_000..<4_096, 4_096..<8_192, 8_192..<9_000])
    }

    @Test("So are encoded rows, some of which were left out")
    func encodedRuns() {
        let portions = TablePortions(rowCount: 20_000, columns: 3)
        // None of the portion from 4,096 on.
        let positions = [0, 4_095, 8_192, 8_193, 12_287, 12_288, 19_999]
        let samples = Samples(
            rowCount: positions.count, featureCount: 0, features: SharedBuffer<Float>(count: 0), targets: .none,
            tableRows: positions)
        let runs = portions.runs(of: samples, rows: 1..<7)
        #expect(runs.map(\.portion) == [0, 2, 3, 4])
        #expect(runs.map(\.rows) == [1..<2, 2..<5, 5..<6, 6..<7])
        #expect(samples.rows(within: 4_096..<8_192).isEmpty)
        #expect(samples.rows(within: 8_192..<12_288) == 2..<5)
        let all = Samples(
            rowCount: 9_000, featureCount: 0, features: SharedBuffer<Float>(count: 0), targets: .none)
        #expect(portions.runs(of: all, rows: 0..<9_000).map(\.rows) == [0..<4_096, 4_096..<8_192, 8_192..<9_000])
        #expect(all.rows(within: 8_192..<12_288) == 8_192..<9_000)
    }

    @Test("Values are taken out as they were put in")
    func packing() {
        var values = PackedValues()
        values.append([1, -2, .max])
        values.append("größer")
        values.append([Float]())
        values.append([Double.infinity, -0.5])
        var other = PackedValues(bytes: values.bytes)
        #expect(other.next() == [1, -2, .max])
        #expect(other.nextText() == "größer")
        #expect(other.next() == [Float]())
        #expect(other.next() == [Double.infinity, -0.5])
    }

    @Test("The rows of blocks are counted in a set")
    func counting() {
        var rows = RowSet(rowCount: 300)
        let members = (0..<300).filter { $0 * 7 % 5 < 2 }
        for row in members { rows.insert(row) }
        for range in [0..<0, 0..<1, 3..<64, 64..<128, 63..<65, 1..<299, 0..<300, 128..<129] {
            #expect(rows.count(in: range) == members.count { range.contains($0) }, "\(range)")
        }
        for blockRows in [1, 7, 64, 100, 300, 1_000] {
            let counts = stride(from: 0, to: 300, by: blockRows).map { first in
                members.count { (first..<first + blockRows).contains($0) }
            }
            #expect(rows.counts(rowCount: 300, blockRows: blockRows) == counts)
        }
    }
}
