import Descent
import Foundation
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
