import Foundation
import ModelFile
import TestSupport
import Testing

@Suite("A file that one run writes")
struct OutputFileTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("model.h5")
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory.path(name), encoding: .utf8)
    }

    private func refusal(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> ModelError {
        try #require(throws: ModelError.self, sourceLocation: sourceLocation) { _ = try OutputFile(path) }
    }

    @Test("Two may not, whichever way the file is named, and the second changes nothing")
    func lock() throws {
        _ = try directory.write("old", to: "model.h5")
        try FileManager.default.createSymbolicLink(atPath: directory.path("link.h5"), withDestinationPath: path)
        do {
            let first = try OutputFile(path)
            for name in ["model.h5", "./model.h5", "../\(directory.url.lastPathComponent)/model.h5", "link.h5"] {
                let error = try refusal(directory.path + "/" + name)
                #expect(error.kind == .cannotCreate)
                #expect(error.message.contains("is being written by another run"), "\(error)")
                #expect(throws: ModelError.self) { _ = try AtomicFile(replacing: directory.path + "/" + name) }
            }
            #expect(try directory.contents == [".model.h5.lock", "link.h5", "model.h5"])
            #expect(try text("model.h5") == "old")
            _ = try OutputFile(directory.path("other.h5"))
            try first.replace(with: Array("new".utf8))
        }
        #expect(try directory.contents == ["link.h5", "model.h5"])
        try OutputFile(path).replace(with: Array("newer".utf8))
        #expect(try text("link.h5") == "newer")
    }

    @Test("What a killed run left behind goes; what is somebody else's stays")
    func leftovers() throws {
        let leftovers = [".model.h5.lock", ".model.h5.tmp", ".model.h5.previous.tmp"]
        for name in leftovers { _ = try directory.write("half", to: name) }
        for name in [".other.h5.tmp", "model.h5.tmp", "model.h5"] { _ = try directory.write("kept", to: name) }
        let output = try OutputFile(path)
        #expect(try directory.contents == [".model.h5.lock", ".other.h5.tmp", "model.h5", "model.h5.tmp"])
        try output.replace(with: [65])
        withExtendedLifetime(output) {}
        #expect(try text("model.h5") == "A")
    }

    @Test("As many threads as want it: one has it at a time")
    func race() throws {
        let path = path
        let directory = directory
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for _ in 0..<100 {
                guard let output = try? OutputFile(path) else { continue }
                // Nobody else's file may appear or vanish between these two.
                do {
                    try output.replace(with: [UInt8](repeating: UInt8(65 + thread), count: 1000))
                    let found = try Data(contentsOf: URL(filePath: path))
                    #expect(found == Data(repeating: UInt8(65 + thread), count: 1000))
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(try directory.contents == ["model.h5"])
    }

    @Test("What was there stays under another name, the youngest first, as many as are to be kept", arguments: 0...3)
    func generations(_ count: Int) throws {
        let output = try OutputFile(path, keeping: count)
        for generation in 1...5 { try output.replace(with: Array("\(generation)".utf8)) }
        let names = ["model.previous.h5", "model.previous-2.h5", "model.previous-3.h5"]
        for (age, name) in names.enumerated() {
            #expect(FileManager.default.fileExists(atPath: directory.path(name)) == (age < count))
            if age < count { #expect(try text(name) == "\(4 - age)") }
        }
        #expect(try text("model.h5") == "5")
        #expect(try directory.contents.count == 2 + count)
    }

    @Test("A save that ended after keeping the old file, before replacing it, costs no generation")
    func interruptedKeeping() throws {
        let output = try OutputFile(path, keeping: 2)
        for generation in 1...3 { try output.replace(with: Array("\(generation)".utf8)) }
        try FileManager.default.removeItem(atPath: directory.path("model.previous.h5"))
        try FileManager.default.linkItem(atPath: path, toPath: directory.path("model.previous.h5"))
        try output.replace(with: Array("4".utf8))
        #expect(try text("model.h5") == "4")
        #expect(try text("model.previous.h5") == "3")
        #expect(try text("model.previous-2.h5") == "1")
    }

    @Test("The names of generations keep the ending, which programs go by")
    func names() throws {
        for (name, kept) in [
            ("a.weights.h5", "a.weights.previous.h5"), ("plain", "plain.previous"), (".h", ".h.previous"),
        ] {
            let output = try OutputFile(directory.path(name), keeping: 1)
            try output.replace(with: [65])
            try output.replace(with: [66])
            #expect(try text(kept) == "A", "\(name)")
        }
    }

    @Test("A folder that is not there, or no folder, is found out at once")
    func noFolder() throws {
        _ = try directory.write("", to: "file")
        #expect(try refusal(directory.path("nowhere/model.h5")).message.contains("its folder is not there"))
        #expect(try refusal(directory.path("file/model.h5")).message.contains("is a file, not a folder"))
        #expect(try refusal(directory.path).message.contains("is a directory"))
        #expect(try refusal(directory.path(String(repeating: "n", count: 300))).kind == .cannotCreate)
    }

    @Test("A folder that vanishes is an error of the save, which works again when the folder is back")
    func vanishingFolder() throws {
        let folder = directory.path("folder")
        func create() throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        }
        try create()
        let output = try OutputFile(folder + "/model.h5", keeping: 1)
        try output.replace(with: [65])
        try FileManager.default.removeItem(atPath: folder)
        for _ in 0..<2 {
            let error = try #require(throws: ModelError.self) { try output.replace(with: [66]) }
            #expect(error.message.contains("its folder is not there"), "\(error)")
        }
        try create()
        try output.replace(with: [67])
        #expect(try text("folder/model.h5") == "C")
    }

    @Test("A volume without the room is refused beforehand, and nothing stays of the trial")
    func space() throws {
        _ = try directory.write("old", to: "model.h5")
        let output = try OutputFile(path)
        try output.checkSpace(for: 1_000_000)
        try output.checkSpace(for: 0)
        #expect(try directory.contents == [".model.h5.lock", "model.h5"])
        let error = try #require(throws: ModelError.self) { try output.checkSpace(for: 1 << 60) }
        #expect(error.kind == .cannotCreate)
        #expect(error.message.contains("kB free"), "\(error)")
        #expect(try text("model.h5") == "old")
    }
}
