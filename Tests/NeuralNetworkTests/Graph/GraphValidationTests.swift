import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// A node of the graphs that do not work.
private func node(_ name: String, _ layer: any Layer, _ inputs: Int...) -> Graph.Node {
    Graph.Node(name: name, operation: layer.operation, inputs: inputs)
}

@Suite("Parts that do not make a graph")
struct GraphValidationTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var inputSizes = [3]
        var nodes: [Graph.Node] = []
        var output = 0
        var sentence: String

        var testDescription: String { sentence }
    }

    static let mistakes = [
        Mistake(inputSizes: [], sentence: "a graph needs at least one input"),
        Mistake(inputSizes: [3, 0], sentence: "input 1 has 0 numbers per row"),
        Mistake(inputSizes: [-1], sentence: "input 0 has -1 numbers per row"),
        Mistake(inputSizes: [1 << 31], sentence: "input 0 has 2147483648 numbers per row"),
        Mistake(
            nodes: [node("a", Dense(2), 0), node("a", Dense(2), 1)], output: 2,
            sentence: "two layers are called 'a'"),
        Mistake(
            nodes: [node("a", Dense(2), 1)], output: 1,
            sentence: "layer 'a' takes a value that is not computed before it"),
        Mistake(
            nodes: [node("a", Add(), 0, 2), node("b", Dense(3), 0)], output: 1,
            sentence: "layer 'a' takes a value that is not computed before it"),
        Mistake(
            nodes: [node("a", Dense(2), -1)], output: 1,
            sentence: "layer 'a' takes a value that is not computed before it"),
        Mistake(output: 1, sentence: "the output is value 1 of 1"),
        Mistake(output: -1, sentence: "the output is value -1 of 1"),
        Mistake(
            nodes: [node("a", Dense(2))], output: 1, sentence: "layer 'a': Dense takes one input, not 0"),
        Mistake(
            nodes: [node("a", ReLU(), 0, 0)], output: 1,
            sentence: "layer 'a': an activation takes one input, not 2"),
        Mistake(
            nodes: [node("a", Softmax(), 0, 0)], output: 1,
            sentence: "layer 'a': Softmax takes one input, not 2"),
        Mistake(
            nodes: [node("a", Dropout(0.5), 0, 0)], output: 1,
            sentence: "layer 'a': Dropout takes one input, not 2"),
        Mistake(
            nodes: [node("a", Add(), 0)], output: 1, sentence: "layer 'a': Add takes at least two inputs, not 1"),
        Mistake(
            inputSizes: [3, 4, 3], nodes: [node("a", Multiply(), 0, 1, 2)], output: 3,
            sentence: "layer 'a': Multiply takes inputs of one size, not of 3, 4, 3"),
    ]

    @Test("Each mistake is told in a sentence", arguments: mistakes)
    func sentences(_ mistake: Mistake) {
        #expect(throws: GraphError(mistake.sentence)) {
            try Graph(inputSizes: mistake.inputSizes, nodes: mistake.nodes, output: mistake.output)
        }
        #expect(GraphError(mistake.sentence).description == "This is not a network: \(mistake.sentence).")
    }
}

@Suite("Graphs from files")
struct GraphCodingTests {
    private func decode(_ text: String) throws -> Graph {
        try JSONDecoder().decode(Graph.self, from: Data(text.utf8))
    }

    @Test("A graph with every layer and option survives coding")
    func roundTrip() throws {
        let graph = Graph(inputs: [4, 4]) { x in
            let dense = Dense(
                3, activation: .elu(alpha: 0.5), usesBias: false, kernelInitializer: .heNormal,
                biasInitializer: .constant(0.25), kernelRegularizer: Regularizer(l1: 0.1, l2: 0.2),
                biasRegularizer: Regularizer(l1: 0.3))
            let left = Dropout(0.25)(dense(x[0] + x[1]))
            let right = LeakyReLU(slope: 0.2)(Dense(3)(x[0] * x[1]))
            return Softmax()(Add()(left, right, GELU()(left)))
        }
        #expect(try graph.coded() == graph)
        for activation in Activation.all {
            let small = Graph(inputs: 2) { x in activation(Dense(2, activation: activation)(x)) }
            #expect(try small.coded() == small)
        }
        for initializer in [
            Initializer.zeros, .constant(2), .glorotUniform, .glorotNormal, .heUniform, .heNormal, .lecunNormal,
        ] {
            let small = Graph(inputs: 2) { Dense(2, kernelInitializer: initializer) }
            #expect(try small.coded() == small)
        }
    }

