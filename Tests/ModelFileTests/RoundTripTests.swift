import LinearAlgebra
import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("What is written is what is read")
struct RoundTripTests {
    private func check(
        _ model: Model, sameGraph: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let again = try ModelFiles.roundTrip(model)
        let inputs = model.sampleInputs()
        let found = again.predictions(inputs)
        let expected = model.predictions(inputs)
        // An activation that has moved from the network to what follows it, or back, is computed by another loop.
        let disagreement =
            again.outputActivation == model.outputActivation
            ? bitDifference(found, expected) : Tolerance(relative: 1e-6).disagreement(of: found, with: expected)
        #expect(disagreement == nil, sourceLocation: sourceLocation)
        if sameGraph {
            #expect(again.graph == model.graph, sourceLocation: sourceLocation)
            #expect(again.outputActivation == model.outputActivation, sourceLocation: sourceLocation)
            #expect(
                again.parameters.values.elements == model.parameters.values.elements, sourceLocation: sourceLocation)
        }
        // What has been read is written to the same bytes as what was written.
        #expect(try again.image() == ModelFiles.roundTrip(again).image(), sourceLocation: sourceLocation)
    }

    static let activations: [Activation] = [
        .linear, .relu, .leakyReLU(), .leakyReLU(slope: 0.25), .sigmoid, .tanh, .elu(), .elu(alpha: 0.5), .selu,
        .softplus,
        .gelu, .silu,
    ]

    @Test("Every activation as a layer", arguments: activations)
    func activationLayer(_ activation: Activation) throws {
        let graph = Graph(inputs: 3) { [Dense(4), activation, Dense(2)] as [any Layer] }
        try check(graph.model(1))
    }

    @Test("Every activation inside a dense layer", arguments: activations)
    func denseActivation(_ activation: Activation) throws {
        let graph = Graph(inputs: 3) {
            Dense(4, activation: activation)
            Dense(2)
        }
        // Those that Keras cannot say inside a layer come back as layers of their own.
        let isSaid =
            switch activation {
            case .leakyReLU: false
            case .elu(let alpha): alpha == 1
            default: true
            }
        try check(graph.model(2), sameGraph: isSaid)
        if !isSaid {
            let again = try ModelFiles.roundTrip(graph.model(2))
            #expect(again.graph.nodes.map(\.operation)[1] == .activation(activation))
        }
    }

    @Test(
        "Every initializer",
        arguments: [
            Initializer.zeros, .constant(0.25), .constant(1), .glorotUniform, .glorotNormal, .heUniform, .heNormal,
            .lecunNormal,
        ])
    func initializer(_ initializer: Initializer) throws {
        let graph = Graph(inputs: 3) { Dense(4, kernelInitializer: initializer, biasInitializer: initializer) }
        try check(graph.model(3))
    }

    @Test("Regularizers, layers without bias, dropout, softmax inside")
    func parts() throws {
        let graph = Graph(inputs: 3) {
            Dropout(0.125)
            Dense(4, usesBias: false, kernelRegularizer: Regularizer(l1: 0.5))
            Softmax()
            Dense(
                5, activation: .tanh, kernelRegularizer: Regularizer(l2: 0.25),
                biasRegularizer: Regularizer(l1: 0.125, l2: 2))
            Dropout(0.5)
            Dense(1)
        }
        try check(graph.model(4))
    }

    @Test("Concatenate, Rescaling, Normalization and layers that are not trained")
    func scaling() throws {
        let graph = Graph(inputs: 3) { x in
            let each = Rescaling(scale: [0.1, -2, 3], offset: [1, 0, 1e-7])(x)
            let fixed = Normalization(mean: [0.1, 2, -1e6], variance: [1e-3, 0, 7])(Rescaling(scale: 1 / 255)(x))
            let one = Normalization(mean: [0.3], variance: [2])(x)
            return Dense(2)(Concatenate()(each, fixed, Concatenate()(one, x)))
        }
        try check(graph.model(13), sameGraph: false)
        let sequence = Graph(inputs: 3) {
            [Normalization(mean: [1, 2, 3], variance: [4, 5, 6]), Dense(2)] as [any Layer]
        }
        try check(sequence.model(14))
        for mean in [[1, 2, 3], [4]] as [[Float]] {
            let adapted = Normalization(mean: mean, variance: mean, isAdapted: true)
            try check(Graph(inputs: 3) { [adapted, Dense(2)] as [any Layer] }.model(17))
            try check(Graph(inputs: 1) { [Normalization(mean: [3], variance: [2], isAdapted: true)] }.model(18))
        }
        let frozen = try Graph(
            inputSizes: [3],
            nodes: sequence.nodes.map {
                Graph.Node(name: $0.name, operation: $0.operation, inputs: $0.inputs, isTrainable: false)
            }, output: 2)
        try check(frozen.model(15))
    }

    @Test("Batch and layer normalization")
    func normalizations() throws {
        let graph = Graph(inputs: 3) {
            BatchNormalization(momentum: 0.75, epsilon: 0.125)
            Dense(4)
            LayerNormalization(epsilon: 0.25, scales: false, betaRegularizer: Regularizer(l1: 0.5))
            BatchNormalization(scales: false, centers: false)
            Dense(2)
            BatchNormalization(gammaRegularizer: Regularizer(l2: 0.5))
        }
        try check(graph.model(16))
    }

    @Test(
        "The output activation is folded into the last dense layer and split off again",
        arguments: [
            OutputActivation.softmax, .sigmoid, .linear,
        ])
    func outputActivation(_ activation: OutputActivation) throws {
        let folded = Graph(inputs: 3) {
            Dense(4, activation: .relu)
            Dense(3)
        }
        try check(folded.model(5, outputActivation: activation), sameGraph: activation != .softmax)
        let again = try ModelFiles.roundTrip(folded.model(5, outputActivation: activation))
        #expect(again.graph == folded)
        #expect(again.outputActivation == activation)

        // The last layer may have an activation, or be none that has one.
        let others = [
            Graph(inputs: 3) { Dense(3, activation: .relu) },
            Graph(inputs: 3) {
                Dense(3)
                Dropout(0.5)
            },
            Graph(inputs: 3) { x in
                let hidden = Dense(3)(x)
                return hidden + Dense(3)(hidden)
            },
        ]
        for graph in others { try check(graph.model(6, outputActivation: activation)) }
    }

    @Test(
        "A network that ends in an activation of its own keeps it, whatever it is called",
        arguments: [
            OutputActivation.linear, .sigmoid, .softmax,
        ])
    func lastActivation(_ activation: OutputActivation) throws {
        for last in [Activation.sigmoid, .relu] {
            let inside = Graph(inputs: 3) { Dense(2, activation: last) }
            try check(inside.model(7, outputActivation: activation), sameGraph: false)
            let outside = Graph(inputs: 3) { [Dense(2), last] as [any Layer] }
            try check(outside.model(8, outputActivation: activation), sameGraph: false)
        }
        let softmax = Graph(inputs: 3) {
            Dense(2)
            Softmax()
        }
        try check(softmax.model(9, outputActivation: activation), sameGraph: false)
    }

    @Test("Inputs come back in the order in which the network takes them, though Keras lists them in another")
    func inputOrder() throws {
        let graph = Graph(inputs: [2, 3]) { x in
            // The second input is deeper.
            Concatenate()(x[0], Tanh()(Dense(2)(x[1])))
        }
        try check(graph.model(19), sameGraph: false)
        #expect(try ModelFiles.roundTrip(graph.model(19)).graph.inputSizes == [2, 3])
    }

    @Test("Kernels of equal shape come back to their layers, though Keras lists them in another order")
    func order() throws {
        let graph = Graph(inputs: 4) { x in
            let a = Dense(4, activation: .tanh)(x)
            let b = Dense(4, activation: .relu)(x)
            let c = LeakyReLU(slope: 0.1)(Dense(4)(b))
            return Dense(2)((a + c) * x)
        }
        let model = graph.model(10)
        try check(model, sameGraph: false)
        // The trap is set: Keras' order is not ours.
        let again = try ModelFiles.roundTrip(model)
        #expect(again.graph.nodes.map(\.name) != graph.nodes.map(\.name))
        #expect(Set(again.graph.nodes.map(\.name)) == Set(graph.nodes.map(\.name)))
        for slice in model.parameters.layout.slices {
            #expect(again.parameters[slice.path] == model.parameters[slice.path], "\(slice.path)")
        }
    }

    @Test("Random graphs of every kind of layer", arguments: 0..<60)
    func randomGraphs(_ number: Int) throws {
        let random = try RandomGraph(number, rows: 4)
        let model = Model(graph: random.graph, parameters: random.parameters, outputActivation: .linear)
        let again = try ModelFiles.roundTrip(model)
        // An input that no layer takes stays an input; a layer that nothing takes is not written.
        #expect(again.graph.inputSizes == random.graph.inputSizes)
        let tolerance = Tolerance(absolute: 1e-6, relative: 1e-6)
        let found = again.predictions(random.inputs)
        let expected = model.predictions(random.inputs)
        #expect(tolerance.disagreement(of: found, with: expected) == nil)
    }

    @Test("More layers than an attribute holds names")
    func manyLayers() throws {
        let graph = Graph(inputs: 2) { (0..<1100).map { _ in Linear() as any Layer } + [Dense(1)] }
        #expect(try ModelFiles.roundTrip(graph.model(11)).graph == graph)
    }

    @Test("History and settings ride along, times do not")
    func history() throws {
        var model = Graph(inputs: 2) { Dense(1) }.model(12)
        model.history = [
            EpochRecord(
                epoch: 1, metrics: [Metric("loss", 0.1), Metric("val_loss", 1e-300)], learningRate: 0.001, seconds: 1.5,
                samplesPerSecond: 99)
        ]
        model.settings = ["name": "grün \"x\"\n", "list": [1, 2.5, nil, true], "nested": ["a": [:]]]
        let again = try ModelFiles.roundTrip(model)
        #expect(again.history.map(\.metrics) == model.history.map(\.metrics))
        #expect(again.history[0].learningRate == 0.001)
        #expect(again.history[0].seconds == 0)
        #expect(again.settings == model.settings)
    }
}
