import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("The worked numbers of the notes on backpropagation")
struct WorkedNumbersTests {
    @Test("Two apples at 100 with a tax of 1.1 cost 220; an apple dearer by 1 costs 2.2 more")
    func apples() {
        let shop = Graph(inputs: [1, 1, 1]) { x in
            let applePrice = x[0] * x[1]
            return applePrice * x[2]
        }
        let apple: Matrix = [[100]]
        let number: Matrix = [[2]]
        let tax: Matrix = [[1.1]]
        let nothing = Parameters(of: shop, seed: 0)
        let price = shop.forward(apple, number, tax, parameters: nothing)
        let gradients = shop.backward(apple, number, tax, parameters: nothing, outputGradient: [[1]])
        let tolerance = Tolerance(ulps: 1)
        #expect(tolerance.disagreement(of: price.elements, with: [220]) == nil)
        #expect(tolerance.disagreement(of: gradients.inputs.flatMap(\.elements), with: [2.2, 110, 200]) == nil)
        // The gradient of the price of all apples before tax, which reaches the first Multiply.
        #expect(gradients.layerNorms.map(\.layer) == ["multiply", "multiply_1"])
        #expect(abs(gradients.layerNorms[0].norm - 1.1) < 1e-6)
    }

    @Test("The same by the layers alone")
    func applesByLayers() {
        let tax = Multiply().backward([[200]], [[1.1]], outputGradient: [[1]])
        #expect(tax.inputs == [[[1.1]], [[200]]])
        let apples = Multiply().backward([[100]], [[2]], outputGradient: tax.inputs[0])
        #expect(Tolerance(ulps: 1).disagreement(of: apples.inputs.flatMap(\.elements), with: [2.2, 110]) == nil)
        #expect(Multiply().forward([[100]], [[2]]) == [[200]])
    }

    @Test("z = t², t = x + y: both derivatives are 2 (x + y)", arguments: [(1, 2), (-3, 0.5), (0, 0)])
    func squareOfSum(x: Float, y: Float) {
        let graph = Graph(inputs: [1, 1]) { values in
            let t = values[0] + values[1]
            return t * t
        }
        let nothing = Parameters(of: graph, seed: 0)
        #expect(graph.forward([[x]], [[y]], parameters: nothing) == [[(x + y) * (x + y)]])
        let gradients = graph.backward([[x]], [[y]], parameters: nothing, outputGradient: [[1]])
        #expect(gradients.inputs == [[[2 * (x + y)]], [[2 * (x + y)]]])
    }

    /// Three layers of two sigmoid units each, for the input (1, -1).
    static let threeLayers = Graph(inputs: 2) {
        Dense(2)
        Sigmoid()
        Dense(2)
        Sigmoid()
        Dense(2)
        Sigmoid()
    }

    static let threeLayerWeights: [(kernel: Matrix, bias: Matrix)] = [
        ([[1, -1], [-2, 1]], [[1, 0]]), ([[2, -2], [-1, -1]], [[0, 0]]), ([[3, -1], [-1, 4]], [[-2, 2]]),
    ]

    static func threeLayerParameters() -> Parameters {
        let parameters = Parameters(layout: ParameterLayout(threeLayers))
        for (name, weights) in zip(["dense", "dense_1", "dense_2"], threeLayerWeights) {
            parameters["\(name)/kernel"] = weights.kernel
            parameters["\(name)/bias"] = weights.bias
        }
        return parameters
    }

    private func twoDecimals(_ matrix: Matrix) -> [Float] { matrix.elements.map { ($0 * 100).rounded() / 100 } }

    @Test("Three sigmoid layers: (1, -1) becomes (0.98, 0.12), (0.86, 0.11), (0.62, 0.83)")
    func threeSigmoidLayers() {
        var a: Matrix = [[1, -1]]
        var printed: [[Float]] = []
        for (index, weights) in Self.threeLayerWeights.enumerated() {
            let z = Dense(2).forward(a, parameters: [weights.kernel, weights.bias])
            if index == 0 { #expect(z == [[4, -2]]) }
            a = Sigmoid().forward(z)
            printed.append(twoDecimals(a))
        }
        #expect(printed == [[0.98, 0.12], [0.86, 0.11], [0.62, 0.83]])
        #expect(Self.threeLayers.forward([[1, -1]], parameters: Self.threeLayerParameters()) == a)
    }

    @Test("A single sigmoid neuron: ∂L/∂w_j = (o - t) o (1 - o) x_j")
    func singleNeuron() {
        let neuron = Graph(inputs: 3) { Dense(1, activation: .sigmoid) }
        let parameters = Parameters(layout: ParameterLayout(neuron))
        parameters["dense/kernel"] = [[0.5], [-0.25], [0.75]]
        parameters["dense/bias"] = [[0.125]]
        let x: [Double] = [1, 2, -0.5]
        let t = 0.9
        let o = ReferenceFunction.sigmoid(0.5 * 1 - 0.25 * 2 - 0.75 * 0.5 + 0.125)
        let gradients = neuron.gradient(
            Matrix([x.map { Float($0) }]), targets: .values([[Float(t)]]), loss: .halfSquaredError,
            parameters: parameters)
        let delta = (o - t) * o * (1 - o)
        let tolerance = Tolerance(absolute: 1e-7)
        #expect(abs(Double(gradients.loss) - (o - t) * (o - t) / 2) < 1e-7)
        #expect(
            tolerance.disagreement(of: gradients.parameters["dense/kernel"].elements, with: x.map { delta * $0 }) == nil
        )
        #expect(tolerance.disagreement(of: gradients.parameters["dense/bias"].elements, with: [delta]) == nil)
    }

