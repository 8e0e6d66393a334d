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

    static let sequence = Graph(inputs: 3) { [Dense(5, activation: .relu), Dense(1)] as [any Layer] }

    /// Two branches of equal sizes, which Keras lists in another order than this graph.
    static let branches = Graph(inputs: 4) { x in
        let short = Dense(4)(x)
        let long = ReLU()(Dense(4)(x))
        return Dense(2)(short + long)
    }

    /// A state of which no two numbers are equal.
    static func checkpoint(of graph: Graph = sequence, moments: Int = 2) -> Checkpoint {
        var model = graph.model(41)
        let epoch = { (number: Int) in
            EpochRecord(
                epoch: number, metrics: [Metric("loss", 1 / Double(number)), Metric("val_loss", .infinity)],
                learningRate: 0.1, seconds: 0, samplesPerSecond: 0)
        }
        model.history = (1...11).map(epoch)
        var random = CounterRandom.test(42)
        let count = model.parameters.layout.bufferCount
        return Checkpoint(
            model: model,
            run: Checkpoint.Run(
                state: TrainingState(
                    step: 6_789_012_345, parameters: SharedBuffer(random.floats(count)),
                    moments: SharedBuffer(random.floats(moments * count)),
                    optimizer: .rmsprop(learningRate: 0.1.nextUp, rho: 0.7, momentum: 1 / 3), earlierSteps: 12345,
                    epochSums: [0.1 + 0.2, -0.0, Double.pi, .nan, .leastNonzeroMagnitude], history: model.history,
                    best: .init(epoch: 9, value: 0.1.nextUp, parameters: model.parameters.values.copy()),
                    epochsWithoutImprovement: 1, epochsSinceReduction: 2, reductions: 3), identity: identity))
    }

    private func check(_ checkpoint: Checkpoint, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let directory = try TemporaryDirectory()
        let again = try Checkpoint(contentsOf: directory.write(Data(checkpoint.image()), to: "model.h5"))
        let expected = try #require(checkpoint.run).state
        let found = try #require(again.run, sourceLocation: sourceLocation).state
        #expect(found.step == expected.step, sourceLocation: sourceLocation)
        #expect(
            found.epochSums.map(\.bitPattern) == expected.epochSums.map(\.bitPattern), sourceLocation: sourceLocation)
        #expect(found.parameters.elements == expected.parameters.elements, sourceLocation: sourceLocation)
        #expect(found.moments.elements == expected.moments.elements, sourceLocation: sourceLocation)
        #expect(found.optimizer == expected.optimizer, sourceLocation: sourceLocation)
        #expect(found.earlierSteps == 12345, sourceLocation: sourceLocation)
        #expect(found.history == expected.history, sourceLocation: sourceLocation)
        #expect(found.best?.epoch == expected.best?.epoch, sourceLocation: sourceLocation)
        #expect(found.best?.value == expected.best?.value, sourceLocation: sourceLocation)
        #expect(
            found.best?.parameters?.elements == expected.best?.parameters?.elements, sourceLocation: sourceLocation)
        #expect(found.epochsWithoutImprovement == 1, sourceLocation: sourceLocation)
        #expect(found.epochsSinceReduction == 2, sourceLocation: sourceLocation)
        #expect(found.reductions == 3, sourceLocation: sourceLocation)
        #expect(again.run?.identity == checkpoint.run?.identity, sourceLocation: sourceLocation)
        // Equal states are equal bytes.
        if checkpoint.model.graph.isSequential {
            #expect(try again.image() == checkpoint.image(), sourceLocation: sourceLocation)
        }
    }

    @Test("Every bit comes back", arguments: [sequence, branches])
    func roundTrip(_ graph: Graph) throws {
        try check(Self.checkpoint(of: graph))
        try check(Self.checkpoint(of: graph, moments: 0))
        var other = Self.checkpoint(of: graph, moments: 1)
        other.run?.state.best?.parameters = nil
        other.run?.state.parameters = other.model.parameters.values.copy()
        try check(other)
        other.run?.state.best = nil
        other.run?.state.epochSums = []
        other.run?.state.history = []
        try check(other)
        other.model.parameters = Parameters(of: graph, seed: 3)
        let now = other.run?.state.parameters
        other.run?.state.best = .init(epoch: 1, value: 1, parameters: now)
        try check(other)
    }

    @Test("What the run goes back to comes back too, and weights in it that the model has are stored once")
    func rollbackPoint() throws {
        let directory = try TemporaryDirectory()
        var checkpoint = Self.checkpoint()
        checkpoint.run?.state.rollbacks = (1...2).map {
            Rollback(epoch: $0, step: 10 * $0, tensor: "the loss", returnedTo: 9 * $0, learningRate: 1 / Double(3 * $0))
        }
        var point = try #require(Self.checkpoint().run).state
        point.step = 17
        point.history.removeLast(4)
        point.parameters = checkpoint.model.parameters.values.copy()
        point.moments[0] = 99
        checkpoint.run?.rollbackPoint = point
        let bytes = try checkpoint.image()
        let found = try Checkpoint(contentsOf: directory.write(Data(bytes), to: "model.h5"))
        let run = try #require(found.run)
        #expect(run.state.rollbacks == checkpoint.run?.state.rollbacks)
        #expect(run.state.step == 6_789_012_345)
        let again = try #require(run.rollbackPoint)
        #expect(again.step == 17 && again.history == point.history && again.rollbacks.isEmpty)
        #expect(again.parameters.elements == point.parameters.elements)
        #expect(again.moments.elements == point.moments.elements)
        #expect(again.best?.parameters?.elements == point.best?.parameters?.elements)
        #expect(try found.image() == bytes)
        #expect(
            try File(image: bytes).root.group("descent/state/rollback_point").childNames == ["epoch_sums", "moments"])
    }

    @Test("Weights equal to the model's are stored once, where the Keras layout keeps their order")
    func once() throws {
        func datasets(_ graph: Graph, _ change: (inout Checkpoint) -> Void) throws -> [String] {
            var checkpoint = Self.checkpoint(of: graph)
            change(&checkpoint)
            return try File(image: checkpoint.image()).root.group("descent/state").childNames
        }
        let both = ["epoch_sums", "moments"]
        #expect(try datasets(Self.sequence) { _ in } == both + ["weights"])
        #expect(
            try datasets(Self.sequence) { $0.run?.state.parameters = $0.model.parameters.values.copy() } == both)
        #expect(try datasets(Self.branches) { _ in } == ["best_weights"] + both + ["weights"])
    }

    @Test("The model in it is the model without it")
    func model() throws {
        let directory = try TemporaryDirectory()
        let checkpoint = Self.checkpoint()
        let path = try directory.write(Data(checkpoint.image()), to: "model.h5")
        #expect(try Model(contentsOf: path).image() == checkpoint.model.image())
        #expect(try Checkpoint(contentsOf: directory.write(Data(checkpoint.model.image()), to: "m.h5")).run == nil)
        #expect(try Checkpoint(contentsOf: ModelFiles.fixture("keras2_mlp.h5")).run == nil)
    }

    @Test("Written to a file it is the image, and the one before is the previous")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("model.h5")
        let output = try OutputFile(path, keeping: 1)
        let first = Self.checkpoint()
        try first.write(to: output)
        #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == first.image())
        var second = first
        second.run?.state.step += 1
        try second.write(to: output)
        #expect(try Checkpoint.newest(at: path).value.run?.state.step == 6_789_012_346)
        try Data([1, 2, 3]).write(to: URL(filePath: path))
        let found = try Checkpoint.newest(at: path)
        #expect(found.value.run?.state.step == 6_789_012_345)
        #expect(found.note?.contains("model.previous.h5 is used instead") == true)
    }

    @Test("A state that cannot be is refused")
    func unfitting() throws {
        func refusal(_ change: (Group) throws -> Void) throws -> String {
            let file = try File(inMemoryNamed: "model")
            try ModelFiles.copy(File(image: Self.checkpoint().image()).root, to: file.root)
            try change(file.root.group("descent/state"))
            let directory = try TemporaryDirectory()
            let path = try directory.write(Data(ModelFiles.sealed(file)), to: "model.h5")
            _ = try Model(contentsOf: path)
            let error = try #require(throws: ModelError.self) { _ = try Checkpoint(contentsOf: path) }
            #expect(error.kind == .badData && error.description.contains(path))
            return error.description
        }
        #expect(
            try refusal { try $0.attributes.write(Int64(-1), to: "step") }.contains("step under /descent/state is -1"))
        #expect(try refusal { try $0.attributes.write("{", to: "settings") }.contains("JSON"))
        #expect(try refusal { try $0.attributes.write("{", to: "history") }.contains("/descent"))
        #expect(try refusal { try $0.attributes.write("one", to: "reductions") }.contains("reductions"))
    }
}
