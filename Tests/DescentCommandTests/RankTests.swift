import Descent
import Foundation
import HDF5
import LinearAlgebra
import ModelFile
import TestSupport
import Testing

@Suite("Training on several ranks", .enabled(if: RankedCommand.exists), .serialized)
struct RankTests {
    private static let rankCounts = [2, 3, 4, 7]

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func digits(_ model: String, _ more: [String] = []) -> [String] {
        [
            "train", Examples.digits, "--target", "label", "--layers", "32", "--shards", "7", "--batch-size", "200",
            "--quiet", "--output", directory.path(model),
        ] + more
    }

    // MARK: The same bytes

    @Test(
        "One process and any number of ranks and workers write the same file",
        arguments: [
            ["--epochs", "2", "--dropout", "0.2", "--seed", "3"],
            [
                "--epochs", "2", "--optimizer", "sgd", "--momentum", "0.9", "--clip-norm", "0.5", "--l2", "0.001",
                "--no-shuffle", "--schedule", "cosine", "--patience", "1", "--test", Examples.digits,
            ],
            // So many parameters that their gradients leave in three buckets.
            ["--epochs", "1", "--layers", "600,600,500", "--dropout", "0.1"],
        ])
    func sameBytes(_ more: [String]) throws {
        #expect(try RankedCommand.alone(digits("one.h5", more + ["--workers", "2"])).exitCode == 0)
        let expected = try bytes(directory.path("one.h5"))
        for (index, ranks) in Self.rankCounts.enumerated() {
            let arguments = digits("\(ranks).h5", more + ["--workers", "\(1 + index % 2)"])
            let result = try RankedCommand.run(ranks, arguments)
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(try bytes(directory.path("\(ranks).h5")) == expected, "\(ranks) ranks")
        }
    }

    @Test("So they do with rows that stay on disk")
    func streamed() throws {
        let data = directory.path("t.h5")
        let rows = 60_000
        let file = try HDF5.File(creating: data)
        var random = CounterRandom(seed: 3, purpose: .testing)
        let x = (0..<rows * 64).map { _ in Float(random.next() >> 40) * 0x1p-24 }
        _ = try file.root.createDataset("x", shape: [rows, 64], values: x)
        _ = try file.root.createDataset("y", shape: [rows], values: (0..<rows).map { x[$0 * 64] > 0.5 ? Int32(1) : 0 })
        try file.close()
        func arguments(_ model: String) -> [String] {
            [
                "train", data, "--layers", "8", "--epochs", "1", "--batch-size", "300", "--shards", "5",
                "--shuffle-window", "8000", "--validation-split", "0.6", "--test", data, "--memory", "88M", "--workers",
                "1", "--output", directory.path(model),
            ]
        }
        let alone = try RankedCommand.alone(arguments("one.h5"))
        #expect(alone.errors.contains("stay on disk"), "\(alone.errors)")
        for ranks in [2, 3] {
            let result = try RankedCommand.run(ranks, arguments("\(ranks).h5"))
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(try bytes(directory.path("\(ranks).h5")) == bytes(directory.path("one.h5")), "\(ranks) ranks")
        }
    }

    /// A table of two classes with gaps, in several portions.
    private func write(
        _ name: String, rows: Int = 20_000, changing change: (inout [Float]) -> Void = { _ in }
    ) throws -> String {
        let data = directory.path(name)
        let file = try HDF5.File(creating: data)
        var x = (0..<rows * 6).map { $0 % 101 == 7 ? Float.nan : Float($0 * 7_919 % 10_007) / 64 }
        let y = (0..<rows).map { x[$0 * 6] > 70 ? Int32(1) : 0 }
        change(&x)
        _ = try file.root.createDataset("x", shape: [rows, 6], values: x)
        _ = try file.root.createDataset("y", shape: [rows], values: y)
        try file.close()
        return data
    }

