import Testing

@testable import Tabular

@Suite("Schema: what is predicted")
struct SchemaTaskTests {
    @Test("Text is a class, its labels in the order of their characters")
    func text() throws {
        let (schema, notes) = try resolve("x,t\n1,pear\n2,Apple\n3,fig\n4,pear\n", .target("t"))
        #expect(schema.target == .classes(column: "t", labels: ["Apple", "fig", "pear"]))
        #expect(notes.contains("target 't' is text: classification into 3 classes"))
    }

    @Test("True and false are classes")
    func boolean() throws {
        let (schema, _) = try resolve("x,t\n1,true\n2,false\n3,true\n", .target("t"))
        #expect(schema.target == .classes(column: "t", labels: ["false", "true"]))
    }

    @Test("An integer of at most 20 values is a class, in the order of the numbers", arguments: [2, 10, 20])
    func fewIntegers(_ classes: Int) throws {
        let (schema, notes) = try resolve(csv("x,t", rows: 60) { "\($0),\($0 * 7 % classes)" }, .target("t"))
        #expect(schema.target == .classes(column: "t", labels: (0..<classes).map(String.init)))
        #expect(notes.contains("target 't' is \(classes) different integers: classification into \(classes) classes"))
    }

    @Test("An integer of more than 20 values is a number")
    func manyIntegers() throws {
        let (schema, notes) = try resolve(csv("x,t", rows: 60) { "\($0),\($0 % 21)" }, .target("t"))
        #expect(schema.target == .values(columns: ["t"]))
        #expect(notes.contains("target 't' is a number: regression"))
    }

    @Test("A fraction makes a number, a whole number with a point does not")
    func fractions() throws {
        #expect(try resolve("x,t\n1,0\n2,0.5\n3,1\n", .target("t")).schema.target == .values(columns: ["t"]))
        #expect(
            try resolve("x,t\n1,0.0\n2,1.0\n3,2.0\n", .target("t")).schema.target
                == .classes(column: "t", labels: ["0.0", "1.0", "2.0"]))
    }

    @Test("What the user says goes before what the values look like")
    func said() throws {
        let table = "x,t\n1,0\n2,1\n3,2\n"
        #expect(
            try resolve(table, .target("t") { $0.task = .regression }).schema.target == .values(columns: ["t"]))
        #expect(
            try resolve("x,t\n1,0.5\n2,1.5\n", .target("t") { $0.task = .classification }).schema.target
                == .classes(column: "t", labels: ["0.5", "1.5"]))
        #expect(
            try resolve("x,t\n1,0\n2,1\n", .target("t") { $0.task = .multilabel }).schema.target
                == .labels(columns: ["t"]))
    }

    @Test("Several targets: all 0 and 1 are questions, other numbers are values, in the order named")
    func several() throws {
        let options = SchemaOptions(targets: [ColumnPattern(name: "q"), ColumnPattern(name: "p")])
        #expect(
            try resolve("p,x,q\n0,1,1\n1,2,0\n", options).schema.target == .labels(columns: ["q", "p"]))
        #expect(
            try resolve("p,x,q\n0,1,1\n2,2,0\n", options).schema.target == .values(columns: ["q", "p"]))
        let text = try #require(
            thrownError { () throws(TableError) in
                _ = try resolve("p,x,q\na,1,1\nb,2,0\n", options)
            })
        #expect(text.kind == .badData && text.column == "p")
        var classes = options
        classes.task = .classification
        let error = thrownError { () throws(TableError) in _ = try resolve("p,x,q\n0,1,1\n1,2,0\n", classes) }
        #expect(error?.kind == .badRequest)
        #expect(error?.message.contains("--task multilabel") == true)
    }

    @Test("A missing target is no class")
    func missing() throws {
        let table = try prepare("x,t\n1,a\n2,\n3,b\n4,NA\n5,a\n", .target("t"))
        #expect(table.classCount == 2)
        #expect(table.training.samples.labels == [0, 1, 0])
        #expect(table.training.samples.tableRows == [0, 2, 4])
        #expect(table.notes.contains("2 rows without a target left out"))
    }

    @Test("A target that cannot be one")
    func errors() throws {
        func error(_ csv: String, _ options: SchemaOptions) -> TableError? {
            thrownError { () throws(TableError) in _ = try resolve(csv, options) }
        }
        #expect(error("x,t\n1,a\n2,a\n", .target("t"))?.message.contains("'a'") == true)
        #expect(error("x,t\n1,\n2,NA\n", .target("t"))?.kind == .badData)
        #expect(error("x,t\n1,1\n2,2\n", SchemaOptions())?.message.contains("--target NAME") == true)
        #expect(error("x,t\n1,1\n2,2\n", .target("u"))?.kind == .badRequest)
        let twice = SchemaOptions(targets: [ColumnPattern(name: "t"), ColumnPattern(name: "1")])
        #expect(error("x,t\n1,1\n2,2\n", twice)?.message.contains("twice") == true)
        let questions = error("x,t\n1,1\n2,3\n", .target("t") { $0.task = .multilabel })
        #expect(questions?.column == "t")
        let words = error("x,t\n1,1\n2,ten\n", .target("t") { $0.task = .regression })
        #expect(words?.line == 3 && words?.message.contains("'ten'") == true)
    }
}
