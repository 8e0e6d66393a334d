import LinearAlgebra
import Testing

@testable import Tabular

@Suite("Schema: what is learnt from")
struct SchemaFeatureTests {
    @Test("All columns but the target, in the order of the file")
    func allOthers() throws {
        let (schema, _) = try resolve("c,t,a,b\n1,x,red,2\n2,y,blue,3\n", .target("t"))
        #expect(
            schema.features == [
                .init(column: "c", kind: .number),
                .init(column: "a", kind: .levels(["blue", "red"], hasMissing: false)),
                .init(column: "b", kind: .number),
            ])
        #expect(schema.featureCount == 4)
        #expect(schema.inputNames == ["c", "a=blue", "a=red", "b"])
    }

    @Test("A column is numeric from 95 % numbers on; the rest are then errors, with their place")
    func share() throws {
        // 95 of 100 are numbers: numeric, and the five others are errors.
        let numeric = csv("a,t", rows: 100) { "\($0 < 95 ? "\($0)" : "w\($0)"),\($0 % 2)" }
        let error = thrownError { () throws(TableError) in _ = try resolve(numeric, .target("t")) }
        #expect(error?.kind == .badData)
        #expect(error?.line == 97)
        #expect(error?.column == "a")
        #expect(error?.message.contains("'w95'") == true)
        #expect(error?.message.contains("--categorical") == true)
        // 94 of 100: text, whose many values are taken for an identifier only beyond 100.
        let text = csv("a,t", rows: 100) { "\($0 < 94 ? "\($0)" : "w\($0)"),\($0 % 2)" }
        let schema = try resolve(text, .target("t")).schema
        #expect(schema.features[0].width == 100)
        // Missing values do not count: 95 numbers, 5 words, and as many missing.
        let gaps = csv("a,t", rows: 200) { "\($0 % 2 == 1 ? "" : $0 < 190 ? "\($0)" : "w"),\($0 % 2)" }
        #expect(thrownError { () throws(TableError) in _ = try resolve(gaps, .target("t")) }?.line == 192)
        // Declared as categories they are all welcome.
        let declared = try resolve(numeric, .target("t") { $0.categorical = ColumnPattern("a") }).schema
        #expect(declared.features[0].width == 100)
    }

    @Test("Numbers that are declared categories are levels in the order of their values")
    func categorical() throws {
        let (schema, _) = try resolve(
            "a,b,t\n10,1,x\n9,2,y\n10,3,x\n", .target("t") { $0.categorical = ColumnPattern("a") })
        #expect(schema.features[0].kind == .levels(["9", "10"], hasMissing: false))
        #expect(schema.features[1].kind == .number)
    }

    @Test("Missing: empty, NA, NaN, null and ?, with blanks around them")
    func missingTokens() throws {
        let tokens = ["", "NA", "NaN", "null", "?", " ", " NA ", "\t?"]
        let table = try prepare(
            csv("a,b,t", rows: 16) { "\($0 < 8 ? tokens[$0] : "\($0)"),\($0),\($0 % 2)" },
            .target("t") { $0.scale = .none })
        #expect(table.encoding.schema.features[0].kind == .number)
        // The mean of 8 to 15.
        #expect(table.training.samples.rows.prefix(8).allSatisfy { $0[0] == 11.5 })
        #expect(table.notes.contains { $0.hasPrefix("missing values in 8 rows filled in: numbers by the mean") })
    }

    @Test("Text of more than 100 values is an identifier, unless it is named")
    func identifiers() throws {
        func table(_ count: Int) -> String { csv("id,a,t", rows: count) { "n\($0),\($0),\($0 % 2)" } }
        #expect(try resolve(table(100), .target("t")).schema.features.map(\.column) == ["id", "a"])
        let (schema, notes) = try resolve(table(101), .target("t"))
        #expect(schema.features.map(\.column) == ["a"])
        #expect(
            notes.contains { $0.hasPrefix("column 'id' is left out: 101 different texts in 101 rows look like an") })
        for options in [
            SchemaOptions.target("t") { $0.categorical = ColumnPattern("id") },
            SchemaOptions.target("t") { $0.features = ColumnPattern("id,a") },
        ] {
            #expect(try resolve(table(101), options).schema.features.first?.width == 101)
        }
        let tooMany = thrownError { () throws(TableError) in
            _ = try resolve(table(10_001), .target("t") { $0.categorical = ColumnPattern("id") })
        }
        #expect(tooMany?.column == "id")
        #expect(tooMany?.message.contains("10000") == true)
    }

    @Test("Columns are chosen and left out")
    func choice() throws {
        let table = "a1,a2,b,t\n1,2,3,x\n4,5,6,y\n"
        func names(_ change: (inout SchemaOptions) -> Void) throws -> [String] {
            try resolve(table, .target("t", change)).schema.features.map(\.column)
        }
        #expect(try names { $0.features = ColumnPattern("b,a1") } == ["a1", "b"])
        #expect(try names { $0.ignored = ColumnPattern("a*") } == ["b"])
        #expect(
            try names {
                $0.features = ColumnPattern("a?")
                $0.ignored = ColumnPattern("1")
            } == ["a1"])
        #expect(try names { $0.weight = "a2" } == ["a1", "b"])
        let nothing = thrownError { () throws(TableError) in
            _ = try resolve(table, .target("t") { $0.ignored = ColumnPattern("a*,b") })
        }
        #expect(nothing?.message.contains("no column is left") == true)
        let both = thrownError { () throws(TableError) in
            _ = try resolve(table, .target("t") { $0.features = ColumnPattern("a1,t") })
        }
        #expect(both?.kind == .badRequest && both?.column == "t")
    }

    @Test("Columns that tell nothing are named")
    func useless() throws {
        let (schema, notes) = try resolve("a,b,c,t\n1,,7,x\n2,NA,7,y\n", .target("t"))
        #expect(schema.features.map(\.column) == ["a", "c"])
        #expect(notes.contains("column 'b' is left out: every value is missing"))
        #expect(notes.contains("column 'c' is constant and tells nothing"))
    }

    @Test("Weights are numbers of 0 or more, one per row")
    func weights() throws {
        let table = try prepare("a,w,t\n1,0,x\n2,2.5,y\n", .target("t") { $0.weight = "w" })
        #expect(table.training.samples.weights?.elements == [0, 2.5])
        #expect(table.featureCount == 1)
        for (value, fragment) in [("-1", "-1"), ("", "no weight"), ("inf", "inf")] {
            let error = thrownError { () throws(TableError) in
                _ = try prepare(
                    csv("a,w,t", rows: 30) { "\($0),\($0 == 7 ? value : "1"),\($0 % 2)" },
                    .target("t") { $0.weight = "w" })
            }
            #expect(error?.kind == .badData)
            #expect(error?.column == "w")
            #expect(error?.message.contains(fragment) == true, "\(String(describing: error))")
        }
        let text = thrownError { () throws(TableError) in
            _ = try resolve("a,w,t\n1,few,x\n2,many,y\n", .target("t") { $0.weight = "w" })
        }
        #expect(text?.column == "w" && text?.line == 2)
        let both = thrownError { () throws(TableError) in
            _ = try resolve("a,t\n1,1\n2,2\n", .target("t") { $0.weight = "t" })
        }
        #expect(both?.kind == .badRequest)
    }

    @Test("Passengers: quoted names with commas, gaps, tickets, few ports")
    func passengers() throws {
        let lines = (0..<120).map { row in
            let age = row % 6 == 0 ? "" : "\(20 + row % 40)"
            let port = row == 5 ? "" : ["S", "C", "Q"][row % 3]
            let name = "\"Name\(row), Mr. \"\"Nick\"\" \(row)\""
            return
                "\(row + 1),\(row % 2),\(1 + row % 3),\(name),\(row % 4 == 0 ? "female" : "male"),\(age),PC \(row),\(port)"
        }
        let table = try prepare(
            "PassengerId,Survived,Pclass,Name,Sex,Age,Ticket,Embarked\n" + lines.joined(separator: "\n"),
            .target("Survived") { $0.categorical = ColumnPattern("Pclass") })
        let schema = table.encoding.schema
        #expect(schema.target == .classes(column: "Survived", labels: ["0", "1"]))
        #expect(
            schema.features == [
                .init(column: "PassengerId", kind: .number),
                .init(column: "Pclass", kind: .levels(["1", "2", "3"], hasMissing: false)),
                .init(column: "Sex", kind: .levels(["female", "male"], hasMissing: false)),
                .init(column: "Age", kind: .number),
                .init(column: "Embarked", kind: .levels(["C", "Q", "S"], hasMissing: true)),
            ])
        #expect(table.featureCount == 11)
        #expect(table.training.samples.rows[5].suffix(4) == [0, 0, 0, 1])
        #expect(table.training.samples.rows[1][1..<4] == [0, 1, 0])
        #expect(table.notes.contains { $0.contains("'Name' is left out") })
        #expect(table.notes.contains { $0.contains("'Ticket' is left out") })
        #expect(!table.training.samples.features.elements.contains { !$0.isFinite })
    }
}
