import Foundation
import HDF5
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@testable import ModelFile

@Suite("The state of an optimizer, from Descent's files and in Keras' formats")
struct OptimizerStateTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    static let sequence = Graph(inputs: 3) {
        [Dense(4), BatchNormalization(), LeakyReLU(slope: 0.1), Dense(2)] as [any Layer]
    }
    /// Written for Keras, the first layer is deeper than the second and comes first; as it stands, it comes last. One layer
    /// is not trained.
    static let branches = try? Graph(
        inputSizes: [3],
        nodes: [
            .init(name: "short", operation: .dense(Dense(4)), inputs: [0]),
            .init(name: "long", operation: .dense(Dense(4, activation: .leakyReLU(slope: 0.3))), inputs: [0]),
            .init(name: "fixed", operation: .dense(Dense(4)), inputs: [0], isTrainable: false),
            .init(name: "sum", operation: .add(Add()), inputs: [1, 2, 3]),
            .init(name: "out", operation: .dense(Dense(2)), inputs: [4]),
        ], output: 5)

    static let optimizers: [Optimizer] = [
        .sgd(learningRate: 0.25), .sgd(learningRate: 0.1, momentum: .heavyBall(0.9), clipping: .value(0.5)),
        .sgd(momentum: .nesterov(0.8)), .adam(beta1: 0.7, beta2: 0.9, epsilon: 1e-5), .adamW(clipping: .norm(2)),
        .rmsprop(rho: 0.8), .rmsprop(momentum: 0.5), .rmsprop(centered: true), .rmsprop(momentum: 0.5, centered: true),
        .adagrad(initialAccumulator: 0.2),
    ]

    /// A model, and moments of which no two numbers are equal; 0 where nothing is trained.
    private func example(_ graph: Graph, _ optimizer: Optimizer) -> (model: Model, state: OptimizerState) {
        let model = graph.model(5)
        var random = CounterRandom.test(6)
        let count = model.parameters.layout.bufferCount
        let moments = SharedBuffer<Float>(count: optimizer.moments.count * count)
        for buffer in optimizer.moments.indices {
            for slice in model.parameters.layout.slices where slice.isTrainable {
                let values = random.floats(slice.count)
                for index in values.indices { moments[buffer * count + slice.offset + index] = values[index] }
            }
        }
        return (model, OptimizerState(optimizer: optimizer, step: 77, moments: moments))
    }

    private func checkpoint(_ model: Model, _ state: OptimizerState, best: Parameters? = nil) -> Checkpoint {
        var model = model
        let parameters = model.parameters
        if let best { model.parameters = best }
        return Checkpoint(
            model: model,
            run: .init(
                state: TrainingState(
                    step: state.step - 7, parameters: parameters.values, moments: state.moments,
                    optimizer: state.optimizer, earlierSteps: 7, epochSums: [0, 0], history: [],
                    best: best.map { .init(epoch: 1, value: 0, parameters: $0.values) }, epochsWithoutImprovement: 0,
                    epochsSinceReduction: 0, reductions: 0), identity: CheckpointTests.identity))
    }

    /// The moments by the path of their parameter.
    private func byPath(_ state: OptimizerState, _ layout: ParameterLayout) -> [String: [[Float]]] {
        let moments = state.moments.elements
        return Dictionary(
            uniqueKeysWithValues: layout.slices.map { slice in
                (
                    slice.path,
                    state.optimizer.moments.indices.map { buffer in
                        Array(moments[(buffer * layout.bufferCount + slice.offset)...].prefix(slice.count))
                    }
                )
            })
    }

    @Test("From Descent's own file, in the order of the model that is read", arguments: [false, true])
    func own(_ branches: Bool) throws {
        let graph = branches ? try #require(Self.branches) : Self.sequence
        for optimizer in Self.optimizers {
            let (model, state) = example(graph, optimizer)
            let path = try directory.write(Data(checkpoint(model, state).image()), to: "model.h5")
            let read = try Model(contentsOf: path)
            let found = try #require(try OptimizerState(contentsOf: path, of: read))
            #expect(found.step == 77)
            #expect(found.optimizer == optimizer)
            #expect(byPath(found, read.parameters.layout) == byPath(state, model.parameters.layout))
            #expect(branches == (read.parameters.paths != model.parameters.paths))
        }
    }

    @Test("None where the weights are those of another step, or the file is one of weights")
    func none() throws {
        let (model, state) = example(Self.sequence, .adam())
        let best = Self.sequence.model(8).parameters
        let path = try directory.write(Data(checkpoint(model, state, best: best).image()), to: "best.h5")
        #expect(try OptimizerState(contentsOf: path, of: Model(contentsOf: path)) == nil)
        let same = try directory.write(Data(checkpoint(model, state, best: model.parameters).image()), to: "same.h5")
        #expect(try OptimizerState(contentsOf: same, of: Model(contentsOf: same)) != nil)
        for format in [KerasFormat.model, .archive] {
            let plain = try directory.write(Data(model.kerasImage(format)), to: "plain" + format.rawValue)
            #expect(try OptimizerState(contentsOf: plain, of: model, optimizer: .adam()) == nil)
        }
        let weights = try model.kerasImage(.weights, training: (state, .meanSquaredError))
        #expect(try weights == model.kerasImage(.weights))
    }

    @Test("Through each of Keras' formats", arguments: [KerasFormat.model, .archive])
    func kerasFormats(_ format: KerasFormat) throws {
        for graph in [Self.sequence, try #require(Self.branches)] {
            for optimizer in Self.optimizers {
                let (model, state) = example(graph, optimizer)
                let image = try model.kerasImage(format, training: (state, .meanSquaredError))
                let path = try directory.write(Data(image), to: "model" + format.rawValue)
                let read = try Model(contentsOf: path)
                #expect(
                    bitDifference(read.predictions(read.sampleInputs()), model.predictions(read.sampleInputs())) == nil)
                let found = try #require(try OptimizerState(contentsOf: path, of: read))
                #expect(found.step == 77)
                #expect(found.optimizer == optimizer)
                #expect(byPath(found, read.parameters.layout) == byPath(state, model.parameters.layout))
            }
        }
    }

    @Test("From weights alone, which do not say whose moments they have")
    func weightsAlone() throws {
        for optimizer in Self.optimizers {
            let (model, state) = example(Self.sequence, optimizer)
            let archive = try StoredZip(model.kerasImage(.archive, training: (state, .meanSquaredError)))
            let weights = try #require(archive["model.weights.h5"])
            let path = try directory.write(Data(weights), to: "model.weights.h5")
            let found = try #require(try OptimizerState(contentsOf: path, of: model, optimizer: optimizer))
            #expect(found.step == 77)
            #expect(found.moments.elements == state.moments.elements)
            #expect(try OptimizerState(contentsOf: path, of: model) == nil)
        }
    }

    @Test("The names and the order are Keras 2's")
    func names() throws {
        func names(_ optimizer: Optimizer) throws -> [String] {
            let (model, state) = example(Graph(inputs: 2) { Dense(3) }, optimizer)
            let image = try model.kerasImage(.model, training: (state, .meanSquaredError))
            let root = try File(image: image).root
            return try root.group("optimizer_weights").attributes.strings("weight_names")
        }
        #expect(
            try names(.adamW()) == [
                "iteration:0", "AdamW/m/dense/kernel:0", "AdamW/v/dense/kernel:0", "AdamW/m/dense/bias:0",
                "AdamW/v/dense/bias:0",
            ])
        #expect(try names(.sgd()) == ["iteration:0", "SGD/m/dense/kernel:0", "SGD/m/dense/bias:0"])
        #expect(
            try names(.rmsprop(momentum: 0.5, centered: true)) == [
                "iteration:0", "RMSprop/velocity/dense/kernel:0", "RMSprop/velocity/dense/bias:0",
                "RMSprop/momentum/dense/kernel:0", "RMSprop/momentum/dense/bias:0",
                "RMSprop/average_gradient/dense/kernel:0", "RMSprop/average_gradient/dense/bias:0",
            ])
    }

    @Test("Rates and momenta are no integers, which Keras 3 refuses", arguments: [0, 1, 0.25])
    func wholeRates(_ rate: Double) throws {
        let description = KerasOptimizer(optimizer: .sgd(learningRate: rate)).training(.meanSquaredError, .keras3)
        let config = try #require(description["optimizer"]?["config"])
        #expect(config["momentum"] == nil)
        let written = try JSONValue(parsing: config.text)["learning_rate"]?.number
        #expect(written.map { Float($0) } == Float(rate))
        #expect(try #require(written).truncatingRemainder(dividingBy: 1) != 0)
    }

    /// A model file as Keras 2 writes it, with a change.
    private func refusal(_ change: (inout [String: JSONValue], Group) throws -> Void) throws -> String {
        let (model, state) = example(Graph(inputs: 2) { Dense(3) }, .adam())
        let sound = try File(image: model.kerasImage(.model, training: (state, .meanSquaredError))).root
        let file = try File(inMemoryNamed: "model")
        guard
            case .object(var training) = try JSONValue(parsing: sound.attributes.string("training_config")),
            case .object(var optimizer)? = training["optimizer_config"]
        else { return "" }
        try ModelFiles.copy(sound.group("model_weights"), to: file.root.createGroup("model_weights"))
        try file.root.attributes.write(sound.attributes.string("model_config"), to: "model_config")
        let weights = try file.root.createGroup("optimizer_weights")
        try change(&optimizer, weights)
        if try !weights.attributes.contains("weight_names") {
            try ModelFiles.copy(sound.group("optimizer_weights"), to: weights)
        }
        training["optimizer_config"] = .object(optimizer)
        try file.root.attributes.write(JSONValue.object(training).text, to: "training_config")
        let path = try directory.write(Data(file.image()), to: "changed.h5")
        let error = try #require(throws: ModelError.self) {
            _ = try OptimizerState(contentsOf: path, of: Model(contentsOf: path))
        }
        #expect(error.file == path && error.kind == .badData)
        return error.message
    }

    @Test("Moments that are not of this network or optimizer are refused by name")
    func refusals() throws {
        #expect(try refusal { optimizer, _ in optimizer["class_name"] = "Custom>Nadam" }.contains("'Custom>Nadam'"))
        #expect(
            try refusal { optimizer, _ in
                optimizer["config"] = ["amsgrad": true]
            }.contains("amsgrad"))
        #expect(try refusal { optimizer, _ in optimizer["class_name"] = "RMSprop" }.contains("holds 4 moments"))
        func moments(
            _ shape: [Int], _ value: Float = 0, step: Int64 = 1
        ) -> (inout [String: JSONValue], Group) throws -> Void {
            { _, weights in
                try weights.attributes.write(["i", "a", "b", "c", "d"], to: "weight_names")
                try weights.createDataset("i", shape: [], values: [step])
                for name in ["a", "b"] {
                    let values = Array(repeating: value, count: shape.reduce(1, *))
                    try weights.createDataset(name, shape: shape, values: values)
                }
                for name in ["c", "d"] { try weights.createDataset(name, shape: [3], values: [Float(0), 0, 0]) }
            }
        }
        #expect(try refusal(moments([3, 2])).contains("[2, 3]"))
        #expect(try refusal(moments([2, 3], .nan)).contains("not finite"))
        #expect(try refusal(moments([2, 3], step: -1)).contains("after -1 steps"))
        #expect(try refusal(moments([2, 3], step: .max)).contains("steps"))
        #expect(
            try refusal { _, weights in
                try weights.attributes.write(["a"], to: "weight_names")
                try weights.createDataset("a", shape: [1], values: [Float(0)])
            }.contains("number of its steps"))
    }
}