    /// A layer without options as it stands in a file.
    static func layer(_ kind: String, of inputs: String) -> String {
        #"{"name": "a", "operation": {"\#(kind)": {"_0": {}}}, "inputs": [\#(inputs)]}"#
    }

    static let add = layer("add", of: "0, 1")
    static let softmax = layer("softmax", of: "0")

    @Test("A well-formed graph is read")
    func wellFormed() throws {
        let graph = try decode(#"{"inputSizes": [2, 2], "nodes": [\#(Self.add)], "output": 2}"#)
        #expect(graph == Graph(inputs: [2, 2]) { Add()($0[0], $0[1]) }.renamed("a"))
    }

    @Test(
        "Parts that do not fit are refused when they are read",
        arguments: [
            // A value that is computed later, the layer's own output, one that does not exist.
            #"{"inputSizes": [2], "nodes": [\#(add), \#(softmax)], "output": 2}"#,
            #"{"inputSizes": [2], "nodes": [\#(add)], "output": 1}"#,
            #"{"inputSizes": [2], "nodes": [\#(layer("softmax", of: "-1"))], "output": 1}"#,
            #"{"inputSizes": [2], "nodes": [\#(layer("softmax", of: "9223372036854775807"))], "output": 1}"#,
            // The same name twice.
            #"{"inputSizes": [2], "nodes": [\#(softmax), \#(softmax)], "output": 2}"#,
            // Sizes of nothing, less, and too much; an output that does not exist; no input.
            #"{"inputSizes": [0], "nodes": [\#(softmax)], "output": 1}"#,
            #"{"inputSizes": [-5], "nodes": [], "output": 0}"#,
            #"{"inputSizes": [9223372036854775807], "nodes": [], "output": 0}"#,
            #"{"inputSizes": [2], "nodes": [], "output": 3}"#,
            #"{"inputSizes": [], "nodes": [], "output": 0}"#,
        ])
    func hostile(text: String) {
        #expect(throws: GraphError.self) { try decode(text) }
    }

    @Test("A dense layer of no units is refused when it is read", arguments: [0, -1, Int.min, 1 << 31, Int.max])
    func hostileUnits(units: Int) throws {
        let data = try JSONEncoder().encode(Graph(inputs: 2) { Dense(77) })
        let text = try #require(String(data: data, encoding: .utf8))
        #expect(throws: GraphError.self) {
            try decode(text.replacingOccurrences(of: #""units":77"#, with: #""units":\#(units)"#))
        }
        #expect(try decode(text) == Graph(inputs: 2) { Dense(77) })
    }

    @Test("What is missing or of another kind is an error of the decoder")
    func malformed() {
        for text in [
            "{}", "[]", #"{"inputSizes": [2], "nodes": []}"#, #"{"inputSizes": 2, "nodes": [], "output": 0}"#,
            #"{"inputSizes": [2], "nodes": [\#(Self.layer("convolution", of: "0"))], "output": 1}"#,
        ] {
            #expect(throws: DecodingError.self) { try decode(text) }
        }
    }
}

extension Graph {
    /// The graph after a journey through JSON.
    func coded() throws -> Graph {
        try JSONDecoder().decode(Graph.self, from: JSONEncoder().encode(self))
    }

    /// A graph of one layer under another name.
    fileprivate func renamed(_ name: String) -> Graph? {
        try? Graph(
            inputSizes: inputSizes, nodes: [Node(name: name, operation: nodes[0].operation, inputs: nodes[0].inputs)],
            output: output)
    }
}

extension GraphValidationTests {
    @Test("Options out of range are refused when a graph is read")
    func hostileOptions() throws {
        func refused(_ graph: Graph, _ old: String, _ new: String) throws {
            let text = try #require(String(data: JSONEncoder().encode(graph), encoding: .utf8))
            let hostile = text.replacingOccurrences(of: old, with: new)
            #expect(hostile != text)
            #expect(throws: GraphError.self) {
                try JSONDecoder().decode(Graph.self, from: Data(hostile.utf8))
            }
        }
        for probability in ["1", "1.5", "-0.25"] {
            try refused(Graph(inputs: 2) { Dropout(0.75) }, "0.75", probability)
        }
        try refused(Graph(inputs: 2) { LeakyReLU(slope: 0.75) }, "0.75", "-0.75")
        try refused(Graph(inputs: 2) { ELU(alpha: 0.75) }, "0.75", "-0.75")
        // More parameters than a layout may have: ParameterLayout and description trap on such a graph.
        try refused(
            Graph(inputs: 2_147_483_647) {
                Dense(1)
                Dense(78)
            }, #""units":1"#, #""units":2147483647"#)
    }
}
