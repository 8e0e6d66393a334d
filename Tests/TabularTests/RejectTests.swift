import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Tabular

@Suite("Rows that are put aside")
struct RejectTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String = "rejects.csv") -> String { directory.path(name) }

    private func source(
        _ text: String, _ rejects: RejectFile?, textSize: Int = CSVCutter.textSize, workers: Int = Processors.usable
    ) throws(TableError) -> CSVSource {
        try CSVSource(
            input: .memory(Array(text.utf8)), name: "memory.csv", hints: .init(), rejects: rejects, workers: workers,
            textSize: textSize)
    }

    /// The rows of the file as a CSV reader sees them.
    private func written(_ name: String = "rejects.csv") throws -> [[String]] {
        try CSVSource(path: path(name), hints: .init(hasHeader: true, missingTexts: [])).cells().map {
            $0.map { $0 ?? "" }
        }
    }

    /// 160 rows, of which some have a bad number, a bad date, too few or too many fields, or line ends in quotes.
    private static let text: String = {
        var lines = ["a,d,c,t"]
        for row in 0..<160 {
            var fields = ["\(row)", "2024-01-\(10 + row % 20)", ["x", "y"][row % 2], "\(row % 2)"]
            switch row {
            case 5, 40: fields[0] = "five"
            case 11: fields[1] = "soon"
            case 12: fields[0] = "\"1,5\""
            case 20: fields = ["1", "2"]
            case 21: fields.append("more, \"\"")
            case 30: fields[2] = "\"p\n\"\"q\"\"\""
            case 31: fields[2] = "\"p\nq\""; fields[0] = "é"
            default: break
            }
            lines.append(fields.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static let bad = [5, 11, 12, 20, 21, 31, 40]

    private static let expected: [[String]] = [
        ["memory.csv", "7", "a", "expected a number, found 'five'", "five,2024-01-15,y,1"],
        ["memory.csv", "13", "d", "expected a date or a time, found 'soon'", "11,soon,y,1"],
        [
            "memory.csv", "14", "a",
            "expected a number, found '1,5' (decimals are written with a point, and thousands are not grouped; see --decimal)",
            "\"1,5\",2024-01-22,x,0",
        ],
        ["memory.csv", "22", "", "expected 4 fields, found 2", "1,2"],
        ["memory.csv", "23", "", "expected 4 fields, found 6", "21,2024-01-11,y,1,more, \"\""],
        ["memory.csv", "34", "a", "expected a number, found 'é'", "é,2024-01-21,\"p\nq\",1"],
        ["memory.csv", "44", "a", "expected a number, found 'five'", "five,2024-01-10,x,0"],
    ]

    @Test(
        "They go to a file with their place, and the rest trains, however the table is read",
        arguments: [4, 50, 1 << 20],
        [0, 1 << 30])
    func putAside(textSize: Int, kept: Int) throws {
        let rejects = try RejectFile(path: path())
        let source = try source(Self.text, rejects, textSize: textSize, workers: 3)
        let table = try Table(
            ProfiledTable(source, options: .target("t") { $0.scale = .none }, keptBytes: kept))
        let rows = (0..<160).filter { !Self.bad.contains($0) }
        #expect(table.training.samples.rows.map { $0[0] } == rows.map { Float($0) })
        #expect(table.training.samples.labels == rows.map { Int32($0 % 2) })
        let names = table.encoding.schema.inputNames
        #expect(names.first == "a" && names[1] == "d(day)" && names.contains("c=p\n\"q\""))
        #expect(table.training.samples.rows.map { $0[1] } == rows.map { Float(19_732 + $0 % 20) })
        // A second reading writes nothing twice.
        _ = try table.encoding.samples(of: source, targets: true)
        let found = try written().sorted { (Int($0[1]) ?? 0) < (Int($1[1]) ?? 0) }
        #expect(found == Self.expected)
        #expect(
            rejects.notes == [
                "memory.csv: 7 rows put aside in \(path()); first line 22: expected 4 fields, found 2"
            ])
    }

    @Test("Without a file they are errors, as ever")
    func errors() throws {
        let error = thrownError { () throws(TableError) in _ = try Table(source(Self.text, nil), options: .target("t"))
        }
        #expect(error?.line == 22)
    }

    @Test("A class that nobody knows, in another table")
    func classes() throws {
        let encoding = try prepare("a,t\n1,x\n2,y\n", .target("t")).encoding
        let rejects = try RejectFile(path: path())
        let (samples, _) = try encoding.samples(of: source("a,t\n3,x\n4,z\n5,\n6,y\n", rejects), targets: true)
        #expect(samples.labels == [0, 1])
        #expect(try written().map { $0[1...].joined(separator: "|") } == ["3|t|'z' is none of the classes|4,z"])
    }

    @Test("A target of classes stays one though a value is none")
    func targets() throws {
        let text = csv("a,t", rows: 60) { "\($0),\($0 == 9 ? "none" : "\($0 % 3)")" }
        let table = try Table(source(text, RejectFile(path: path())), options: .target("t"))
        #expect(table.encoding.schema.target == .classes(column: "t", labels: ["0", "1", "2"]))
        #expect(table.training.count == 59)
        #expect(try written().map { $0[1] } == ["11"])
        let labels = csv("a,t,u", rows: 60) { "\($0),\($0 == 9 ? "none" : "\($0 % 2)"),\($0 % 2)" }
        let options = SchemaOptions(targets: [ColumnPattern(name: "t"), ColumnPattern(name: "u")])
        let many = try Table(source(labels, RejectFile(path: path("other.csv"))), options: options)
        #expect(many.encoding.schema.target == .labels(columns: ["t", "u"]))
        #expect(many.training.count == 59)
    }

    @Test("The first row may be the ragged one; a file where nothing is wrong is not made")
    func corners() throws {
        let text = "a,b,t\n1\n1,2,x\n3,4,y\n"
        let table = try Table(source(text, RejectFile(path: path())), options: .target("t"))
        #expect(table.training.count == 2)
        #expect(try written().count == 1)
        // What an earlier run wrote is no result of this one.
        _ = try Table(source("a,t\n1,x\n2,y\n", RejectFile(path: path())), options: .target("t"))
        #expect(!FileManager.default.fileExists(atPath: path()))
        let nothing = thrownError { () throws(TableError) in
            _ = try Table(
                source("a,b,t\n1\n2\n", RejectFile(path: path("none.csv"))), options: .target("t"))
        }
        #expect(nothing != nil)
    }

    @Test("A file that holds something else is not overwritten")
    func foreign() throws {
        try Data("precious".utf8).write(to: URL(filePath: path()))
        let error = #expect(throws: TableError.self) { _ = try RejectFile(path: path()) }
        #expect(error?.kind == .badRequest)
        #expect(try String(contentsOfFile: path(), encoding: .utf8) == "precious")
        try Data().write(to: URL(filePath: path("empty.csv")))
        _ = try RejectFile(path: path("empty.csv"))
    }

    @Test("A file that cannot be written is an error")
    func unwritable() throws {
        let rejects = try RejectFile(path: path("no/where.csv"))
        let error = #expect(throws: TableError.self) {
            _ = try Table(source(Self.text, rejects), options: .target("t"))
        }
        #expect(error?.kind == .inputOutput)
    }
}
