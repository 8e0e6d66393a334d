import Foundation
import HDF5
import TestSupport
import Testing

@testable import ModelFile

/// Networks that Keras wrote and that are not dense ones; `make_refused_fixtures.py` says how.
@Suite("What is not a dense network is refused by name")
struct RefusedNetworkTests {
    private struct Network: Decodable {
        /// What the refusal must name.
        var names: String
        /// `model_config` of a whole model.
        var whole: String
        /// `config.json` of an archive.
        var archive: String
    }

    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func refusal(_ path: String) throws -> ModelError {
        let error = try #require(throws: ModelError.self) { _ = try Model(contentsOf: path) }
        #expect(error.kind == .badData)
        #expect(error.file == path)
        // One sentence.
        #expect(!error.message.contains("\n"))
        return error
    }

    @Test("Lambda, convolutions, embeddings, recurrent and custom layers, of either generation", arguments: [2, 3])
    func networks(_ generation: Int) throws {
        let file = ModelFiles.fixture("refused_keras\(generation).json")
        let networks = try JSONDecoder().decode([String: Network].self, from: Data(contentsOf: URL(filePath: file)))
        #expect(networks.count == 11)
        for (name, network) in networks {
            // The first layer that is not understood; the reshaping before a convolution is none either.
            let names = [network.names, "Reshape"]
            func isNamed(_ error: ModelError) -> Bool { names.contains { error.message.contains($0) } }
            let whole = try File(inMemoryNamed: "model")
            try whole.root.attributes.write(network.whole, to: "model_config")
            _ = try whole.root.createGroup("model_weights")
            let path = try directory.write(Data(whole.image()), to: "whole.h5")
            #expect(try isNamed(refusal(path)), "\(name)")

            var archive = StoredZip()
            archive.add("config.json", Array(network.archive.utf8))
            archive.add("model.weights.h5", try File(inMemoryNamed: "weights").image())
            let packed = try directory.write(Data(archive.image()), to: "archive.keras")
            #expect(try isNamed(refusal(packed)), "\(name)")

            for text in [network.whole, network.archive] {
                let path = try directory.write(text, to: "network.json")
                let error = try #require(throws: ModelError.self) {
                    _ = try Architecture(contentsOf: path).network(inputs: 4)
                }
                #expect(isNamed(error), "\(name)")
                #expect(error.file == path)
            }
        }
    }

    @Test("Weights in other files are not read, whichever way a file points there")
    func outside() throws {
        // Where the pointers lead there is something to read.
        for name in ["link.h5", "storage.h5", "virtual.h5"] {
            let path = try directory.write(
                Data(contentsOf: URL(filePath: ModelFiles.fixture("outside_\(name)"))), to: name)
            _ = try directory.write(Data(repeating: 0, count: 24), to: "kernel.bin")
            let other = try File(creating: directory.path("other.h5"))
            try other.root.createDataset("kernel", shape: [2, 3], values: [Float](repeating: 1, count: 6))
            try other.close()
            let error = try #require(throws: ModelError.self) { _ = try Model(contentsOf: path) }
            #expect(error.description.contains(path))
            #expect(error.description.contains("file"), "\(error)")
            try FileManager.default.removeItem(atPath: directory.path("other.h5"))
        }
        let path = ModelFiles.fixture("outside.keras")
        let error = try #require(throws: ModelError.self) { _ = try Model(contentsOf: path) }
        #expect(error.description.contains(path))
        #expect(error.description.contains("file"), "\(error)")
    }
}
