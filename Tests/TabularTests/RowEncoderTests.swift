import LinearAlgebra
import Testing

@testable import Tabular

@Suite("Encoding run by run")
struct RowEncoderTests {
    private static let table =
        "c,w,a,t\n"
        + (0..<100).map { row in
            "\(row % 9 == 4 ? "" : "\(row)"),\(row % 3),\(row % 13 == 0 ? "" : ["x", "y", "z"][row % 3]),"
                + (row % 10 == 7 ? "\n" : "\(row % 2)\n")
        }.joined()

    private func encoder(_ source: CSVSource, missing: SchemaOptions.Missing) throws -> RowEncoder {
        let options = SchemaOptions.target("t") {
            $0.weight = "w"
            $0.missing = missing
        }
        let (schema, _) = try Schema.resolve(source.profile(), of: source, options: options)
        return try RowEncoder(schema, of: source, readsTargets: true, keepsAllRows: false)
    }

    @Test(
        "One encoder serves runs of any length, into rows of any room",
        arguments: [.mean, .drop] as [SchemaOptions.Missing])
    func runs(_ missing: SchemaOptions.Missing) throws {
        let whole = try CSVSource(text: Self.table)
        let (expected, notes) = try encoder(whole, missing: missing).samples(of: whole)
        #expect(expected.rowCount == (missing == .mean ? 90 : 73))
        for (textSize, capacity) in [(4, 0), (64, 1), (300, 90), (1 << 20, 100)] {
            let source = try CSVSource(text: Self.table, textSize: textSize)
            let encoder = try encoder(source, missing: missing)
            let (found, foundNotes) = try encoder.samples(of: source, rowCount: capacity)
            #expect(found.features.elements.map(\.bitPattern) == expected.features.elements.map(\.bitPattern))
            #expect(found.labels == expected.labels)
            #expect(found.weights?.elements == expected.weights?.elements)
            #expect(found.tableRows == expected.tableRows)
            #expect(foundNotes == notes)
        }
    }

    @Test("Runs encoded apart add up")
    func apart() throws {
        let source = try CSVSource(text: Self.table, textSize: 64)
        let encoder = try encoder(source, missing: .mean)
        let (expected, notes) = try encoder.samples(of: source)
        var block = encoder.rows(capacity: 8)
        var tally = EncodedRows.Tally()
        var labels: [Int32] = []
        var rows: [Int] = []
        try source.read(encoder.selection) { (chunk: borrowing RowChunk) throws(TableError) in
            block.removeAll()
            try encoder.encode(chunk, into: &block)
            let samples = block.samples()
            tally.merge(block.tally)
            labels += samples.labels ?? []
            rows += (0..<samples.rowCount).map { samples.tableRow($0) }
        }
        #expect(labels == expected.labels)
        #expect(rows == expected.tableRows)
        #expect(encoder.notes + encoder.notes(on: tally) == notes)
        #expect(tally.withoutTarget == 10)
    }
}
