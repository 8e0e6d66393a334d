import Foundation
import HDF5
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@testable import ModelFile

@Suite("The checksum of a model file")
struct SealTests {
    static let model = Graph(inputs: 3) { [Dense(5, activation: .relu), Dense(2)] as [any Layer] }.model(31)

    private func refusal(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws -> ModelError {
        try #require(throws: ModelError.self, sourceLocation: sourceLocation) { _ = try ModelFiles.read(bytes) }
    }

    @Test("Stands after the end that the superblock names, as any other program computes it")
    func layout() throws {
        let bytes = try Self.model.image()
        let seal = bytes.suffix(64)
        #expect(seal.starts(with: Array("descent sha-256\n".utf8)))
        let end = bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(end == bytes.count - 64)
        #expect(seal.dropFirst(16).prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) } == end)
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/env")
        tool.arguments = ["sha256sum"]
        let directory = try TemporaryDirectory()
        tool.standardInput = try FileHandle(
            forReadingFrom: URL(filePath: directory.write(Data(bytes.dropLast(64)), to: "image")))
        let output = Pipe()
        tool.standardOutput = output
        try tool.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        tool.waitUntilExit()
        #expect(text.prefix(64) == seal.dropFirst(24).prefix(32).map { String(format: "%02x", $0) }.joined())
        #expect(seal.suffix(8).allSatisfy { $0 == 0 })
    }

    @Test("libhdf5 opens the file as it stands")
    func library() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Data(Self.model.image()), to: "model.h5")
        #expect(try File(opening: path).root.childNames == ["descent", "model_weights"])
    }

    @Test("Every bit of the seal counts, and one of every other byte")
    func everyByte() throws {
        let bytes = try Self.model.image()
        for position in bytes.indices {
            for bit in position < bytes.count - 64 ? [position % 8] : Array(0..<8) {
                var damaged = bytes
                damaged[position] ^= 1 << UInt8(bit)
                #expect(throws: ModelError.self, "bit \(bit) of byte \(position)") { try Seal.verify(damaged) }
            }
        }
    }

    @Test("Cut at any length, it does not read")
    func truncation() throws {
        let bytes = try Self.model.image()
        for count in 0..<bytes.count where count % 61 == 0 || count > bytes.count - 70 {
            #expect(throws: ModelError.self, "\(count) bytes") { _ = try ModelFiles.read(Array(bytes[..<count])) }
        }
        #expect(try refusal(Array(bytes[..<(bytes.count - 65)])).message.contains("is cut off"))
        #expect(try refusal(Array(bytes[..<(bytes.count - 64)])).message.contains("has lost the checksum"))
        #expect(try refusal(bytes + [0]).message.contains("has lost the checksum"))
    }

    @Test("Damage is said in words, before the content is looked at")
    func damage() throws {
        var bytes = try Self.model.image()
        bytes[bytes.count / 2] ^= 1
        let error = try refusal(bytes)
        #expect(error.kind == .badData)
        #expect(error.message == "is damaged: its checksum does not match its content; use another copy")
        // Not even the signature of HDF5 is needed to say it.
        bytes.replaceSubrange(0..<8, with: [UInt8](repeating: 0, count: 8))
        #expect(try refusal(bytes).message.contains("is damaged"))
    }

    @Test("Files of other programs have none, and read")
    func foreign() throws {
        for name in ["keras2_mlp.h5", "keras3_mlp.h5"] {
            let path = ModelFiles.fixture(name)
            let bytes = try Array(Data(contentsOf: URL(filePath: path)))
            #expect(try Seal.verify(bytes) == (bytes.count, false))
            #expect(try !Model.isSealed(path))
            _ = try Model(contentsOf: path)
        }
        let directory = try TemporaryDirectory()
        #expect(try Model.isSealed(directory.write(Data(Self.model.image()), to: "model.h5")))
        #expect(try !Model.isSealed(directory.write("", to: "empty")))
    }
}
