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
}
