import Testing

@testable import Tabular

@Suite("Levels of text")
struct LevelTests {
    private func encoding(_ csv: String) throws -> TableEncoding {
        try prepare(csv, .target("t")).encoding
    }

    @Test("A level that training never met is all zeros, and is told")
    func unseen() throws {
        let encoding = try encoding("a,t\nx,0\ny,1\nx,1\n")
        let (samples, notes) = try encoding.samples(
            of: CSVSource(text: "a\ny\nz\nz\n", hasHeader: true), targets: false)
        #expect(samples.rows == [[0, 1], [0, 0], [0, 0]])
        #expect(notes.contains("column 'a': 2 rows with a level that training never met; all its inputs are 0"))
    }

    @Test("A missing value where training met none is all zeros")
    func missingLater() throws {
        let encoding = try encoding("a,t\nx,0\ny,1\n")
        let (samples, _) = try encoding.samples(of: CSVSource(text: "a,b\nx,1\n,1\n"), targets: false)
        #expect(samples.rows == [[1, 0], [0, 0]])
    }

    @Test("A missing value where training met some has its own input")
    func missing() throws {
        let encoding = try encoding("a,t\nx,0\n,1\ny,1\n")
        let (samples, _) = try encoding.samples(of: CSVSource(text: "a,b\n,1\nz,1\nx,1\n"), targets: false)
        #expect(samples.rows == [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
    }

    @Test("An unknown class of a target is an error that names the row")
    func unknownClass() throws {
        let encoding = try encoding("a,t\n1,no\n2,yes\n")
        let error = thrownError { () throws(TableError) in
            _ = try encoding.samples(of: CSVSource(text: "a,t\n1,no\n2,maybe\n"), targets: true)
        }
        #expect(error?.column == "t")
        #expect(error?.message.contains("row 1 (from 0)") == true)
    }

    @Test("Blanks around a level are no part of it, letters' case is")
    func spelling() throws {
        let encoding = try encoding("a,t\n x ,0\nX,1\nx,1\n")
        #expect(encoding.schema.features[0].kind == .levels(["X", "x"], hasMissing: false))
    }

    @Test("A table that lacks a column is refused by name")
    func lacking() throws {
        let encoding = try encoding("alpha,beta,t\n1,x,0\n2,y,1\n")
        let error = thrownError { () throws(TableError) in
            _ = try encoding.samples(of: CSVSource(text: "alpha,gamma\n1,x\n"), targets: false)
        }
        #expect(error?.kind == .badData)
        #expect(error?.message.contains("'beta'") == true)
        let target = thrownError { () throws(TableError) in
            _ = try encoding.samples(of: CSVSource(text: "alpha,beta\n1,x\n"), targets: true)
        }
        #expect(target?.message.contains("'t'") == true)
    }

    private static let cities = "a,t\nx,0\ny,1\nx,1\nz,0\ny,1\n,0\nx,1\n"

    private func cities(_ unseen: SchemaOptions.Unseen = .other, rows: Int = 2) throws(TableError) -> Table {
        try prepare(
            Self.cities,
            .target("t") {
                $0.rare = rows
                $0.unseen = unseen
            })
    }

    @Test("Rare levels share an input")
    func rare() throws {
        let table = try cities()
        #expect(table.encoding.schema.inputNames == ["a=x", "a=y", "a=(rare)", "a=?"])
        #expect(table.encoding.schema.features[0].rare == ["z"])
        #expect(table.training.samples.rows[3] == [0, 0, 1, 0])
        #expect(table.training.samples.rows[5] == [0, 0, 0, 1])
        #expect(table.notes.contains("column 'a': 1 of 3 levels have fewer than 2 rows and share an input"))
        #expect(try cities(rows: 3).encoding.schema.inputNames == ["a=x", "a=(rare)", "a=?"])
        #expect(try cities(rows: 1).encoding.schema.inputNames == ["a=x", "a=y", "a=z", "a=?"])
        let all = thrownError { () throws(TableError) in _ = try cities(rows: 4) }
        #expect(all?.message.contains("no column is left") == true)
    }

    @Test("A level that training never met, by policy")
    func unseenPolicies() throws {
        let later = "a\nz\nw\nx\n"
        func rows(_ policy: SchemaOptions.Unseen) throws -> (rows: [[Float]], notes: [String]) {
            let (samples, notes) = try cities(policy).encoding.samples(
                of: CSVSource(text: later, hasHeader: true), targets: false)
            return (samples.rows, notes)
        }
        let other = try rows(.other)
        #expect(other.rows == [[0, 0, 1, 0], [0, 0, 1, 0], [1, 0, 0, 0]])
        #expect(
            other.notes.contains(
                "column 'a': 1 row with a level that training never met; taken for one of the rare levels"))
        let zero = try rows(.zero)
        #expect(zero.rows == [[0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
        #expect(zero.notes.contains("column 'a': 1 row with a level that training never met; all its inputs are 0"))
        let error = #expect(throws: TableError.self) { _ = try rows(.error) }
        #expect(error?.column == "a")
        #expect(error?.message.contains("row 1 (from 0)") == true)
    }

    @Test("Columns of rare texts alone are left out; columns of many texts may have few that are not rare")
    func rareTexts() throws {
        let text = csv("id,a,t", rows: 300) { "\($0 < 120 ? "n\($0)" : "m\($0 % 3)"),\($0),\($0 % 2)" }
        let kept = try prepare(text, .target("t") { $0.rare = 5 })
        #expect(kept.encoding.schema.inputNames == ["id=m0", "id=m1", "id=m2", "id=(rare)", "a"])
        let without = try prepare(
            csv("id,a,t", rows: 50) { "n\($0),\($0),\($0 % 2)" }, .target("t") { $0.rare = 2 })
        #expect(without.encoding.schema.inputNames == ["a"])
        #expect(without.notes.contains("column 'id' is left out: none of its 50 levels has 2 rows (--rare)"))
    }

    @Test("Yes and no are two levels", arguments: [("true", "false"), ("yes", "no"), ("t", "f"), ("TRUE", "FALSE")])
    func booleans(_ yes: String, _ no: String) throws {
        let table = try prepare("a,t\n\(yes),0\n\(no),1\n,1\n\(no),0\n", .target("t"))
        #expect(table.encoding.schema.inputNames == ["a=\(no)", "a=\(yes)", "a=?"])
        #expect(table.training.samples.rows == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]])
    }

    @Test("A full stop behind the classes of another table is no part of them")
    func fullStops() throws {
        let encoding = try encoding("a,t\n1,<=5\n2,>5\n")
        let (samples, notes) = try encoding.samples(of: CSVSource(text: "a,t\n1,>5.\n2,<=5.\n3,>5\n"), targets: true)
        #expect(samples.labels == [1, 0, 1])
        #expect(notes.contains { $0.hasPrefix("2 rows with a full stop behind the class") })
        // Where the full stop tells classes apart it stays one.
        let apart = try self.encoding("a,t\n1,x\n2,x.\n")
        #expect(
            thrownError { () throws(TableError) in
                _ = try apart.samples(of: CSVSource(text: "a,t\n1,x..\n"), targets: true)
            } != nil)
        #expect(try apart.samples(of: CSVSource(text: "a,t\n1,x.\n2,x\n"), targets: true).samples.labels == [1, 0])
    }
}
