import Foundation
import TestSupport
import Testing

@Suite("Where nothing can be written, nothing is started")
struct BadOutputTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        _ = try directory.write("not a folder", to: "file")
        try FileManager.default.createDirectory(
            atPath: directory.path("folder.h5"), withIntermediateDirectories: false)
    }

    static let targets = ["nowhere/model.h5", "folder.h5", "file/model.h5"]

    @Test("The model of train", arguments: targets)
    func model(_ target: String) throws {
        let before = try directory.contents
        // The table is not there either: what cannot be written is found out before any work.
        try Command.fail(
            73, naming: [directory.path(target)],
            ["train", directory.path("table.csv"), "--target", "t", "--output", directory.path(target)])
        #expect(try directory.contents == before)
    }

    @Test("The answers of predict", arguments: targets)
    func answers(_ target: String) throws {
        let before = try directory.contents
        try Command.fail(
            73, naming: [directory.path(target)],
            ["predict", directory.path("model.h5"), "table.csv", "--output", directory.path(target)])
        #expect(try directory.contents == before)
    }

    @Test("The log of train", arguments: ["nowhere/log.jsonl", "folder.h5", "file/log.jsonl"])
    func log(_ target: String) throws {
        let before = try directory.contents
        try Command.fail(
            73, naming: [directory.path(target)],
            [
                "train", Examples.iris, "--target", "species", "--quiet", "--log", directory.path(target), "--output",
                directory.path("model.h5"),
            ])
        #expect(try directory.contents == before)
    }

    @Test("A folder that may not be written to", .enabled(if: geteuid() != 0, "root may write everywhere"))
    func readOnly() throws {
        let folder = directory.path("folder.h5")
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
        try Command.fail(
            73, naming: [folder], ["train", Examples.iris, "--target", "species", "--output", folder + "/model.h5"])
    }

    @Test("A failure in training leaves the model that is there as it is, and no other file")
    func numericalFailure() throws {
        let output = try TemporaryDirectory()
        let model = try output.write("a model of old", to: "model.h5")
        try Command.fail(
            70, naming: ["epoch", "step", "is not a finite number", "1e+30", "--scale standard"],
            [
                "train", Examples.iris, "--target", "species", "--layers", "8", "--learning-rate", "1e30", "--quiet",
                "--output", model,
            ])
        #expect(try read(model) == "a model of old")
        #expect(try output.contents == ["model.h5"])
    }

    @Test("A full disk is an error, not a success", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() throws {
        let model = try Examples.model(in: directory)
        let table = try directory.write(Examples.table(), to: "table.csv")
        try Command.fail(74, naming: ["/dev/full"], ["predict", model, table, "--quiet", "--output", "/dev/full"])
    }

    @Test("Answers may go to nowhere")
    func deviceNull() throws {
        let model = try Examples.model(in: directory)
        let table = try directory.write(Examples.table(), to: "table.csv")
        try Command.succeed(["predict", model, table, "--output", "/dev/null"])
        let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
        #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
    }
}
