import Descent
import Foundation
import TestSupport
import Testing

@Suite("descent evaluate")
struct EvaluateTests {
    let directory: TemporaryDirectory
    let model: String

    init() throws {
        directory = try TemporaryDirectory()
        model = directory.path("model.h5")
    }

    private func metrics(_ arguments: [String], input: String = "") throws -> [String: Double] {
        let result = try Command.succeed(["evaluate", model] + arguments + ["--json", "--quiet"], input: input)
        #expect(result.errors == "")
        #expect(result.output.split(separator: "\n").count == 1)
        guard case .object(let members) = try JSONValue(parsing: result.output) else { return [:] }
        return members.compactMapValues(\.number)
    }

    private static let trainings: [[String]] = [
        [Examples.iris, "--target", "species"],
        [Examples.breastCancer, "--target", "diagnosis", "--loss", "binary-cross-entropy"],
        [Examples.diabetes, "--target", "progression"],
        [Examples.diabetes, "--target", "progression", "--loss", "huber", "--target-scale", "none"],
        [Examples.iris, "--target", "species", "--l2", "0.01", "--class-weight", "balanced"],
    ]

    @Test("The metrics are those of the test at the end of training", arguments: trainings)
    func agreesWithTraining(_ arguments: [String]) throws {
        let log = directory.path("log.jsonl")
        try Command.succeed(
            ["train"] + arguments + [
                "--test", arguments[0], "--layers", "8", "--epochs", "3", "--log", log, "--quiet", "--output", model,
            ])
        guard case .object(let end)? = try EventLines(log).last else {
            Issue.record("the log has no end")
            return
        }
        let tested = end.compactMapValues(\.number).filter { $0.key.hasPrefix("test_") }
        try #require(tested.count >= 4)
        let found = try metrics([arguments[0]])
        for (name, value) in tested { #expect(found[String(name.dropFirst(5))] == value, "\(name)") }
        #expect(found["rows"] == Double(try records(read(arguments[0])).count - 1))
    }

    @Test("Rows, metrics and who was taken for whom as a table")
    func table() throws {
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "8", "--epochs", "3", "--quiet", "--output",
            model,
        ])
        let result = try Command.succeed(["evaluate", model, Examples.iris])
        let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows[0] == ["rows", "150"])
        #expect(rows[1][0] == "loss")
        let head = try #require(rows.firstIndex { $0.starts(with: ["actual"]) })
        #expect(rows[head].suffix(3) == ["setosa", "versicolor", "virginica"])
        let confusion = rows[(head + 1)...(head + 3)]
        #expect(confusion.map { $0[0] } == ["setosa", "versicolor", "virginica"])
        #expect(confusion.flatMap { $0.dropFirst().compactMap(Int.init) }.reduce(0, +) == 150)
        let json = try Command.succeed(["evaluate", model, Examples.iris, "--json"])
        let counts = try JSONValue(parsing: json.output)["confusion"]?.array?.map { $0.array?.compactMap(\.integer) }
        #expect(counts == confusion.map { $0.dropFirst().compactMap(Int.init) })
    }

    @Test("Accuracy is the share of rows predicted right, and does not depend on the workers")
    func accuracy() throws {
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "8", "--epochs", "5", "--quiet", "--output",
            model,
        ])
        let answers = try Command.succeed(["predict", model, Examples.iris, "--output", "-", "--quiet"]).output
        let right = try zip(records(answers).dropFirst(), records(read(Examples.iris)).dropFirst()).count {
            $0[0] == $1[4]
        }
        let one = try metrics([Examples.iris, "--workers", "1"])
        #expect(one["accuracy"] == Double(right) / 150)
        #expect(try metrics([Examples.iris, "--workers", "5"]) == one)
        #expect(try metrics(["-"], input: read(Examples.iris)) == one)
    }

    @Test("A table without the target, or with an unknown class, has no score")
    func noTarget() throws {
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "4", "--epochs", "1", "--quiet", "--output",
            model,
        ])
        let plain = try directory.write("sepal_length,sepal_width,petal_length,petal_width\n1,2,3,4\n", to: "plain.csv")
        try Command.fail(65, naming: [plain, "'species'"], ["evaluate", model, plain])
        let other = try directory.write(
            "sepal_length,sepal_width,petal_length,petal_width,species\n1,2,3,4,rose\n", to: "other.csv")
        try Command.fail(65, naming: [other, "'species'", "row 0"], ["evaluate", model, other, "--json"])
    }
}