    @Test("So they do with rows that they read together into memory")
    func together() throws {
        let data = try write("t.h5")
        func arguments(_ model: String) -> [String] {
            [
                "train", data, "--layers", "8", "--epochs", "1", "--batch-size", "300", "--shards", "5", "--missing",
                "drop", "--scale", "quantile", "--test", data, "--workers", "1", "--output", directory.path(model),
            ]
        }
        let alone = try RankedCommand.alone(arguments("one.h5"))
        for ranks in [2, 7] {
            let result = try RankedCommand.run(ranks, arguments("\(ranks).h5"))
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(try bytes(directory.path("\(ranks).h5")) == bytes(directory.path("one.h5")), "\(ranks) ranks")
            let notes = result.errorLines.filter { $0.hasPrefix("note: ") }
            #expect(notes.contains { $0.contains("with missing values left out") })
            #expect(notes == alone.errorLines.filter { $0.hasPrefix("note: ") })
        }
    }

    @Test("So they do with a CSV that is kept as HDF5, also where only one of them has kept it before")
    func keptTable() throws {
        for folder in ["a", "b"] {
            try FileManager.default.createDirectory(atPath: directory.path(folder), withIntermediateDirectories: true)
        }
        var lines = ["a,kind,y"]
        for row in 0..<20_000 {
            lines.append("\(row % 7 == 3 ? "" : "\(row * 37 % 1009)"),k\(row * 13 % 400),\(row % 5 < 2 ? "no" : "yes")")
        }
        let data = try directory.write(lines.joined(separator: "\n") + "\n", to: "t.csv")
        func arguments(_ model: String) -> [String] {
            [
                "train", data, "--target", "y", "--categorical", "kind", "--layers", "4", "--epochs", "1", "--shards",
                "3", "--shuffle-window", "5000", "--memory", "100M", "--cache", "cache", "--workers", "1", "--output",
                directory.path(model),
            ]
        }
        func run(_ model: String, _ folders: [String]) throws -> Command.Result {
            try RankedCommand.start(folders.map { (1, directory.path($0), arguments(model)) }).result(within: 120)
        }
        // Files are trusted to stay only when they are older than the clock's ticks.
        Thread.sleep(forTimeInterval: 2.1)
        for (model, folders) in [("one.h5", ["a"]), ("two.h5", ["b", "a"]), ("three.h5", ["a", "b", "b"])] {
            let result = try run(model, folders)
            #expect(result.exitCode == 0 && result.errors.contains("stay on disk"), "\(result.errors)")
            #expect(result.errors.contains("it is kept as HDF5") == (model != "three.h5"))
            #expect(try bytes(directory.path(model)) == bytes(directory.path("one.h5")), "\(model)")
        }
    }

    @Test("The first rank alone speaks, and writes the log")
    func speaking() throws {
        let log = directory.path("log.jsonl")
        let result = try RankedCommand.run(
            3,
            [
                "train", Examples.iris, "--target", "species", "--layers", "5", "--epochs", "2", "--output",
                directory.path("m.h5"), "--log", log,
            ])
        #expect(result.output.components(separatedBy: "saved ").count == 2)
        #expect(result.errors.components(separatedBy: "epoch 2/2").count == 2, "\(result.errors)")
        #expect(result.errors.contains("on each of 3 ranks"))
        #expect(try EventLines(log).map { $0["event"]?.string } == ["start", "epoch", "epoch", "end"])
        #expect(try EventLines(log)[0]["ranks"]?.number == 3)
    }

    @Test("descent bench tells of the time that ranks take to exchange")
    func bench() throws {
        let arguments = ["bench", "--layers", "16", "--inputs", "8", "--workers", "1", "--seconds", "0.01"]
        let report = try JSONValue(parsing: try RankedCommand.run(2, arguments + ["--json"]).output)
        #expect(report["ranks"]?.number == 2)
        let share = try #require(report["scaling"]?.array?.first?["share_communication"]?.number)
        #expect(share > 0 && share < 1)
        let lines = try RankedCommand.run(2, arguments).output.split(separator: "\n")
        #expect(lines.first?.contains("shared by 2 ranks") == true)
        #expect(lines.filter { $0.contains("communication") }.count == 1)
        expectFailure(
            try RankedCommand.run(2, ["bench", "--read", Examples.digits]), code: 64, naming: ["--read is for a single"]
        )
    }