    @Test("A full layer: ∂L/∂w_jk = δ_k x_j; the layer below: δ_j = o_j (1 - o_j) Σ_k δ_k w_jk; and so on down")
    func recursion() {
        let sizes = [3, 4, 2, 3]
        let network = Graph(inputs: sizes[0]) {
            for units in sizes.dropFirst() { Dense(units, activation: .sigmoid) }
        }
        var random = CounterRandom.test(1)
        let parameters = random.parameters(of: network)
        let input = random.floats(3)
        let target = random.floats(3, in: 0...1)
        let gradients = network.gradient(
            Matrix([input]), targets: .values(Matrix([target])), loss: .halfSquaredError, parameters: parameters
        ).parameters

        // Outputs of each layer, the input first, and kernels, in double precision.
        let names = ["dense", "dense_1", "dense_2"]
        var o = [input.map(Double.init)]
        for name in names {
            let kernel = parameters["\(name)/kernel"]
            let bias = parameters["\(name)/bias"]
            let below = o[o.count - 1]
            o.append(
                (0..<kernel.columns).map { unit in
                    ReferenceFunction.sigmoid(
                        below.indices.reduce(Double(bias[0, unit])) { $0 + below[$1] * Double(kernel[$1, unit]) })
                })
        }
        var delta = zip(o[3], target).map { ($0 - Double($1)) * $0 * (1 - $0) }
        for layer in (0..<3).reversed() {
            let below = o[layer]
            let expected = below.flatMap { x in delta.map { $0 * x } }
            let found = gradients["\(names[layer])/kernel"].elements
            #expect(Tolerance(absolute: 1e-7).disagreement(of: found, with: expected) == nil)
            #expect(
                Tolerance(absolute: 1e-7).disagreement(of: gradients["\(names[layer])/bias"].elements, with: delta)
                    == nil)
            let kernel = parameters["\(names[layer])/kernel"]
            delta = below.indices.map { j in
                let sum = delta.indices.reduce(0.0) { $0 + delta[$1] * Double(kernel[j, $1]) }
                return below[j] * (1 - below[j]) * sum
            }
        }
    }

    @Test("ReLU gives [[1, 0], [0, 3]] for [[1, -0.5], [-2, 3]]")
    func rectifier() {
        #expect(ReLU().forward([[1, -0.5], [-2, 3]]) == [[1, 0], [0, 3]])
    }

    @Test("Softmax, then cross-entropy on probabilities, sends back p - t: what the loss on logits does at once")
    func softmaxThenCrossEntropy() {
        var random = CounterRandom.test(2)
        let logits = random.matrix(6, 5, in: -3...3)
        let labels = [0, 4, 2, 2, 1, 3]
        var oneHot = Matrix(rows: 6, columns: 5)
        for (row, label) in labels.enumerated() { oneHot[row, label] = 1 }
        let composed = Graph(inputs: 5) { Softmax() }
        let nothing = Parameters(of: composed, seed: 0)
        let apart = composed.gradient(
            logits, targets: .values(oneHot), loss: .crossEntropy, parameters: nothing)
        let plain = Graph(inputs: 5) { $0 }
        let fused = plain.gradient(
            logits, targets: .values(oneHot), loss: .softmaxCrossEntropy(), parameters: nothing)
        let p = Softmax().forward(logits)
        let expected = zip(p.elements, oneHot.elements).map { (Double($0) - Double($1)) / 6 }
        let rounding = Tolerance(absolute: 4 * 0x1p-24 / 6)
        #expect(rounding.disagreement(of: apart.inputs[0].elements, with: expected) == nil)
        #expect(rounding.disagreement(of: fused.inputs[0].elements, with: expected) == nil)
        #expect(abs(apart.loss - fused.loss) < 1e-6)
    }
}
