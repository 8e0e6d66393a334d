import Foundation
import TestSupport
import Testing

@Suite("Bad tables end in a sentence and an exit code")
struct BadTableTests {
    /// A table that cannot train a model, and what the user must be told.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let table: String
        let exitCode: Int32
        let fragments: [String]
        var options = ["--target", "t"]

        init(
            _ description: String, _ table: String, _ exitCode: Int32, _ fragments: [String],
            _ options: [String] = ["--target", "t"]
        ) {
            testDescription = description
            self.table = table
            self.exitCode = exitCode
            self.fragments = fragments
            self.options = options
        }
    }

    private static let rows = (0..<30).map { "\($0),\($0 % 5),\($0 % 2 == 0 ? "yes" : "no")\n" }

    /// A table of columns a, b and t with one line put in after the header and `rows` rows.
    private static func table(_ line: String, after rows: Int = 25) -> String {
        "a,b,t\n" + Self.rows[..<rows].joined() + line + "\n" + Self.rows[rows...].joined()
    }

    static let cases: [Case] = [
        Case("empty", "", 65, ["the file is empty"]),
        Case("only blank lines", "\n\n \n", 65, ["the file is empty"]),
        Case("header only", "a,b,t\n", 65, ["line 1", "no row below"]),
        Case("ragged row", table("1,2"), 65, ["line 27", "expected 3 fields as in line 1, found 2"]),
        Case("long row", table("1,2,yes,4"), 65, ["line 27", "found 4"]),
        Case("open quote", table("1,\"2,yes"), 65, ["line 27", "column 'b'", "never closed"]),
        Case("text among numbers", table("many,2,yes"), 65, ["line 27", "column 'a'", "'many'", "--categorical"]),
        Case("infinity", table("1,inf,yes"), 65, ["line 27", "column 'b'", "'inf'"]),
        Case("minus infinity", table("-Infinity,1,yes"), 65, ["line 27", "column 'a'", "'-Infinity'"]),
        Case("beyond single precision", table("1e39,1,yes"), 65, ["line 27", "column 'a'", "'1e39'"]),
        Case("NUL", table("1,2\0,yes"), 65, ["line 27", "NUL"]),
        Case("one class only", "a,t\n1,x\n2,x\n3,x\n", 65, ["column 't'", "'x'", "at least two"]),
        Case("nothing but missing targets", "a,t\n1,\n2,NA\n", 65, ["column 't'", "missing"]),
        Case("nothing but missing features", "a,t\n,x\nNA,y\n?,x\n", 65, ["no column is left to learn from"]),
        Case(
            "missing values not allowed", table("1,NA,yes"), 65, ["column 'b'", "--missing error"],
            [
                "--target", "t", "--missing", "error",
            ]),
        Case(
            "no row complete", "a,b,t\n1,,x\n,2,y\n", 65, ["no row is left", "--missing"],
            [
                "--target", "t", "--missing", "drop",
            ]),
        Case(
            "too few rows to hold any out", "a,t\n1,x\n2,y\n", 65, ["2 rows are too few"],
            [
                "--target", "t", "--validation-split", "0.1",
            ]),
        Case(
            "target of a regression is text", table("1,2,yes"), 65, ["column 't'", "line 2", "'yes'"],
            [
                "--target", "t", "--task", "regression",
            ]),
        Case(
            "multilabel with a 2", "a,t\n1,0\n2,1\n3,2\n", 65, ["column 't'", "0 and 1"],
            [
                "--target", "t", "--task", "multilabel",
            ]),
        Case("no target", table("1,2,yes"), 64, ["--target", "'a', 'b', 't'"], []),
        Case("unknown target", table("1,2,yes"), 64, ["--target", "'tt'", "did you mean 't'"], ["--target", "tt"]),
        Case("index beyond the columns", table("1,2,yes"), 64, ["--target", "'3'"], ["--target", "3"]),
        Case("target named twice", table("1,2,yes"), 64, ["column 't'", "twice"], ["--target", "t", "--target", "2"]),
        Case("target is a feature", table("1,2,yes"), 64, ["column 't'"], ["--target", "t", "--features", "a,t"]),
        Case("target is the weight", table("1,2,yes"), 64, ["column 'b'"], ["--target", "b", "--weight", "b"]),
        Case("unknown feature", table("1,2,yes"), 64, ["--features", "'c'"], ["--target", "t", "--features", "a,c"]),
        Case("glob without a match", table("1,2,yes"), 64, ["--ignore", "'x*'"], ["--target", "t", "--ignore", "x*"]),
        Case("unknown weight", table("1,2,yes"), 64, ["--weight", "'w'"], ["--target", "t", "--weight", "w"]),
        Case(
            "weight is text", table("1,2,yes"), 65, ["column 't'", "a weight is a number"],
            [
                "--target", "a", "--weight", "t",
            ]),
        Case("weight below 0", table("1,-2,yes"), 65, ["column 'b'", "-2"], ["--target", "t", "--weight", "b"]),
        Case("weight missing", table("1,,yes"), 65, ["column 'b'", "no weight"], ["--target", "t", "--weight", "b"]),
        Case(
            "unknown class weighed", table("1,2,yes"), 64, ["'maybe'", "no, yes"],
            [
                "--target", "t", "--class-weight", "{\"maybe\": 2}",
            ]),
        Case(
            "class weights of a number", table("1,2,yes"), 64, ["class weights"],
            [
                "--target", "a", "--task", "regression", "--class-weight", "balanced",
            ]),
        Case(
            "cross-entropy of a number", table("1,2,yes"), 64, ["cross-entropy"],
            [
                "--target", "a", "--task", "regression", "--loss", "softmax-cross-entropy",
            ]),
        Case(
            "metric that is not there", table("1,2,yes"), 64, ["'val_loss'"],
            [
                "--target", "t", "--validation-split", "0", "--monitor", "val_loss",
            ]),
    ]

    @Test("Each fault is named, and nothing is left behind", arguments: cases)
    func faults(_ item: Case) throws {
        let input = try TemporaryDirectory()
        let output = try TemporaryDirectory()
        let table = try input.write(item.table, to: "table.csv")
        let named = item.exitCode == 65 ? [table] : []
        try Command.fail(
            item.exitCode, naming: named + item.fragments,
            ["train", table, "--layers", "4", "--epochs", "1", "--quiet", "--output", output.path("model.h5")]
                + item.options)
        #expect(try output.contents == [])
    }

    @Test("What is missing is missing, and no error", arguments: ["NaN", "?", ""])
    func missing(_ token: String) throws {
        let directory = try TemporaryDirectory()
        let table = try directory.write(Self.table("\(token),2,yes"), to: "table.csv")
        let result = try Command.succeed([
            "train", table, "--target", "t", "--layers", "4", "--epochs", "1", "--output", directory.path("model.h5"),
        ])
        #expect(result.errors.contains("note: missing values in 1 row filled in: numbers by the mean"))
    }

    @Test("A text column with a few numbers is text, whatever the numbers are")
    func text() throws {
        let directory = try TemporaryDirectory()
        let table = try directory.write(
            "a,t\n" + (0..<20).map { "\($0 % 2 == 0 ? "inf" : "1e39"),\($0 % 2)\n" }.joined(), to: "table.csv")
        try Command.succeed([
            "train", table, "--target", "t", "--layers", "4", "--epochs", "1", "--output", directory.path("model.h5"),
        ])
    }

    @Test(
        "A file that is not there, or a folder, is no input",
        arguments: ["train", "evaluate", "predict", "inspect"], ["nowhere.csv", "nowhere.h5", "folder"])
    func noInput(_ verb: String, _ name: String) throws {
        let input = try TemporaryDirectory()
        let output = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: input.path("folder"), withIntermediateDirectories: false)
        let path = input.path(name)
        let arguments =
            switch verb {
            case "train": [path, "--target", "t", "--output", output.path("model.h5")]
            case "evaluate": [Examples.keras("keras2_mlp.h5"), path]
            case "predict": [Examples.keras("keras2_mlp.h5"), path, "--output", output.path("answers.csv")]
            default: [path]
            }
        try Command.fail(66, naming: [path], [verb] + arguments)
        #expect(try output.contents == [])
    }

    @Test("Every table that is named must be there")
    func secondFile() throws {
        let directory = try TemporaryDirectory()
        let table = try directory.write(Examples.table(), to: "table.csv")
        let other = directory.path("other.csv")
        let output = try TemporaryDirectory()
        let model = output.path("model.h5")
        try Command.fail(66, naming: [other], ["train", table, other, "--target", "kind", "--output", model])
        try Command.fail(
            66, naming: [other],
            ["train", table, "--valid", other, "--target", "kind", "--quiet", "--output", model])
        try Command.fail(
            66, naming: [other], ["train", table, "--test", other, "--target", "kind", "--quiet", "--output", model])
        _ = try directory.write("a,c,kind\n1,2,low\n", to: "other.csv")
        try Command.fail(
            65, naming: [other, "lacks 'b'", "has 'c' besides"],
            ["train", table, other, "--target", "kind", "--output", model])
        #expect(try output.contents == [])
    }

    @Test("A model that is no model")
    func noModel() throws {
        let directory = try TemporaryDirectory()
        let table = try directory.write(Examples.table(), to: "table.csv")
        try Command.fail(66, naming: [directory.path("no.h5")], ["evaluate", directory.path("no.h5"), table])
        try Command.fail(65, naming: [table], ["evaluate", table, table])
        let output = try TemporaryDirectory()
        try Command.fail(65, naming: [table], ["predict", table, table, "--output", output.path("answers.csv")])
        #expect(try output.contents == [])
    }
}
