import Foundation
import HDF5
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@testable import ModelFile

/// Ways to and from model files that many tests need.
enum ModelFiles {
    /// A file beside these tests.
    static func fixture(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path()
    }

    /// Reads a model from bytes.
    static func read(_ image: [UInt8]) throws -> Model {
        let directory = try TemporaryDirectory()
        return try Model(contentsOf: directory.write(Data(image), to: "model.h5"))
    }

    /// Writes a model and reads it again.
    static func roundTrip(_ model: Model) throws -> Model {
        let directory = try TemporaryDirectory()
        let path = directory.path("model.h5")
        try model.write(to: path)
        return try Model(contentsOf: path)
    }

    /// Copies what model files hold: groups, datasets of numbers, attributes of numbers and strings.
    static func copy(_ source: Group, to target: Group) throws {
        for name in try source.attributes.names {
            switch try source.attributes.elementType(of: name) {
            case .float: try target.attributes.write(source.attributes.numbers(name, as: Double.self), to: name)
            case .integer(_, signed: false, _):
                try target.attributes.write(source.attributes.number(name, as: UInt64.self), to: name)
            case .integer: try target.attributes.write(source.attributes.number(name, as: Int64.self), to: name)
            default:
                if try source.attributes.shape(of: name).isEmpty {
                    try target.attributes.write(source.attributes.string(name), to: name)
                } else {
                    try target.attributes.write(source.attributes.strings(name), to: name)
                }
            }
        }
        for name in try source.childNames {
            switch try source.kind(of: name) {
            case .group: try copy(source.group(name), to: target.createGroup(name))
            default:
                let dataset = try source.dataset(name)
                if dataset.elementType == .float(bytes: 8, order: .littleEndian) {
                    try target.createDataset(name, shape: dataset.shape, values: dataset.read(as: Double.self))
                } else {
                    try target.createDataset(name, shape: dataset.shape, values: dataset.read(as: Float.self))
                }
            }
        }
    }

    /// A file with its checksum.
    static func sealed(_ file: File) throws -> [UInt8] {
        let image = try file.image()
        return try image + image.withUnsafeBytes { bytes in try Seal.seal(of: bytes) }
    }

    /// The error of reading a file that `fill` makes up.
    static func refusal(
        isSealed: Bool = false, sourceLocation: SourceLocation = #_sourceLocation, _ fill: (Group) throws -> Void
    ) throws -> ModelError {
        let file = try File(inMemoryNamed: "model")
        try fill(file.root)
        let image = try isSealed ? sealed(file) : file.image()
        return try #require(throws: ModelError.self, sourceLocation: sourceLocation) { _ = try read(image) }
    }
}

extension Graph {
    /// A model of this graph with weights that no initializer makes.
    func model(_ stream: Int, outputActivation: OutputActivation = .linear) -> Model {
        var random = CounterRandom.test(stream)
        return Model(graph: self, parameters: random.parameters(of: self), outputActivation: outputActivation)
    }
}

extension Model {
    /// What it predicts: the outputs through the output activation.
    func predictions(_ inputs: [Matrix]) -> [Float] {
        let outputs = graph.outputs(inputs, parameters: parameters)
        return switch outputActivation {
        case .linear: outputs.elements
        case .sigmoid: outputs.elements.map { Float(1 / (1 + exp(-Double($0)))) }
        case .softmax:
            (0..<outputs.rows).flatMap { row in
                let powers = outputs.row(row).map { exp(Double($0)) }
                return powers.map { Float($0 / powers.reduce(0, +)) }
            }
        }
    }

    /// Rows to try it with.
    func sampleInputs(rows: Int = 5) -> [Matrix] {
        var random = CounterRandom.test(4711)
        return graph.inputSizes.map { random.matrix(rows, $0, in: -2...2) }
    }
}