    // MARK: Failures

    /// A failure that one line tells, which names a rank.
    private func expectFailure(
        _ result: Command.Result, code: Int32, naming fragments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.exitCode == code, "\(result.errors)", sourceLocation: sourceLocation)
        let lines = result.errorLines.filter { $0.hasPrefix("error: ") || $0.hasPrefix("Error: ") }
        #expect(lines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
        for fragment in fragments {
            #expect(lines.first?.contains(fragment) ?? false, "\(lines)", sourceLocation: sourceLocation)
        }
    }

    @Test("What is wrong on all ranks is said once")
    func commonFailures() throws {
        expectFailure(
            try RankedCommand.run(3, ["train", directory.path("none.csv"), "--target", "y"]), code: 66,
            naming: ["rank 0: ", "none.csv"])
        expectFailure(
            try RankedCommand.run(3, ["train", Examples.iris, "--bogus"]), code: 64, naming: ["--bogus"])
        expectFailure(
            try RankedCommand.run(2, digits("m.h5", ["--optimizer", "sgd", "--learning-rate", "1e30"])), code: 70,
            naming: ["rank ", "is not a finite number"])
    }

    @Test("Other settings or other data on one rank are refused, with what differs")
    func disagreement() throws {
        let settings = try RankedCommand.start([
            (2, nil, digits("m.h5")), (1, nil, digits("m.h5", ["--seed", "2"])),
        ])
        expectFailure(
            try settings.result(within: 60), code: 64, naming: ["rank 2: the command line is", "--seed 2 here"])
        // Of the same size, so that it has to be read.
        for (folder, number) in [("a", "1.25"), ("b", "1.75")] {
            try FileManager.default.createDirectory(atPath: directory.path(folder), withIntermediateDirectories: true)
            let table = Examples.table().replacingOccurrences(of: "1.5,3.25", with: "\(number),3.2")
            _ = try directory.write(table, to: "\(folder)/t.csv")
        }
        let train = ["train", "t.csv", "--target", "kind", "--output", directory.path("m.h5")]
        let data = try RankedCommand.start([(1, directory.path("a"), train), (1, directory.path("b"), train)])
        expectFailure(
            try data.result(within: 60), code: 65, naming: ["rank 1: the fingerprint of the training data is"])
        #expect(!FileManager.default.fileExists(atPath: directory.path("m.h5")))
    }

    @Test("So are files of which each rank reads a part")
    func otherFiles() throws {
        for folder in ["a", "b", "c"] {
            try FileManager.default.createDirectory(atPath: directory.path(folder), withIntermediateDirectories: true)
        }
        _ = try write("a/t.h5")
        // In what the second rank of two reads, and the first compares.
        _ = try write("b/t.h5") { $0[(8_192 + 6_000) * 6] += 1 }
        // Of the same size, with rows of other lengths.
        let file = try HDF5.File(creating: directory.path("c/t.h5"))
        _ = try file.root.createDataset("x", shape: [20_000, 5], values: [Float](repeating: 1, count: 100_000))
        _ = try file.root.createDataset("y", shape: [20_000, 2], values: (0..<40_000).map { Int32($0 % 3) })
        try file.close()
        let train = ["train", "t.h5", "--output", directory.path("m.h5")]
        let rows = try RankedCommand.start([(1, directory.path("a"), train), (1, directory.path("b"), train)])
        expectFailure(
            try rows.result(within: 60), code: 65, naming: ["rank 1: the fingerprint of the training data is"])
        let shapes = try RankedCommand.start([(1, directory.path("a"), train), (1, directory.path("c"), train)])
        expectFailure(
            try shapes.result(within: 60), code: 65, naming: ["rank 1: t.h5: it holds other data here than on rank 0"])
    }

    @Test("A value that one rank alone meets ends the job with its row")
    func badValue() throws {
        let data = try write("t.h5") { $0[$0.count - 1] = .infinity }
        for more in [[], ["--memory", "75M", "--shuffle-window", "2000"]] {
            expectFailure(
                try RankedCommand.run(
                    3, ["train", data, "--layers", "2", "--workers", "1", "--output", directory.path("m.h5")] + more),
                code: 65, naming: ["rank 2: ", "t.h5", "row 19999 (from 0)"])
        }
    }

    @Test("A rank that is stopped ends the job with its number")
    func stopped() throws {
        for victim in 0..<3 {
            let model = directory.path("\(victim).h5")
            let job = try RankedCommand.start(
                3,
                digits("\(victim).h5", ["--epochs", "1000000", "--checkpoint-every", "1epoch", "--rank-timeout", "2"]))
            #expect(job.waits(for: model))
            kill(job.children[victim], SIGSTOP)
            let start = Date()
            expectFailure(try job.result(within: 30), code: 69, naming: ["rank \(victim): has not answered for"])
            #expect(Date().timeIntervalSince(start) < 8)
        }
    }

    /// Moments are random; `DESCENT_KILLS` says how many.
    @Test("A rank that is killed ends the job, and another number of ranks goes on to the same bytes")
    func killed() throws {
        let more = ["--epochs", "40", "--checkpoint-every", "3steps", "--dropout", "0.3", "--resume"]
        #expect(try RankedCommand.alone(digits("whole.h5", more)).exitCode == 0)
        let model = directory.path("killed.h5")
        var random = CounterRandom(seed: UInt64(Date().timeIntervalSince1970 * 1e6), purpose: .testing)
        var kills = 0
        for attempt in 0..<2 * KillTests.kills where kills < KillTests.kills {
            let ranks = 2 + attempt % 3
            let job = try RankedCommand.start(ranks, digits("killed.h5", more + ["--workers", "1"]))
            #expect(job.waits(for: model))
            usleep(UInt32(random.next() % 900_000))
            let children = job.children
            if children.count == ranks {
                kill(children[Int(random.next() % UInt64(ranks))], SIGKILL)
                kills += 1
            }
            let start = Date()
            let result = try job.result(within: 30)
            #expect(Date().timeIntervalSince(start) < 5)
            guard result.exitCode != 0 else {
                try FileManager.default.removeItem(atPath: model)
                continue
            }
            #expect(result.errors.contains("rank"), "\(result.errors)")
        }
        #expect(try RankedCommand.run(3, digits("killed.h5", more)).exitCode == 0)
        #expect(try bytes(model) == bytes(directory.path("whole.h5")))
    }

    @Test("A signal to one rank makes all leave after the same step, with all saved")
    func interrupted() throws {
        let more = ["--epochs", "300", "--checkpoint-every", "1epoch", "--resume"]
        let model = directory.path("m.h5")
        let job = try RankedCommand.start(3, digits("m.h5", more))
        #expect(job.waits(for: model))
        kill(job.children[1], SIGTERM)
        let result = try job.result(within: 30)
        expectFailure(result, code: 143, naming: ["interrupted; the model as it stood is saved"])
        #expect(try RankedCommand.run(2, digits("m.h5", more)).exitCode == 0)
        #expect(try RankedCommand.alone(digits("whole.h5", more)).exitCode == 0)
        #expect(try bytes(model) == bytes(directory.path("whole.h5")))
    }
}

@Suite("Processes started together without MPI built in")
struct RankTestsWithoutMPI {
    @Test("They are told so, once")
    func refused() throws {
        for rank in [0, 1] {
            let result = try Command.run(
                ["train", Examples.iris, "--target", "species"],
                environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "\(rank)"])
            #expect(result.exitCode == 64)
            #expect(result.errors.contains("built without MPI") == (rank == 0))
        }
    }
}
