import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Random graphs agree with the reference")
struct RandomGraphTests {
    @Test("Gradients of thirty random graphs agree with central differences", arguments: 0..<30)
    func gradients(number: Int) throws {
        let rows = [1, 2, 5][number % 3]
        let random = try RandomGraph(number, rows: rows)
        let check = GradientCheck(
            random.graph, inputs: random.inputs, parameters: random.parameters, mode: random.mode)
        var numbers = CounterRandom.test(2000 + number)
        if number % 2 == 0 {
            let problem = check.disagreement(outputGradient: numbers.matrix(rows, random.graph.outputSize))
            #expect(problem == nil, "\(random.graph)")
        } else {
            let loss = Loss.softmaxCrossEntropy()
            let targets = numbers.targets(for: loss, rows: rows, columns: random.graph.outputSize, asLabels: true)
            #expect(check.disagreement(targets: targets, loss: loss) == nil, "\(random.graph)")
        }
    }

    @Test("Outputs agree with double precision, in training and in inference", arguments: 30..<60)
    func outputs(number: Int) throws {
        let random = try RandomGraph(number, rows: 4)
        for mode in [random.mode, .inference] {
            let exact = Reference(random.graph, inputs: random.inputs, parameters: random.parameters, mode: mode).output
            let found = random.graph.outputs(random.inputs, parameters: random.parameters, mode: mode)
            let problem = GradientCheck.allowance(for: exact).disagreement(of: found.elements, with: exact)
            #expect(problem == nil, "\(random.graph)")
        }
    }

    @Test("Random graphs survive coding, and compute the same bits afterwards", arguments: 60..<70)
    func coding(number: Int) throws {
        let random = try RandomGraph(number, rows: 3)
        let decoded = try random.graph.coded()
        #expect(decoded == random.graph)
        let before = random.graph.outputs(random.inputs, parameters: random.parameters, mode: random.mode)
        let after = decoded.outputs(random.inputs, parameters: random.parameters, mode: random.mode)
        #expect(bitDifference(before.elements, after.elements) == nil)
    }

    @Test("Together they hold every kind of layer, fan-out and values that nobody takes")
    func variety() throws {
        var kinds: Set<String> = []
        var fanOut = 0
        var unused = 0
        for number in 0..<30 {
            let graph = try RandomGraph(number, rows: 1).graph
            var consumers = [Int](repeating: 0, count: graph.sizes.count)
            for node in graph.nodes {
                kinds.insert(node.operation.kindName)
                for input in node.inputs { consumers[input] += 1 }
            }
            if consumers.contains(where: { $0 > 1 }) { fanOut += 1 }
            if consumers.dropLast().contains(0) { unused += 1 }
        }
        #expect(kinds.isSuperset(of: ["dense", "re_lu", "activation", "softmax", "dropout", "add", "multiply"]))
        #expect(fanOut > 10 && unused > 5)
    }
}
