import Foundation
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

@Suite("Tables unlike the one trained on")
struct OtherTableTests {
    private let encoding: TableEncoding

    init() throws {
        let text = csv("id,a,b,c,t", rows: 120) { "n\($0),\($0),\($0 % 7),\($0 % 3 == 0 ? "x" : "y"),\($0 % 2)" }
        encoding = try prepare(text, .target("t")).encoding
    }

    private func notes(_ text: String, targets: Bool = false) throws -> [String] {
        try encoding.samples(of: CSVSource(text: text, hasHeader: true), targets: targets).notes
    }

    @Test("One like it is nothing to speak of, with or without the columns that training left out")
    func alike() throws {
        #expect(try notes("id,a,b,c,t\nn1,119,0,x,1\n", targets: true).isEmpty)
        #expect(try notes("a,b,c\n0,6,y\n").isEmpty)
    }

    @Test("Columns that training did not have")
    func extra() throws {
        #expect(
            try notes("a,new,b,c\n1,1,1,x\n").contains("a column that training did not have is not used: 'new'"))
        #expect(
            try notes("u,a,v,b,w,c,x,y,z\n1,1,1,1,1,x,1,1,1\n").contains(
                "6 columns that training did not have are not used: 'u', 'v', 'w', 'x', 'y' and 1 more"))
    }

    @Test("Another order of the columns")
    func order() throws {
        #expect(
            try notes("b,a,c\n1,1,x\n") == [
                "the columns stand in another order than in training; they are matched by name"
            ])
    }

    @Test("Values outside the range of training")
    func range() throws {
        #expect(
            try notes("a,b,c\n-1,0,x\n120,6,x\n119,6,y\n,7,x\n").filter { $0.contains("outside") } == [
                "column 'a': 2 rows outside the range of training, 0 to 119",
                "column 'b': 1 row outside the range of training, 0 to 6",
            ])
    }

    @Test("An encoding written before there were ranges, rare levels and indicators")
    func older() throws {
        let json = """
            {"scaling":{"factors":[1,1,1],"fills":[2,0,0],"offsets":[0,0,0]},"schema":{"features":[{"column":"a",
            "kind":{"number":{}}},{"column":"b","kind":{"levels":{"_0":["x","y"],"hasMissing":false}}}],"isMatrix":false,
            "missing":"mean","target":{"classes":{"column":"t","labels":["0","1"]}}},"targetDeviations":[],"targetMeans":[]}
            """
        let older = try JSONDecoder().decode(TableEncoding.self, from: Data(json.utf8))
        let (samples, notes) = try older.samples(of: CSVSource(text: "new,b,a\n1,x,99\n1,y,\n1,z,1\n"), targets: false)
        #expect(samples.rows == [[99, 1, 0], [2, 0, 1], [1, 0, 0]])
        #expect(notes.count == 2)
        #expect(older.scaling.fits(inputs: 3))
    }
}
