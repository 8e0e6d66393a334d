import LinearAlgebra
import Testing

@testable import Tabular

@Suite("Missing values")
struct MissingValueTests {
    private static let table = "a,b,t\n1,x,0\n,y,1\n5,,0\n6,x,1\n,,0\n"

    private func prepared(_ policy: SchemaOptions.Missing) throws(TableError) -> Table {
        try prepare(
            Self.table,
            .target("t") {
                $0.missing = policy
                $0.scale = .none
            })
    }

    @Test("Filled with the mean or the median; text has a level for it")
    func filled() throws {
        let mean = try prepared(.mean)
        #expect(
            mean.training.samples.rows == [[1, 1, 0, 0], [4, 0, 1, 0], [5, 0, 0, 1], [6, 1, 0, 0], [4, 0, 0, 1]])
        #expect(mean.encoding.schema.inputNames == ["a", "b=x", "b=y", "b=?"])
        #expect(
            mean.notes.contains("missing values in 3 rows filled in: numbers by the mean, text as a level of its own"))
        let median = try prepared(.median)
        #expect(median.training.samples.rows.map { $0[0] } == [1, 5, 5, 6, 5])
        #expect(median.notes.contains { $0.contains("numbers by the median") })
    }

    @Test("Rows are dropped in training, and kept in prediction")
    func dropped() throws {
        let table = try prepared(.drop)
        #expect(table.training.samples.rows == [[1, 1, 0], [6, 1, 0]])
        #expect(table.training.samples.labels == [0, 1])
        #expect(table.training.samples.tableRows == [0, 3])
        #expect(table.notes.contains("3 rows with missing values left out (--missing drop)"))
        let (samples, _) = try table.encoding.samples(of: CSVSource(text: Self.table), targets: false)
        #expect(samples.rowCount == 5)
        #expect(samples.rows[1] == [3.5, 0, 1])
        #expect(samples.rows[2] == [5, 0, 0])
        let (scored, _) = try table.encoding.samples(of: CSVSource(text: Self.table), targets: true)
        #expect(scored.rowCount == 2)
    }

    @Test("Weights and targets go with the rows that stay")
    func droppedTogether() throws {
        let table = try prepare(
            "a,w,t\n1,10,0\n,20,1\n3,30,1\n",
            .target("t") {
                $0.missing = .drop
                $0.weight = "w"
            })
        #expect(table.training.samples.weights?.elements == [10, 30])
        #expect(table.training.samples.labels == [0, 1])
    }

    @Test("An error, in training and in prediction")
    func refused() throws {
        let error = thrownError { () throws(TableError) in _ = try prepared(.error) }
        #expect(error?.kind == .badData)
        #expect(error?.column == "a")
        #expect(error?.message.contains("2 of 5 values are missing") == true)
        let table = try prepare("a,t\n1,0\n2,1\n", .target("t") { $0.missing = .error })
        let later = thrownError { () throws(TableError) in
            _ = try table.encoding.samples(of: CSVSource(text: "a\n1\n2\nNA\n", hasHeader: true), targets: false)
        }
        #expect(later?.kind == .badData)
        #expect(later?.message.contains("row 2") == true)
    }

    @Test("No row left is an error")
    func nothingLeft() throws {
        let error = thrownError { () throws(TableError) in
            _ = try prepare("a,b,t\n1,,0\n,2,1\n", .target("t") { $0.missing = .drop })
        }
        #expect(error?.message.contains("no row is left") == true)
    }

    @Test("A constant, before scaling; text has its own level still")
    func constant() throws {
        let table = try prepared(.constant(-1.5))
        #expect(table.training.samples.rows.map { $0[0] } == [1, -1.5, 5, 6, -1.5])
        #expect(table.training.samples.rows[2] == [5, 0, 0, 1])
        #expect(table.notes.contains { $0.contains("numbers by -1.5") })
        let scaled = try prepare(
            Self.table,
            .target("t") {
                $0.missing = .constant(4)
                $0.scale = .minmax
            })
        #expect(scaled.training.samples.rows.map { $0[0] } == [0, 0.6, 0.8, 1, 0.6])
    }

    @Test("A policy is written as it is read", arguments: ["mean", "median", "drop", "error", "constant:-0.25"])
    func rawValue(_ text: String) {
        #expect(SchemaOptions.Missing(rawValue: text)?.rawValue == text)
    }

    @Test(
        "What is no policy",
        arguments: ["", "Mean", "constant", "constant:", "constant:x", "constant:nan", "constant:1e99"])
    func noPolicy(_ text: String) { #expect(SchemaOptions.Missing(rawValue: text) == nil) }

    @Test("An indicator says where a number was missing, and is not scaled")
    func indicator() throws {
        let options = SchemaOptions.target("t") { $0.missingIndicator = true }
        let table = try prepare("a,b,c,t\n1,x,5,0\n,y,6,1\n5,,7,0\n6,x,8,1\n,,9,0\n", options)
        #expect(table.encoding.schema.inputNames == ["a", "a=?", "b=x", "b=y", "b=?", "c"])
        #expect(table.featureCount == 6)
        #expect(table.training.samples.rows.map { $0[1] } == [0, 1, 0, 0, 1])
        #expect(table.training.samples.rows.map { $0[0] }[1] == 0)
        let (samples, _) = try table.encoding.samples(of: CSVSource(text: "c,b,a\n,x,\n7,y,4\n"), targets: false)
        // Training met no missing value in c, and so gave it no indicator.
        #expect(samples.rows == [[0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]])
        let dropped = try prepare(
            Self.table,
            .target("t") {
                $0.missingIndicator = true
                $0.missing = .drop
            })
        #expect(dropped.encoding.schema.inputNames == ["a", "b=x", "b=y"])
    }
}
