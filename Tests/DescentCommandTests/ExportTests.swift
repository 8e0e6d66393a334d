import Descent
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("descent export")
struct ExportTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(
        "Each format predicts what the model predicts, of encoded features", arguments: ["h5", "keras", "weights.h5"])
    func formats(_ suffix: String) throws {
        let keras = Examples.keras("keras3_norms.h5")
        let output = directory.path("out.\(suffix)")
        let result = try Command.succeed(["export", keras, output])
        #expect(result.errorLines == ["wrote \(output)"])
        let table = try directory.write("a,b,c,d\n1,2,3,4\n-1,0.5,2,0\n0,0,0,9\n", to: "x.csv")
        var flags: [String] = []
        if suffix == "weights.h5" {
            let json = try directory.write(Model(contentsOf: keras).architectureJSON(), to: "network.json")
            flags = ["--architecture", json]
        }
        func predictions(_ model: [String]) throws -> String {
            try Command.succeed(["predict"] + model + [table, "--output", "-", "--quiet"]).output
        }
        #expect(try predictions([output] + flags) == predictions([keras]))
        // And it is a start for training.
        let target = try directory.write(
            "a,b,c,d,y,z\n" + (0..<20).map { "\($0),\($0 % 3),2,\($0 % 7),0.\($0),\($0)\n" }.joined(), to: "t.csv")
        try Command.succeed(
            ["train", target, "--target", "y", "--target", "z", "--init-from", output, "--epochs", "1", "--quiet"]
                + flags + ["--output", directory.path("trained.h5")])
        let trained = try Model(contentsOf: directory.path("trained.h5"))
        #expect(trained.graph == (try Model(contentsOf: keras)).graph)
    }

    @Test("A model with a schema says that Keras does not get it")
    func note() throws {
        let model = try Examples.model(in: directory)
        let result = try Command.succeed(["export", model, directory.path("out.keras")])
        #expect(result.errors.contains("2 inputs"))
        #expect(result.errors.contains(model))
        #expect(try Model(contentsOf: directory.path("out.keras")).encoding == nil)
    }

    @Test("What Keras is to go on with: loss, optimizer and its settings")
    func training() throws {
        func configuration(_ flags: [String], target: String = "b") throws -> (training: JSONValue?, errors: String) {
            let table = try directory.write(Examples.table(), to: "t.csv")
            let model = directory.path("trained.h5")
            try Command.succeed(
                ["train", table, "--target", target, "--layers", "3", "--epochs", "1", "--quiet", "--output", model]
                    + flags)
            let output = directory.path("out.h5")
            let result = try Command.succeed(["export", model, output])
            let attributes = try File(opening: output).root.attributes
            let text = try attributes.contains("training_config") ? attributes.string("training_config") : "null"
            return (try JSONValue(parsing: text), result.errors)
        }
        let plain = try configuration(["--schedule", "cosine", "--epochs", "5"])
        #expect(plain.training?["loss"] == "mean_squared_error")
        #expect(plain.training?["optimizer_config"]?["class_name"] == "Custom>Adam")
        // The rate of the last step, by the schedule.
        let rate = try #require(plain.training?["optimizer_config"]?["config"]?["learning_rate"]?.number)
        #expect(rate >= 0 && rate < 1e-3)
        let smoothed = try configuration(["--label-smoothing", "0.25"], target: "kind")
        #expect(smoothed.training?["loss"]?["class_name"] == "CategoricalCrossentropy")
        #expect(smoothed.training?["loss"]?["config"]?["label_smoothing"] == 0.25)
        #expect(smoothed.training?["metrics"] == ["accuracy"])
        let half = try configuration(["--loss", "half-squared-error"])
        #expect(half.training?["loss"] == nil)
        #expect(half.errors.contains("does not have the loss"))
        // The best weights are those of an earlier step than the moments, unless the last epoch was the best.
        let stopped = try configuration(["--patience", "1", "--epochs", "30", "--learning-rate", "0.5"])
        #expect(stopped.training == .null)
    }

    @Test("What cannot be written or read is an error")
    func refusals() throws {
        let model = Examples.keras("keras2_mlp.h5")
        try Command.fail(64, naming: ["OUT.keras", "out.txt"], ["export", model, directory.path("out.txt")])
        try Command.fail(73, naming: ["nowhere"], ["export", model, directory.path("nowhere/out.h5")])
        try Command.fail(66, naming: ["missing.h5"], ["export", directory.path("missing.h5"), directory.path("o.h5")])
        let weights = directory.path("w.weights.h5")
        try Command.succeed(["export", model, weights])
        try Command.fail(65, naming: [weights, "--architecture"], ["export", weights, directory.path("o.h5")])
    }
}
