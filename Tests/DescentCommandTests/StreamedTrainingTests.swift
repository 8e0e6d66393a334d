import Descent
import TestSupport
import Testing

@Suite("train on tables that do not fit in memory")
struct StreamedTrainingTests {
    private let directory: TemporaryDirectory
    private let data: String

    init() throws {
        directory = try TemporaryDirectory()
        data = try Examples.largeTable(in: directory)
    }

    private func train(
        _ model: String, epochs: Int = 2, _ more: [String]
    ) throws -> (weights: [Float], errors: String) {
        let output = directory.path(model)
        let result = try Command.succeed(
            ["train", data, "--layers", "8", "--epochs", "\(epochs)", "--output", output] + more)
        let model = try Model(contentsOf: output)
        return (model.parameters.values.elements, result.errors)
    }

    @Test("With the same window, in memory and on disk give the same weights and scores, on any number of workers")
    func sameBits() throws {
        let window = ["--shuffle-window", "8000"]
        let memory = try train("m.h5", window + ["--workers", "1"])
        #expect(!memory.errors.contains("stay on disk"))
        let disk = try train("d.h5", window + ["--workers", "2", "--memory", "96M"])
        #expect(disk.errors.contains("stay on disk; 8,000 of them are shuffled together"))
        #expect(disk.weights == memory.weights)
        let one = try train("o.h5", window + ["--workers", "1", "--memory", "97M"])
        #expect(one.weights == memory.weights)
        let models = try ["m.h5", "d.h5"].map { try Model(contentsOf: directory.path($0)).history }
        #expect(models[0] == models[1])
    }

    @Test("Rows sorted by class are learned as well as shuffled ones")
    func sorted() throws {
        func accuracy(_ name: String, _ more: [String]) throws -> Double {
            _ = try train(name, more)
            return try #require(Model(contentsOf: directory.path(name)).history.last?["val_accuracy"])
        }
        let memory = try accuracy("m.h5", [])
        let disk = try accuracy("d.h5", ["--memory", "96M"])
        #expect(disk > memory - 0.005)
    }

    @Test("Too little memory is refused, and what is enough is said")
    func tooLittle() throws {
        let result = try Command.run(["train", data, "--layers", "8", "--memory", "64M"])
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("--memory 64M is too little for this network, batch size and table: they take"))
        for size in ["0", "x", "-1G", "1Q"] {
            #expect(try Command.run(["train", data, "--memory=\(size)"]).exitCode == 64)
        }
    }

    @Test("Held-out and test rows are read from disk as well")
    func others() throws {
        let files = ["--valid", data, "--test", data]
        let memory = try train("m.h5", epochs: 1, files + ["--shuffle-window", "8000"])
        let disk = try train("d.h5", epochs: 1, files + ["--shuffle-window", "8000", "--memory", "96M"])
        #expect(disk.errors.contains("stay on disk"))
        #expect(disk.weights == memory.weights)
        let models = try ["m.h5", "d.h5"].map { try Model(contentsOf: directory.path($0)).history }
        #expect(models[0] == models[1])
    }
}
