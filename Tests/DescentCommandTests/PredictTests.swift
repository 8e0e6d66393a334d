import Descent
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("descent predict")
struct PredictTests {
    let directory: TemporaryDirectory
    let model: String

    init() throws {
        directory = try TemporaryDirectory()
        model = directory.path("model.h5")
    }

    private func train(_ arguments: [String]) throws {
        try Command.succeed(
            ["train"] + arguments + ["--layers", "8", "--epochs", "3", "--quiet", "--output", model])
    }

    private func predict(_ arguments: [String], input: String = "") throws -> [[String]] {
        let result = try Command.succeed(
            ["predict", model] + arguments + ["--output", "-", "--quiet"], input: input)
        #expect(result.errors == "")
        return records(result.output)
    }

    @Test("Classes are called as in the data, with their probabilities")
    func probabilities() throws {
        try train([Examples.iris, "--target", "species"])
        let rows = try predict([Examples.iris, "--proba"])
        #expect(rows[0] == ["prediction", "p_setosa", "p_versicolor", "p_virginica"])
        #expect(rows.count == 151)
        for row in rows.dropFirst() {
            let shares = row.dropFirst().compactMap(Double.init)
            try #require(shares.count == 3)
            #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
            let likeliest = shares.firstIndex(of: shares.max() ?? 0)
            #expect(["setosa", "versicolor", "virginica"][likeliest ?? 0] == row[0])
        }
    }

    @Test("Logits are what softmax makes the probabilities of")
    func logits() throws {
        try train([Examples.iris, "--target", "species"])
        let logits = try predict([Examples.iris, "--logits"])
        let shares = try predict([Examples.iris, "--proba"])
        #expect(logits[0] == ["prediction", "logit_setosa", "logit_versicolor", "logit_virginica"])
        for (row, other) in zip(logits.dropFirst(), shares.dropFirst()) {
            let powers = row.dropFirst().compactMap(Double.init).map(exp)
            let expected = powers.map { $0 / powers.reduce(0, +) }
            let found = other.dropFirst().compactMap(Float.init)
            #expect(Tolerance(relative: 1e-6).disagreement(of: found, with: expected) == nil)
        }
    }

    @Test("Two classes with one output have two probabilities and one logit")
    func secondClass() throws {
        try train([Examples.breastCancer, "--target", "diagnosis", "--loss", "binary-cross-entropy"])
        let shares = try predict([Examples.breastCancer, "--proba"])
        #expect(shares[0] == ["prediction", "p_benign", "p_malignant"])
        for row in shares.dropFirst() {
            let second = try #require(Float(row[2]))
            #expect(row[0] == (second > 0.5 ? "malignant" : "benign"))
            #expect(Float(row[1]) == 1 - second)
        }
        let logits = try predict([Examples.breastCancer, "--logits"])
        #expect(logits.map(\.count) == Array(repeating: 2, count: 570))
        for (row, other) in zip(logits.dropFirst(), shares.dropFirst()) {
            let logit = try #require(Double(row[1]))
            let found = try #require(Double(other[2]))
            #expect(abs(1 / (1 + exp(-logit)) - found) < 1e-6)
        }
    }

    @Test("A number is predicted in the data's units, in a column of the target's name")
    func regression() throws {
        try Command.succeed([
            "train", Examples.diabetes, "--target", "progression", "--layers", "16", "--epochs", "40",
            "--learning-rate",
            "0.01", "--quiet", "--output", model,
        ])
        let rows = try predict([Examples.diabetes])
        #expect(rows[0] == ["progression"])
        let found = rows.dropFirst().compactMap { Double($0[0]) }
        let given = try records(read(Examples.diabetes)).dropFirst().compactMap { Double($0[10]) }
        try #require(found.count == 442)
        let squares = zip(found, given).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        let json = try Command.succeed(["evaluate", model, Examples.diabetes, "--json", "--quiet"]).output
        let mse = try #require(try JSONValue(parsing: json)["mse"]?.number)
        #expect(abs(squares / 442 - mse) < 1e-4 * mse)
        #expect(mse < 3500)
        #expect(found.min() ?? 0 > 0 && found.max() ?? 1000 < 400)
    }

