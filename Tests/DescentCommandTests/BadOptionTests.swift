import TestSupport
import Testing

@Suite("Bad options are usage errors")
struct BadOptionTests {
    static let values: [[String]] = [
        ["--epochs", "0"], ["--epochs", "9223372036854775807"], ["--batch-size", "0"],
        ["--learning-rate", "0"], ["--momentum", "1"], ["--beta1", "1"],
        ["--epsilon", "0"], ["--weight-decay", "inf"], ["--l1", "-1"],
        ["--clip-norm", "0"], ["--dropout", "1"],
        ["--label-smoothing", "1"], ["--warmup", "-1"], ["--patience", "0"], ["--workers", "0"], ["--shards", "0"],
        ["--shards", "9223372036854775807"], ["--max-time", "10days"], ["--layers", "8,,8"],
        ["--layers", "1000000,1000000"], ["--validation-split", "1"], ["--separator", "ab"],
        ["--quote", "ab"], ["--decimal", ":"], ["--comment", "a"],
        ["--class-weight", "{\"a\": -1}"], ["--seed", "-1"],
    ]

    @Test("A value out of range names the flag, and nothing is written", arguments: values)
    func value(_ arguments: [String]) throws {
        let output = try TemporaryDirectory()
        try Command.fail(
            64, naming: [arguments[0]],
            [
                "train", Examples.iris, "--target", "species", "--quiet", "--output", output.path("model.h5"),
                // A value that begins with a dash is one only after an equals sign.
                arguments.joined(separator: "="),
            ])
        #expect(try output.contents == [])
    }

    @Test(
        "A word that is none of the choices",
        arguments: [
            "--activation", "--loss", "--optimizer", "--schedule", "--task", "--progress",
        ])
    func choice(_ flag: String) throws {
        let output = try TemporaryDirectory()
        try Command.fail(
            64, naming: [flag, "best"],
            ["train", Examples.iris, "--target", "species", flag, "best", "--output", output.path("model.h5")])
        #expect(try output.contents == [])
    }

    @Test("Options that contradict one another")
    func contradictions() throws {
        let common = ["train", Examples.iris, "--target", "species"]
        try Command.fail(64, naming: ["--clip-norm"], common + ["--clip-norm", "1", "--clip-value", "1"])
        try Command.fail(64, naming: ["--nesterov"], common + ["--nesterov"])
        try Command.fail(64, naming: ["--nesterov"], common + ["--optimizer", "sgd", "--nesterov"])
        let predict = ["predict", "model.h5", Examples.iris, "--output"]
        try Command.fail(64, naming: ["--proba"], predict + ["answers.csv", "--proba", "--logits"])
        try Command.fail(64, naming: ["--keep"], predict + ["answers.h5", "--keep", "0"])
    }

    @Test(
        "An unknown flag is an error with a suggestion",
        arguments: [
            (["train", "a.csv", "--epoch", "3"], "--epochs"), (["train", "a.csv", "--hidden-layers", "3"], nil),
            (["predict", "m.h5", "a.csv", "--output", "-", "--probas"], "--proba"),
            (["evaluate", "m.h5", "a.csv", "--jsn"], "--json"), (["inspect", "a.csv", "--headr", "yes"], "--header"),
            (["doctor", "--json"], nil),
        ])
    func unknownFlag(_ arguments: [String], _ suggestion: String?) throws {
        let flag = try #require(arguments.first { $0.hasPrefix("--") && $0 != "--output" })
        try Command.fail(64, naming: [flag] + (suggestion.map { ["'\($0)'"] } ?? []), arguments)
    }

    @Test("No table, no model, no verb of that name")
    func missingArguments() throws {
        try Command.fail(64, naming: ["data"], ["train", "--target", "a"])
        try Command.fail(64, naming: ["data"], ["evaluate", "model.h5"])
        try Command.fail(64, naming: ["--output"], ["predict", "model.h5", "a.csv"])
        try Command.fail(64, naming: ["file"], ["inspect"])
        let unknown = try Command.run(["learn", "a.csv"])
        #expect(unknown.exitCode == 64)
        #expect(unknown.output == "")
    }

    @Test("Workers of evaluate and predict", arguments: ["0", "-1", "x"])
    func workers(_ value: String) throws {
        try Command.fail(64, naming: ["--workers"], ["evaluate", "model.h5", "a.csv", "--workers=\(value)"])
        try Command.fail(
            64, naming: ["--workers"], ["predict", "model.h5", "a.csv", "--output", "-", "--workers=\(value)"])
    }
}
