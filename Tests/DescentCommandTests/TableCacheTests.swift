import Descent
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("A CSV that does not fit in memory")
struct TableCacheTests {
    private let directory: TemporaryDirectory
    private let data: String
    private var folder: String { directory.path("cache") }

    /// 20,000 rows of a number, which may be missing, and a text of 400 levels: little on disk, 32 MB in memory.
    init() throws {
        directory = try TemporaryDirectory()
        data = try directory.write(Self.text(rows: 20_000), to: "t.csv")
    }

    private static func text(rows: Int) -> String {
        var lines = ["a,kind,y"]
        for row in 0..<rows {
            let number = row % 7 == 3 ? "" : "\(row * 37 % 1009)"
            lines.append("\(number),k\(row * 13 % 400),\(row % 5 < 2 ? "no" : "yes")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func train(_ model: String, _ more: [String]) throws -> String {
        try Command.succeed(
            [
                "train", data, "--target", "y", "--categorical", "kind", "--layers", "4", "--epochs", "1", "--output",
                directory.path(model),
                "--shuffle-window", "5000",
            ] + more
        ).errors
    }

    private func weights(_ model: String) throws -> [Float] {
        try Model(contentsOf: directory.path(model)).parameters.values.elements
    }

    /// Files are trusted to stay only when they are older than the clock's ticks.
    private func age() throws {
        Thread.sleep(forTimeInterval: 2.1)
    }

    @Test("Is kept as HDF5, gives the same weights, and is converted once")
    func cached() throws {
        try age()
        let small = ["--memory", "112M", "--cache", folder]
        _ = try train("memory.h5", [])
        let first = try train("first.h5", small)
        #expect(first.contains("does not fit in memory: it is kept as HDF5 in \(folder)"))
        #expect(first.contains("stay on disk"))
        let second = try train("second.h5", small)
        #expect(!second.contains("it is kept as HDF5"))
        #expect(second.contains("stay on disk"))
        #expect(try weights("first.h5") == weights("memory.h5"))
        #expect(try weights("second.h5") == weights("memory.h5"))
        let encodings = try ["first.h5", "second.h5", "memory.h5"].map {
            try Model(contentsOf: directory.path($0)).encoding
        }
        #expect(encodings[0] == encodings[2] && encodings[1] == encodings[2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    }

    @Test("Is converted again when it has changed, and what was made of it before is deleted")
    func changed() throws {
        try age()
        let small = ["--memory", "112M", "--cache", folder]
        _ = try train("first.h5", small)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        _ = try directory.write(Self.text(rows: 19_000), to: "t.csv")
        try age()
        let second = try train("second.h5", small)
        #expect(second.contains("it is kept as HDF5"))
        #expect(second.contains("17,100 rows to train on, 1,900 held out"))
        let after = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1 && after.count == 1 && names != after)
    }

    @Test("Read from a pipe, it is not left behind")
    func fleeting() throws {
        let result = try Command.succeed(
            [
                "train", "-", "--target", "y", "--categorical", "kind", "--layers", "4", "--epochs", "1", "--output",
                directory.path("first.h5"), "--memory", "112M", "--cache", folder,
            ], input: Self.text(rows: 20_000))
        #expect(result.errors.contains("stay on disk"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test("A damaged file of the cache is made again")
    func damaged() throws {
        try age()
        let small = ["--memory", "112M", "--cache", folder]
        _ = try train("first.h5", small)
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        try Data(repeating: 7, count: 1000).write(to: URL(filePath: "\(folder)/\(name)"))
        #expect(try train("second.h5", small).contains("it is kept as HDF5"))
        #expect(try weights("second.h5") == weights("first.h5"))
    }
}