    @Test("Kept columns stand before the prediction, as they stood, in the order of the rows")
    func keep() throws {
        try train([Examples.iris, "--target", "species"])
        let given = try records(read(Examples.iris))
        let rows = try predict([Examples.iris, "--keep", "species,petal*,0"])
        #expect(rows[0] == ["sepal_length", "petal_length", "petal_width", "species", "prediction"])
        #expect(rows.map { Array($0.prefix(4)) } == given.map { [$0[0], $0[2], $0[3], $0[4]] })
    }

    @Test("Labels and names with commas, quotes and line ends survive")
    func quotes() throws {
        let labels = ["\"a,b\"", "\"say \"\"no\"\"\""]
        let table = "x,\"t,1\"\n" + (0..<20).map { "\($0 % 2),\(labels[$0 % 2])\n" }.joined()
        let path = try directory.write(table, to: "table.csv")
        try Command.succeed([
            "train", path, "--target", "t,1", "--layers", "none", "--learning-rate", "0.5", "--epochs", "30", "--quiet",
            "--output", model,
        ])
        let result = try Command.succeed([
            "predict", model, path, "--output", "-", "--quiet", "--proba", "--keep", "1",
        ])
        let lines = result.output.split(separator: "\n")
        #expect(lines[0] == "\"t,1\",prediction,\"p_a,b\",\"p_say \"\"no\"\"\"")
        #expect(lines[1].hasPrefix("\"a,b\",\"a,b\","))
        #expect(lines[2].hasPrefix("\"say \"\"no\"\"\",\"say \"\"no\"\"\","))
    }

    @Test("Integer labels stay as they stood")
    func integerLabels() throws {
        let table = "x,t\n" + (0..<30).map { "\($0 % 3),\(["007", "10", "2.0"][$0 % 3])\n" }.joined()
        let path = try directory.write(table, to: "table.csv")
        try train([path, "--target", "t", "--task", "classification"])
        let rows = try predict([path, "--proba"])
        #expect(rows[0] == ["prediction", "p_2.0", "p_007", "p_10"])
        #expect(Set(rows.dropFirst().map { $0[0] }).isSubset(of: ["007", "10", "2.0"]))
    }

    @Test("Columns are matched by name: their order and others beside them do not matter")
    func reordered() throws {
        try train([Examples.iris, "--target", "species"])
        let given = try records(read(Examples.iris))
        let mixed = given.map { "extra,\($0[3]),\($0[1]),\($0[0]),\($0[2])\n" }.joined()
        #expect(try predict(["-", "--proba"], input: mixed) == predict([Examples.iris, "--proba"]))
    }

    @Test("A table that lacks a column is refused, and nothing is written")
    func missingColumn() throws {
        try train([Examples.iris, "--target", "species"])
        let lacking = try directory.write("sepal_length,petal_length,petal_width\n1,2,3\n", to: "lacking.csv")
        let folder = try TemporaryDirectory()
        try Command.fail(
            65, naming: [lacking, "'sepal_width'"],
            ["predict", model, lacking, "--output", folder.path("answers.csv")])
        #expect(try folder.contents == [])
    }

    @Test("A model that was trained on no missing values does not guess any", arguments: ["error", "mean", "drop"])
    func missingValues(_ policy: String) throws {
        try train([Examples.iris, "--target", "species", "--missing", policy])
        let gap = try directory.write(
            "sepal_length,sepal_width,petal_length,petal_width\n1,2,3,4\n1,NA,3,4\n", to: "gap.csv")
        if policy == "error" {
            try Command.fail(65, naming: [gap, "row 1"], ["predict", model, gap, "--output", "-"])
        } else {
            #expect(try predict([gap]).count == 3)
        }
    }

