import Foundation
import HDF5
import TestSupport
import Testing

@Suite("descent convert")
struct ConvertTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func model(_ data: String, _ arguments: [String]) throws -> Data {
        let path = directory.path("model.h5")
        try Command.succeed(
            ["train", data] + arguments + ["--layers", "8", "--epochs", "2", "--quiet", "--output", path])
        return try bytes(path)
    }

    /// Numbers written in several ways, texts, truth values and gaps; columns called as HDF5 calls features and targets.
    private static let table =
        "y,x,code,price,ok,kind\n"
        + (0..<200).map { row in
            let price = row % 3 == 0 ? "\(row).50" : row % 3 == 1 ? "" : "\(Double(row) / 7)"
            return
                "\(row * 31 % 17),\(Double(row % 23) * 0.1),00\(row % 4),\(price),\(row % 2 == 0),"
                + "\(row % 5 == 0 ? "?" : "k\(row % 7)")\n"
        }.joined()

    @Test(
        "What is converted trains to the same bytes",
        arguments: [
            (nil, ["--target", "kind"]), (nil, ["--target", "code", "--task", "classification"]),
            (nil, ["--target", "price", "--categorical", "code,y"]), (nil, ["--target", "ok", "--missing", "median"]),
            (Examples.iris, ["--target", "species"]), (Examples.digits, ["--target", "label"]),
            (Examples.diabetes, ["--target", "progression"]),
        ] as [(String?, [String])])
    func sameBytes(_ path: String?, _ arguments: [String]) throws {
        let csv = try path ?? directory.write(Self.table, to: "table.csv")
        let converted = directory.path("table.h5")
        let back = directory.path("back.csv")
        try Command.succeed(["convert", csv, converted, "--compression", "gzip:1", "--chunk-rows", "64"])
        try Command.succeed(["convert", converted, back])
        let wanted = try model(csv, arguments)
        #expect(try model(converted, arguments) == wanted)
        #expect(try model(back, arguments) == wanted)
    }

    @Test("It says what it read and wrote, on standard error")
    func report() throws {
        let path = directory.path("iris.h5")
        let result = try Command.succeed(["convert", Examples.iris, path])
        #expect(result.output == "")
        #expect(result.errors.contains("150 rows, 5 columns"))
        #expect(result.errors.contains("wrote 150 rows to \(path)"))
        #expect(!result.errors.contains("\r"))
        #expect(try Command.succeed(["convert", Examples.iris, path, "--quiet"]).errors == "")
        #expect(try directory.contents == ["iris.h5"])
    }

    @Test("From and to the streams of a pipeline")
    func streams() throws {
        let table = "a,b\n1,x\n2,\"y,z\"\n"
        #expect(try Command.succeed(["convert", "-", "-", "--quiet"], input: table).output == table)
    }

    @Test(
        "A bad value is an error with file, line and column, and nothing is left behind",
        arguments: ["out.h5", "out.csv"])
    func badValue(_ name: String) throws {
        let folder = try TemporaryDirectory()
        let old = try folder.write("before", to: name)
        let table = try directory.write(
            "a,b\n" + (0..<50).map { "\($0),\($0 == 30 ? "oops" : "1")\n" }.joined(), to: "table.csv")
        try Command.fail(65, naming: [table, "line 32", "'b'", "oops"], ["convert", table, old])
        #expect(try folder.contents == [name])
        #expect(try read(old) == "before")
    }

    @Test("What cannot be written is found out first", arguments: ["nowhere/out.h5", "nowhere/out.csv", "folder.h5"])
    func badOutput(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory.path("folder.h5"), withIntermediateDirectories: false)
        try Command.fail(73, naming: [directory.path(name)], ["convert", "absent.csv", directory.path(name)])
        try Command.fail(73, naming: ["/dev/null"], ["convert", Examples.iris, "/dev/null/x.h5"])
    }

    @Test(
        "Flags that make no sense",
        arguments: [
            ["--compression", "lzf"], ["--compression", "gzip"], ["--compression", "gzip:0"],
            ["--compression", "gzip:10"], ["--chunk-rows", "0"], ["--chunk-rows", "some"], ["--workers", "0"],
        ])
    func badFlags(_ flags: [String]) throws {
        try Command.fail(64, naming: [flags[0]], ["convert", Examples.iris, directory.path("x.h5")] + flags)
        #expect(try directory.contents == [])
    }

    @Test("One file is not enough")
    func oneFile() throws {
        try Command.fail(64, naming: ["file to write"], ["convert", Examples.iris])
    }
}
