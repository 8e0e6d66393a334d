import Foundation
import ModelFile
import Synchronization
import TestSupport
import Testing

@Suite("A file that appears whole or not at all")
struct AtomicFileTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("file")
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("It appears on commit, not before, and alone")
    func appears() throws {
        let file = try AtomicFile(replacing: path)
        try file.write("one ")
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.write([116, 119, 111])
        try file.commit()
        #expect(try text(path) == "one two")
        #expect(try directory.contents == ["file"])
        try file.commit()
        file.discard()
        #expect(try text(path) == "one two")
    }

    @Test("It replaces the whole of what was there")
    func replaces() throws {
        _ = try directory.write("a long text that was there before", to: "file")
        let file = try AtomicFile(replacing: path)
        try file.write("short")
        #expect(try text(path) == "a long text that was there before")
        try file.commit()
        #expect(try text(path) == "short")
    }

    @Test(
        "Many bytes are written whole, wherever they begin",
        arguments: [(0, 0), (0, 1), (1, 0), (4096, 4096), (0, 4097), (100, 4095)])
    func manyBytes(before: Int, offset: Int) throws {
        let count = (20 << 20) + 77
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 4097, alignment: 4096)
        defer { memory.deallocate() }
        for index in memory.indices { memory[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 13) }
        let bytes = UnsafeRawBufferPointer(rebasing: memory[offset..<offset + count])
        let file = try AtomicFile(replacing: path)
        try file.write([UInt8](repeating: 9, count: before))
        try file.write(bytes)
        try file.write("end")
        try file.commit()
        let expected = Data(repeating: 9, count: before) + Data(bytes) + Data("end".utf8)
        #expect(try Data(contentsOf: URL(filePath: path)) == expected)
    }

    @Test("Many bytes go through a pipe whole")
    func manyBytesThroughPipe() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let received = Mutex(Data())
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) { [path] in
            let data = try? FileHandle(forReadingAtPath: path)?.readToEnd()
            received.withLock { $0 = data ?? Data() }
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 9 << 20, alignment: 4096)
        defer { memory.deallocate() }
        for index in memory.indices { memory[index] = UInt8(truncatingIfNeeded: index / 4096) }
        let file = try AtomicFile(replacing: path)
        try file.write(UnsafeRawBufferPointer(memory))
        try file.commit()
        group.wait()
        #expect(received.withLock { $0 == Data(memory) })
    }

    @Test("Discarded or dropped, it leaves nothing and keeps the old")
    func discard() throws {
        _ = try directory.write("old", to: "file")
        let file = try AtomicFile(replacing: path)
        try file.write("new")
        file.discard()
        #expect(try directory.contents == ["file"])
        do {
            let dropped = try AtomicFile(replacing: path)
            try dropped.write("new")
        }
        #expect(try directory.contents == ["file"])
        #expect(try text(path) == "old")
        do { _ = try AtomicFile(replacing: directory.path("other")) }
        #expect(try directory.contents == ["file"])
    }

    @Test("The permissions of the old file stay, whatever the mask", arguments: [0o600, 0o640, 0o644, 0o666, 0o755])
    func permissionsStay(_ mode: Int) throws {
        _ = try directory.write("old", to: "file")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let file = try AtomicFile(replacing: path)
        try file.write("new")
        try file.commit()
        #expect(try permissions(path) == mode)
    }

    @Test("A symbolic link stays one, and what it names is replaced")
    func symbolicLink() throws {
        let target = try directory.write("old", to: "target")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        let file = try AtomicFile(replacing: path)
        try file.write("new")
        try file.commit()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.type] as? FileAttributeType == .typeSymbolicLink)
        #expect(try text(target) == "new")
        #expect(try directory.contents == ["file", "target"])
    }

    @Test("A name without a folder is one in the working directory")
    func bareName() throws {
        let name = "descent-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: name) }
        let file = try AtomicFile(replacing: name)
        try file.write("here")
        try file.commit()
        #expect(try text(FileManager.default.currentDirectoryPath + "/" + name) == "here")
    }

    @Test("Where it cannot be, it says so before a byte is written")
    func cannotCreate() throws {
        _ = try directory.write("no folder", to: "file")
        for (target, fragment) in [
            (directory.path, "is a directory"), (directory.path("nowhere/file"), "cannot be created"),
            (path + "/below", "cannot be created"), ("", "needs a name"),
        ] {
            let error = try #require(throws: ModelError.self) { _ = try AtomicFile(replacing: target) }
            #expect(error.kind == .cannotCreate)
            #expect(error.description.hasPrefix(target) && error.description.contains(fragment), "\(error)")
            #expect(throws: ModelError.self) { try AtomicFile.check(target) }
        }
        #expect(try directory.contents == ["file"])
    }

    @Test("A check leaves everything as it was")
    func check() throws {
        try AtomicFile.check(path)
        #expect(try directory.contents == [])
        _ = try directory.write("old", to: "file")
        try AtomicFile.check(path)
        #expect(try text(path) == "old")
        #expect(try directory.contents == ["file"])
    }

    @Test("A device is written, not replaced")
    func device() throws {
        let file = try AtomicFile(replacing: "/dev/null")
        try file.write("away")
        try file.commit()
        let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
        #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
    }

    @Test("A full volume is an error", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func full() throws {
        let file = try AtomicFile(replacing: "/dev/full")
        let error = try #require(throws: ModelError.self) { try file.write("too much") }
        #expect(error.kind == .inputOutput)
        #expect(error.description.contains("/dev/full"))
    }

    @Test("A read-only file is not replaced", .enabled(if: geteuid() != 0, "root may write everywhere"))
    func readOnly() throws {
        _ = try directory.write("old", to: "file")
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        let error = try #require(throws: ModelError.self) { _ = try AtomicFile(replacing: path) }
        #expect(error.kind == .cannotCreate)
        #expect(try text(path) == "old")
    }
}
