import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Parameters in one flat buffer")
struct ParameterLayoutTests {
    private let graph = Graph(inputs: 5) { x in
        let hidden = ReLU()(Dense(7)(x))
        return Dense(3)(hidden) + Dense(3, usesBias: false)(x)
    }

    @Test("Slices follow the nodes, kernel before bias, each on a cache line")
    func slices() {
        let layout = ParameterLayout(graph)
        #expect(
            layout.slices.map(\.path) == [
                "dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias", "dense_2/kernel",
            ])
        #expect(layout.slices.map(\.shape) == [[5, 7], [7], [7, 3], [3], [5, 3]])
        #expect(layout.slices.map(\.node) == [0, 0, 2, 2, 3])
        #expect(layout.slices.map(\.offset) == [0, 48, 64, 96, 112])
        #expect(layout.slices.allSatisfy { $0.offset % 16 == 0 })
        #expect(layout.bufferCount == 128)
        #expect(layout.parameterCount == 35 + 7 + 21 + 3 + 15)
        #expect(layout.slices.map(\.rows) == [5, 1, 7, 1, 5] && layout.slices.map(\.columns) == [7, 7, 3, 3, 3])
    }

    @Test("The parameter at an element is found")
    func lookup() {
        let layout = ParameterLayout(graph)
        #expect(layout.slice(at: 0)?.path == "dense/kernel")
        #expect(layout.slice(at: 34)?.path == "dense/kernel")
        #expect(layout.slice(at: 48)?.path == "dense/bias")
        #expect(layout.slice(at: 127)?.path == "dense_2/kernel")
        #expect(ParameterLayout(Graph(inputs: 2) { ReLU() }).slice(at: 0) == nil)
    }

    @Test("A graph without parameters has an empty layout")
    func none() {
        let layout = ParameterLayout(Graph(inputs: 2) { ReLU() })
        #expect(layout.slices.isEmpty && layout.bufferCount == 0 && layout.parameterCount == 0)
    }

    @Test("Parameters are read and written by path; a vector is one row")
    func access() {
        let parameters = Parameters(layout: ParameterLayout(graph))
        #expect(parameters.paths == parameters.layout.slices.map(\.path))
        #expect(parameters.values.elements.allSatisfy { $0 == 0 })
        let bias: Matrix = [[1, 2, 3]]
        parameters["dense_1/bias"] = bias
        #expect(parameters["dense_1/bias"] == bias)
        #expect(parameters.values.elements.count { $0 != 0 } == 3)
        #expect(Array(parameters.values.elements[96..<99]) == [1, 2, 3])
        let slice = parameters.layout.slices[4]
        let kernel = (0..<15).map(Float.init)
        parameters.setElements(kernel, of: slice)
        #expect(parameters.elements(of: slice) == kernel)
        #expect(parameters["dense_2/kernel"][1, 0] == 3, "row by row")
    }

    @Test("A copy shares nothing with the original")
    func copying() {
        let parameters = Parameters(of: graph, seed: 1)
        let copy = parameters.copy()
        #expect(copy.values.elements == parameters.values.elements && copy.layout == parameters.layout)
        copy["dense/bias"] = Matrix(rows: 1, columns: 7, repeating: 9)
        #expect(parameters["dense/bias"] == Matrix(rows: 1, columns: 7))
    }

    @Test("Backward passes leave the gaps between parameters at zero")
    func gaps() {
        var random = CounterRandom.test(1)
        let parameters = random.parameters(of: graph)
        let gradients = graph.gradient(
            random.matrix(4, 5), targets: .labels([0, 1, 2, 0]), loss: .softmaxCrossEntropy(), parameters: parameters)
        var elements = gradients.parameters.values.elements
        for slice in gradients.parameters.layout.slices {
            for index in slice.offset..<slice.offset + slice.count { elements[index] = 0 }
        }
        #expect(elements.allSatisfy { $0 == 0 })
    }
}
