import Foundation
import HDF5
import LinearAlgebra
import TestSupport
import Testing

/// The most memory that the process holds at once, as the system counts it, against what it was given. Each run has a table
/// several times as large; `DESCENT_LONG_TESTS=1` takes larger ones, and each of them several times: where freed memory
/// stays is a matter of which thread came first.
@Suite("memory stays within its limit", .serialized)
struct MemoryLimitTests {
    private static let rows = FaultyFolder.runsLongForms ? 1_000_000 : 200_000
    private static let columns = 28
    private static let repetitions = FaultyFolder.runsLongForms ? 3 : 1

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Two classes that one of the columns decides.
    private func table(_ options: DatasetOptions, columns: Int = columns) throws -> String {
        let path = directory.path("table.h5")
        let file = try HDF5.File(creating: path)
        var random = CounterRandom(seed: 5, purpose: .testing)
        var x = [Float](repeating: 0, count: Self.rows * columns)
        for index in x.indices { x[index] = Float(UInt32(truncatingIfNeeded: random.next() >> 40)) * 0x1p-24 }
        _ = try file.root.createDataset("x", shape: [Self.rows, columns], values: x, options: options)
        let labels = (0..<Self.rows).map { UInt8(x[$0 * columns] > 0.5 ? 1 : 0) }
        _ = try file.root.createDataset("y", shape: [Self.rows], values: labels)
        try file.close()
        return path
    }

    private func check(_ data: String, limit: Int, _ more: [String]) throws {
        for _ in 0..<Self.repetitions {
            let run = try MeasuredRun(
                [
                    "train", data, "--task", "classification", "--batch-size", "512", "--memory", "\(limit)M",
                    "--output", directory.path("model.h5"),
                ] + more, in: directory.url, clockLimit: 600)
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.errors.contains("stay on disk"))
            #expect(
                (1...limit << 20).contains(run.residentBytes), "\(run.residentBytes >> 10) KiB of \(limit) MiB")
        }
    }

    @Test("While rows stream, by every way in which they are prepared and scored")
    func streaming() throws {
        let data = try table(DatasetOptions(chunkShape: [4096, Self.columns]))
        let ways =
            FaultyFolder.runsLongForms
            ? [
                [], ["--scale", "quantile"], ["--class-weight", "balanced"], ["--loss", "mse"],
                ["--validation-split", "0.5"], ["--test", data],
            ] : [["--class-weight", "balanced"]]
        for way in ways {
            try check(data, limit: FaultyFolder.runsLongForms ? 180 : 100, ["--layers", "8", "--epochs", "1"] + way)
        }
    }

    @Test("While checkpoints of a large network are written beside the training, and states are kept to go back to")
    func checkpoints() throws {
        let data = try table(DatasetOptions(chunkShape: [4096, Self.columns], deflate: 1, shuffle: true))
        let network = [
            "--layers", "512,512", "--optimizer", "adam", "--epochs", "1", "--checkpoint-every", "5steps", "--patience",
            "2", "--max-time", FaultyFolder.runsLongForms ? "30s" : "3s",
        ]
        try check(data, limit: FaultyFolder.runsLongForms ? 170 : 130, network + ["--on-nonfinite", "rollback"])
        if FaultyFolder.runsLongForms { try check(data, limit: 140, network) }
    }

    /// The same file many times is a table as many times as large; the long form has more scores than are kept.
    @Test("While a table of any size is scored")
    func evaluating() throws {
        let data = try table(DatasetOptions(chunkShape: [4096, 2]), columns: 2)
        let model = directory.path("model.h5")
        try Command.succeed(["train", data, "--layers", "8", "--max-time", "1s", "--quiet", "--output", model])
        func peak(_ tables: Int) throws -> Int {
            let run = try MeasuredRun(
                ["evaluate", model, "--json"] + Array(repeating: data, count: tables), in: directory.url,
                clockLimit: 600)
            #expect(run.exitCode == 0, "\(run.errors)")
            return run.residentBytes
        }
        let one = try peak(1)
        // Eight bytes of each of four million scores, half as much again while they become more, and what twenty open files
        // take. Outputs, targets and their order would take 240 MB.
        let growth = try peak(20) - one
        #expect(growth < 192 << 20, "\(growth >> 10) KiB more than \(one >> 10)")
    }
}
