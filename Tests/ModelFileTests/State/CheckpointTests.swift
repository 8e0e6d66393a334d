import Foundation
import HDF5
import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("A model with the state of its training")
struct CheckpointTests {
    static let identity = RunIdentity(
        settings: ["optimizer": ["name": "adam", "learning_rate": 0.1], "seed": 7], seed: .max, shuffles: true,
        dataFingerprint: "0123456789abcdef", rowCount: 1_000_000_007, blasKernel: "SkylakeX", version: "0.1.0")

    /// A state of which no two numbers are equal. Sizes that fill no cache line leave gaps in memory.
    static func checkpoint(
        momentNames: [String] = ["momentum", "velocity"], keepsBest: Bool = true, separateWeights: Bool = true
    ) -> Checkpoint {
        let graph = Graph(inputs: 3) { [Dense(5, activation: .relu), Dense(1)] as [any Layer] }
        let model = graph.model(41)
        var random = CounterRandom.test(42)
        let weights = separateWeights ? random.parameters(of: graph) : model.parameters.copy()
        let moments = SharedBuffer<Float>(count: momentNames.count * weights.layout.bufferCount)
        for moment in 0..<momentNames.count {
            for slice in weights.layout.slices {
                for index in 0..<slice.count {
                    moments[moment * weights.layout.bufferCount + slice.offset + index] =
                        Float(1000 * moment + slice.offset + index) + 0.25
                }
            }
        }
        return Checkpoint(
            model: model,
            state: TrainingState(
                position: .init(epoch: 12, stepInEpoch: 345, step: 6_789_012_345),
                sums: .init(loss: 0.1 + 0.2, score: -0.0, penalties: [Double.pi, .nan, Double.leastNonzeroMagnitude]),
                weights: weights,
                momentNames: momentNames, moments: moments,
                best: .init(epoch: 11, value: 0.1.nextUp, weights: keepsBest ? model.parameters.copy() : nil),
                epochsWithoutImprovement: 1, epochsSinceReduction: 2, reductions: 3, identity: identity))
    }

    private func roundTrip(_ checkpoint: Checkpoint) throws -> Checkpoint {
        let directory = try TemporaryDirectory()
        return try Checkpoint(contentsOf: directory.write(Data(checkpoint.image()), to: "model.h5"))
    }

    private func check(
        _ checkpoint: Checkpoint, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let again = try roundTrip(checkpoint)
        let expected = try #require(checkpoint.state)
        let found = try #require(again.state, sourceLocation: sourceLocation)
        #expect(found.position == expected.position, sourceLocation: sourceLocation)
        #expect(found.sums.loss.bitPattern == expected.sums.loss.bitPattern, sourceLocation: sourceLocation)
        #expect(found.sums.score.bitPattern == expected.sums.score.bitPattern, sourceLocation: sourceLocation)
        #expect(
            found.sums.penalties.map(\.bitPattern) == expected.sums.penalties.map(\.bitPattern),
            sourceLocation: sourceLocation)
        #expect(found.weights.values.elements == expected.weights.values.elements, sourceLocation: sourceLocation)
        #expect(found.momentNames == expected.momentNames, sourceLocation: sourceLocation)
        #expect(found.moments.elements == expected.moments.elements, sourceLocation: sourceLocation)
        #expect(found.best?.epoch == expected.best?.epoch, sourceLocation: sourceLocation)
        #expect(found.best?.value == expected.best?.value, sourceLocation: sourceLocation)
        #expect(
            found.best?.weights?.values.elements == expected.best?.weights?.values.elements,
            sourceLocation: sourceLocation)
        #expect(found.epochsWithoutImprovement == 1 && found.epochsSinceReduction == 2 && found.reductions == 3)
        #expect(found.identity == expected.identity, sourceLocation: sourceLocation)
        #expect(
            again.model.parameters.values.elements == checkpoint.model.parameters.values.elements,
            sourceLocation: sourceLocation)
        // Equal states are equal bytes.
        #expect(try again.image() == checkpoint.image(), sourceLocation: sourceLocation)
    }

    @Test("Every bit comes back")
    func roundTrip() throws {
        try check(Self.checkpoint())
        try check(Self.checkpoint(keepsBest: false))
        try check(Self.checkpoint(momentNames: [], separateWeights: false))
        var fresh = Self.checkpoint(momentNames: ["accumulator"])
        fresh.state?.best = nil
        fresh.state?.sums.penalties = []
        try check(fresh)
        var foreignBest = Self.checkpoint()
        let weights = foreignBest.state?.weights
        foreignBest.state?.best?.weights = weights
        try check(foreignBest)
    }

    @Test("Weights equal to the model's are stored once")
    func once() throws {
        func datasets(_ checkpoint: Checkpoint) throws -> [String] {
            try File(image: checkpoint.image()).root.group("descent/state").childNames
        }
        #expect(try datasets(Self.checkpoint()) == ["moments", "penalties", "weights"])
        #expect(try datasets(Self.checkpoint(separateWeights: false)) == ["moments", "penalties"])
        #expect(try datasets(Self.checkpoint(momentNames: [], separateWeights: false)) == ["penalties"])
    }

    @Test("The model in it is the model without it")
    func model() throws {
        let directory = try TemporaryDirectory()
        let checkpoint = Self.checkpoint()
        let path = try directory.write(Data(checkpoint.image()), to: "model.h5")
        #expect(try Model(contentsOf: path).image() == checkpoint.model.image())
        #expect(try Checkpoint(contentsOf: directory.write(Data(checkpoint.model.image()), to: "m.h5")).state == nil)
        #expect(try Checkpoint(contentsOf: ModelFiles.fixture("keras2_mlp.h5")).state == nil)
    }

    @Test("Written to a file it is the image")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("model.h5")
        let checkpoint = Self.checkpoint()
        try checkpoint.write(to: OutputFile(path, keeping: 1))
        #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == checkpoint.image())
        #expect(try directory.contents == ["model.h5"])
    }

    @Test("A state that does not fit its model is refused")
    func unfitting() throws {
        func refusal(_ change: (Group) throws -> Void) throws -> String {
            let file = try File(inMemoryNamed: "model")
            let source = try File(image: Self.checkpoint().image()).root
            try ModelFiles.copy(source, to: file.root)
            // So that no checksum is asked for.
            try file.root.group("descent").attributes.write(Int64(1), to: "format_version")
            try change(file.root.group("descent/state"))
            let directory = try TemporaryDirectory()
            let path = try directory.write(Data(file.image()), to: "model.h5")
            _ = try Model(contentsOf: path)
            return try #require(throws: ModelError.self) { _ = try Checkpoint(contentsOf: path) }.description
        }
        #expect(
            try refusal { try $0.attributes.write(Int64(-1), to: "step") }.contains("step under /descent/state is -1"))
        #expect(try refusal { try $0.attributes.write([1.0], to: "sums") }.contains("1 sums"))
        #expect(try refusal { try $0.attributes.write(["momentum", "nowhere"], to: "moments") }.contains("nowhere"))
        #expect(
            try refusal {
                try $0.createDataset("moments/short", shape: [3], values: [Float](repeating: 0, count: 3))
                try $0.attributes.write(["momentum", "short"], to: "moments")
            }.contains("has the shape [3]"))
        #expect(try refusal { try $0.attributes.write("{", to: "settings") }.contains("JSON"))
    }
}
