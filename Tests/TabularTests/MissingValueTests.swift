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
}
