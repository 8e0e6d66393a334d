import Foundation
import ModelFile
import TestSupport
import Testing

/// A file system of its own, in memory; only root may mount one.
private final class Volume {
    let directory: TemporaryDirectory

    init(_ options: String) throws {
        directory = try TemporaryDirectory()
        try #require(Self.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.path]))
    }

    deinit {
        _ = Self.run(["umount", directory.path])
    }

    /// Whether mounting is permitted here.
    static let isPermitted = (try? Volume("size=64k")) != nil

    static func run(_ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

@Suite("Volumes that are full, or limit files", .serialized)
struct SmallVolumeTests {
    private func arguments(_ output: String) -> [String] {
        [
            "train", Examples.iris, "--target", "species", "--layers", "64,64", "--epochs", "1", "--quiet", "--output",
            output,
        ]
    }

    @Test("A full volume is an error, and the model that is there stays", .enabled(if: Volume.isPermitted))
    func full() throws {
        let volume = try Volume("size=1m")
        let model = volume.directory.path("model.h5")
        try Command.succeed(arguments(model))
        let before = try bytes(model)
        // The rest of the volume, but for less than a model.
        var filler = 0
        while (try? volume.directory.write(Data(count: 16_384), to: "filler-\(filler)")) != nil { filler += 1 }
        try? FileManager.default.removeItem(atPath: volume.directory.path("filler-\(filler)"))
        // Found out before the first step where it can be, and in the middle of a save where it cannot.
        try Command.fail(73, naming: [model, "kB free"], arguments(model))
        #expect(try bytes(model) == before)
        let error = try #require(throws: ModelError.self) {
            try OutputFile(model, keeping: 1).replace(with: [UInt8](before) + [UInt8](before))
        }
        #expect(error.kind == .inputOutput && error.message.contains("the volume is full"), "\(error)")
        #expect(try bytes(model) == before)
        #expect(try Model.newest(at: model).note == nil)
        #expect(try volume.directory.contents.filter { !$0.hasPrefix("filler") } == ["model.h5"])
        for index in 0..<filler { try FileManager.default.removeItem(atPath: volume.directory.path("filler-\(index)")) }
        try Command.succeed(arguments(model))
        #expect(try volume.directory.contents == ["model.h5", "model.previous.h5"])
    }

    @Test(
        "A volume that is full in the middle of a run: it is said, and training goes on",
        .enabled(if: Volume.isPermitted))
    func fullForAWhile() throws {
        let volume = try Volume("size=4m")
        let model = volume.directory.path("model.h5")
        // Long epochs: their history is part of the file, and must not fill the volume by itself.
        let command = try RunningCommand([
            "train", Examples.iris, "--target", "species", "--layers", "64,64", "--epochs", "1000000", "--output",
            model,
            "--batch-size", "1", "--checkpoint-every", "100steps", "--progress", "none",
        ])
        func wait(_ what: String, until holds: () throws -> Bool) throws {
            let deadline = Date(timeIntervalSinceNow: 30)
            while try !holds(), Date() < deadline { usleep(10_000) }
            try #require(try holds(), "\(what): \(command.errors)")
        }
        func step() -> Int? { try? Checkpoint.newest(at: model).value.run?.state.step }
        try wait("a checkpoint") { step() != nil }
        _ = try volume.directory.write(Data(count: 3 << 20), to: "filler")
        var filler = 0
        while (try? volume.directory.write(Data(count: 4096), to: "filler-\(filler)")) != nil { filler += 1 }
        try wait("a warning") { command.errors.contains("the volume is full") }
        #expect(command.errors.contains("warning: the checkpoint of step"))
        #expect(command.errors.contains("training goes on, and the next one tries again"))
        let before = try #require(step())
        for name in try volume.directory.contents where name.hasPrefix("filler") {
            try FileManager.default.removeItem(atPath: volume.directory.path(name))
        }
        try wait("the next checkpoint") { step().map { $0 > before } ?? false }
        command.interrupt(SIGTERM)
        #expect(try command.result(within: 20).exitCode == 143)
        #expect(try volume.directory.contents == ["model.h5", "model.previous.h5"])
        #expect(try Checkpoint.newest(at: model).note == nil)
    }

    @Test("So is a volume that takes no more files", .enabled(if: Volume.isPermitted))
    func noInodes() throws {
        let volume = try Volume("size=1m,nr_inodes=3")
        let model = volume.directory.path("model.h5")
        _ = try volume.directory.write("old", to: "model.h5")
        _ = try volume.directory.write("other", to: "other")
        try Command.fail(73, naming: [model, "the volume is full"], arguments(model))
        #expect(try read(model) == "old")
    }

    @Test("A volume mounted for reading only is refused before the table is read", .enabled(if: Volume.isPermitted))
    func readOnly() throws {
        let volume = try Volume("size=1m")
        let model = try volume.directory.write("old", to: "model.h5")
        try #require(Volume.run(["mount", "-o", "remount,ro", volume.directory.path]))
        try Command.fail(
            73, naming: [model, "for reading only"],
            ["train", "nowhere.csv", "--target", "t", "--output", model])
        #expect(try read(model) == "old")
    }

    @Test("A limit on the size of files is an error, not a death by signal")
    func fileSizeLimit() throws {
        let directory = try TemporaryDirectory()
        let model = try directory.write("old", to: "model.h5")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        let command = ([Command.binary.path()] + arguments(model)).map { "'\($0)'" }.joined(separator: " ")
        // Blocks of 512 bytes.
        shell.arguments = ["-c", "ulimit -f 8; exec \(command)"]
        let errors = Pipe()
        shell.standardError = errors
        shell.standardOutput = FileHandle.nullDevice
        try shell.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(shell.terminationReason == .exit)
        #expect(shell.terminationStatus == 73)
        #expect(text.contains("ulimit -f"), "\(text)")
        #expect(try read(model) == "old")
        #expect(try directory.contents == ["model.h5"])
    }
}
