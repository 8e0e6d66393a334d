import Foundation
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("Where the newest model is damaged, the one before it is read")
struct NewestModelTests {
    let directory: TemporaryDirectory
    let path: String

    /// Three generations, whose settings tell them apart.
    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("model.h5")
        var model = Graph(inputs: 3) { [Dense(2)] as [any Layer] }.model(33)
        for generation in 1...3 {
            model.settings = .number(Double(generation))
            try model.write(to: path, keeping: 2)
        }
    }

    private func damage(_ name: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: directory.path(name)))
        bytes[bytes.count / 2] ^= 0x10
        // In place: the name must not be replaced, for it may be a link.
        let file = try FileHandle(forWritingTo: URL(filePath: directory.path(name)))
        try file.write(contentsOf: bytes)
        try file.close()
    }

    @Test("The newest, when it is sound, without a note")
    func newest() throws {
        let found = try Model.newest(at: path)
        #expect(found.value.settings == 3)
        #expect(found.path == path)
        #expect(found.note == nil)
    }

    @Test("The one before, and the note says which and why")
    func previous() throws {
        try damage("model.h5")
        let found = try Model.newest(at: path)
        #expect(found.value.settings == 2)
        #expect(found.path == directory.path("model.previous.h5"))
        #expect(
            found.note == "\(path): is damaged: its checksum does not match its content; use another copy; "
                + "\(directory.path("model.previous.h5")) is used instead")
        #expect(throws: ModelError.self) { _ = try Model(contentsOf: path) }
        try damage("model.previous.h5")
        #expect(try Model.newest(at: path).value.settings == 1)
    }

    @Test("Also where the newest is gone or empty")
    func missing() throws {
        try Data().write(to: URL(filePath: path))
        #expect(try Model.newest(at: path).value.settings == 2)
        try FileManager.default.removeItem(atPath: path)
        #expect(try Model.newest(at: path).value.settings == 2)
        try FileManager.default.removeItem(atPath: directory.path("model.previous.h5"))
        let found = try Model.newest(at: path)
        #expect(found.value.settings == 1)
        #expect(found.note?.contains("there is no such file") == true)
    }

    @Test("The error is about the newest where none is sound")
    func none() throws {
        for name in ["model.h5", "model.previous.h5", "model.previous-2.h5"] { try damage(name) }
        let error = try #require(throws: ModelError.self) { _ = try Model.newest(at: path) }
        #expect(error.file == path)
        #expect(
            error.message == "is damaged: its checksum does not match its content; use another copy; nor can "
                + "\(directory.path("model.previous.h5")) or \(directory.path("model.previous-2.h5")) be used")
        let missing = try #require(throws: ModelError.self) { _ = try Model.newest(at: directory.path("no.h5")) }
        #expect(missing.kind == .noInput)
    }
}