    @Test("Rows do not depend on their neighbours, the workers or the file they stand in")
    func independence() throws {
        try train([Examples.breastCancer, "--target", "diagnosis"])
        let all = try predict([Examples.breastCancer, "--proba", "--workers", "1"])
        #expect(try predict([Examples.breastCancer, "--proba", "--workers", "5"]) == all)
        let lines = try read(Examples.breastCancer).split(separator: "\n")
        let some = ([lines[0]] + lines[300..<303]).joined(separator: "\n")
        #expect(try predict(["-", "--proba"], input: some).dropFirst() == all[300..<303])
        #expect(try predict([Examples.breastCancer, Examples.breastCancer]).count == 2 * 569 + 1)
    }

    @Test("HDF5 holds the labels and the probabilities")
    func hdf5() throws {
        try train([Examples.iris, "--target", "species"])
        let path = directory.path("answers.h5")
        let result = try Command.succeed(["predict", model, Examples.iris, "--proba", "--output", path])
        #expect(result.output == "")
        #expect(result.errors.contains("wrote 150 predictions to \(path)"))
        let rows = try predict([Examples.iris, "--proba"]).dropFirst()
        let file = try File(opening: path)
        #expect(try file.root.childNames == ["prediction", "probability"])
        #expect(try file.root.dataset("prediction").readStrings() == rows.map { $0[0] })
        let shares = try file.root.dataset("probability")
        #expect(shares.shape == [150, 3])
        #expect(try shares.read(as: Float.self) == rows.flatMap { $0.dropFirst().compactMap(Float.init) })
    }

    @Test("Integer labels are integers in HDF5, and the pair of matrices comes back in")
    func hdf5Digits() throws {
        let data = try File(inMemoryNamed: "digits")
        let given = try records(read(Examples.digits)).dropFirst().prefix(300)
        try data.root.createDataset(
            "x", shape: [300, 64], values: given.flatMap { $0.prefix(64).compactMap { UInt8($0) } })
        try data.root.createDataset("y", shape: [300], values: given.compactMap { Int32($0[64]) })
        let path = try directory.write(Data(try data.image()), to: "digits.h5")
        let training = try Command.succeed([
            "train", path, "--layers", "8", "--epochs", "2", "--output", model,
        ])
        #expect(training.errors.contains("divided by 255"))
        let answers = directory.path("answers.h5")
        try Command.succeed(["predict", model, path, "--output", answers, "--quiet"])
        let prediction = try File(opening: answers).root.dataset("prediction")
        #expect(prediction.elementType.isNumeric)
        let found = try prediction.read(as: Int64.self)
        #expect(found.count == 300)
        #expect(Set(found).isSubset(of: Set(0...9)))
        #expect(try predict([path]).dropFirst().map { $0[0] } == found.map(String.init))
    }

    @Test("Numbers are a vector in HDF5")
    func hdf5Regression() throws {
        try train([Examples.diabetes, "--target", "progression"])
        let path = directory.path("answers.h5")
        try Command.succeed(["predict", model, Examples.diabetes, "--logits", "--output", path, "--quiet"])
        let root = try File(opening: path).root
        #expect(try root.childNames == ["logits", "prediction"])
        let found = try root.dataset("prediction")
        #expect(found.shape == [442])
        #expect(
            try found.read(as: Float.self) == predict([Examples.diabetes]).dropFirst().compactMap { Float($0[0]) })
    }

    @Test("Probabilities of a number there are none")
    func noProbabilities() throws {
        try train([Examples.diabetes, "--target", "progression"])
        let folder = try TemporaryDirectory()
        try Command.fail(
            64, naming: ["--proba", model],
            ["predict", model, Examples.diabetes, "--proba", "--output", folder.path("answers.csv")])
        #expect(try folder.contents == [])
    }

    @Test(
        "Standard output may be a file, which is written and not replaced",
        .enabled(if: geteuid() != 0, "root could replace /dev/stdout itself"))
    func redirected() throws {
        try train([Examples.iris, "--target", "species"])
        let path = try directory.write("before\n", to: "answers.csv")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments =
            ["-c", "\"$0\" predict \"$1\" \"$2\" --output - --quiet >> \"$3\""]
            + [Command.binary.path(), model, Examples.iris, path]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        let lines = try read(path).split(separator: "\n")
        #expect(lines.count == 152)
        #expect(lines.first == "before")
    }
}
