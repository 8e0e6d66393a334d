import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Building graphs")
struct GraphBuildingTests {
    @Test("Layers in sequence are named as in Keras and take the value before them")
    func sequence() {
        let graph = Graph(inputs: 64) {
            Dense(128)
            ReLU()
            Dropout(0.2)
            Dense(10)
            Softmax()
        }
        #expect(graph.nodes.map(\.name) == ["dense", "re_lu", "dropout", "dense_1", "softmax"])
        #expect(graph.nodes.map(\.inputs) == [[0], [1], [2], [3], [4]])
        #expect(graph.sizes == [64, 128, 128, 128, 10, 10])
        #expect(graph.inputSize == 64 && graph.outputSize == 10 && graph.output == 5)
        #expect(graph.isSequential)
    }

    @Test("A sequence may be put together by conditions and loops")
    func conditions() {
        func network(deep: Bool, activation: Activation, more: [any Layer] = []) -> Graph {
            Graph(inputs: 2) {
                for units in [4, 3] { Dense(units) }
                if deep { Dense(5) }
                if activation == .relu {
                    ReLU()
                } else {
                    activation
                }
                more
            }
        }
        #expect(network(deep: false, activation: .relu).nodes.map(\.name) == ["dense", "dense_1", "re_lu"])
        #expect(
            network(deep: true, activation: .tanh, more: [Dense(1), Softmax()]).nodes.map(\.name)
                == ["dense", "dense_1", "dense_2", "activation", "dense_3", "softmax"])
        #expect(network(deep: true, activation: .relu).sizes == [2, 4, 3, 5, 5])
    }

    @Test("A graph written as a function numbers its values in an order in which they can be computed")
    func function() {
        let graph = Graph(inputs: 4) { x in
            let hidden = ReLU()(Dense(8)(x))
            return Dense(2)(hidden + Dense(8)(x))
        }
        #expect(graph.nodes.map(\.name) == ["dense", "re_lu", "dense_1", "add", "dense_2"])
        #expect(graph.nodes.map(\.inputs) == [[0], [1], [0], [2, 3], [4]])
        #expect(!graph.isSequential)
    }

    @Test("A value used twice is one node; an unused layer is none")
    func sharing() {
        let graph = Graph(inputs: [3, 3]) { x in
            let product = x[0] * x[1]
            _ = Dense(7)(x[0])
            return product + product
        }
        #expect(graph.nodes.map(\.name) == ["multiply", "add"])
        #expect(graph.nodes.map(\.inputs) == [[0, 1], [2, 2]])
        #expect(graph.inputSizes == [3, 3] && graph.inputSize == 6)
    }

    @Test("Layers and the operations that stand for them make the same graph")
    func operations() throws {
        let layers: [any Layer] = [
            Linear(), ReLU(), LeakyReLU(slope: 0.1), Sigmoid(), Tanh(), ELU(alpha: 0.5), SELU(), Softplus(), GELU(),
            SiLU(), Dense(3), Dropout(0.1), Softmax(),
        ]
        let activations: [Activation] = [
            .linear, .relu, .leakyReLU(slope: 0.1), .sigmoid, .tanh, .elu(alpha: 0.5), .selu, .softplus, .gelu, .silu,
        ]
        for (layer, activation) in zip(layers, activations) { #expect(layer.operation == .activation(activation)) }
        let graph = Graph(inputs: 3) { layers }
        let same = try Graph(
            inputSizes: [3],
            nodes: zip(graph.nodes, layers).enumerated().map { index, pair in
                Graph.Node(name: pair.0.name, operation: pair.1.operation, inputs: [index])
            }, output: layers.count)
        #expect(graph == same && graph.hashValue == same.hashValue)
        #expect(graph.nodes.map(\.operation.kindName) == layers.map(\.operation.kindName))
        #expect(graph.nodes.map { $0.operation.layer.operation } == graph.nodes.map(\.operation))
    }

    @Test("Default names count each kind")
    func names() {
        var names = LayerNames()
        let found = ["dense", "dense", "dropout", "dense"].map { names.next(for: $0) }
        #expect(found == ["dense", "dense_1", "dropout", "dense_2"])
    }

    @Test("Operations of a training step count both products of the first layer and three of the others")
    func operationCount() {
        let graph = Graph(inputs: 10) {
            Dense(20)
            ReLU()
            Dense(5)
        }
        #expect(graph.trainingOperationsPerRow == 2 * 2 * 10 * 20 + 2 * 3 * 20 * 5)
    }

    @Test("A change of every dense layer leaves the rest alone")
    func mapping() {
        let graph = Graph(inputs: 4) { x in Dropout(0.5)(Dense(3)(x)) + Dense(3, usesBias: false)(x) }
        let changed = graph.mapDense { $0.kernelRegularizer = Regularizer(l2: 0.5) }
        #expect(changed.sizes == graph.sizes && changed.nodes.map(\.name) == graph.nodes.map(\.name))
        #expect(ParameterLayout(changed).slices.map(\.regularizer.l2) == [0.5, 0, 0.5])
        #expect(graph.mapDense { _ in } == graph)
    }
}
