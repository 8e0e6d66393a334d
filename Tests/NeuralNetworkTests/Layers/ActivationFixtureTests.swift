import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Activations against a table in two hundred digits")
struct ActivationFixtureTests {
    struct File: Decodable {
        var x: [Double]
        var functions: [Function]
    }

    struct Function: Decodable {
        var name: String
        var values: [Double]
        var derivatives: [Double]
    }

    static let activations: [String: Activation] = [
        "sigmoid": .sigmoid, "tanh": .tanh, "relu": .relu, "leaky_relu": .leakyReLU(), "elu": .elu(), "selu": .selu,
        "gelu": .gelu, "silu": .silu, "softplus": .softplus,
    ]

    @Test("Layers agree with the table to single precision")
    func layers() throws {
        let file = try KerasFixtures.load(File.self, from: "functions.json")
        let x = Matrix(rows: 1, columns: file.x.count, elements: file.x.map { Float($0) })
        let ones = Matrix(rows: 1, columns: file.x.count, repeating: 1)
        var found = 0
        for function in file.functions {
            guard let activation = Self.activations[function.name] else { continue }
            found += 1
            let values = activation.forward(x).elements
            let slopes = activation.backward(x, outputGradient: ones).inputs[0].elements
            let tolerance = Tolerance(absolute: 3 * 0x1p-23, relative: 3 * 0x1p-23)
            #expect(tolerance.disagreement(of: values, with: function.values) == nil, "\(function.name)")
            // SiLU's derivative multiplies the rounding of 1 - σ by x.
            let slopeTolerance = function.name == "silu" ? Tolerance(absolute: 10 * 0x1p-23) : tolerance
            #expect(slopeTolerance.disagreement(of: slopes, with: function.derivatives) == nil, "\(function.name)")
        }
        #expect(found == Self.activations.count)
    }

    @Test("The reference of these tests agrees with the table to double precision")
    func reference() throws {
        let file = try KerasFixtures.load(File.self, from: "functions.json")
        for function in file.functions {
            guard let activation = Self.activations[function.name] else { continue }
            for (index, x) in file.x.enumerated() {
                // The slope 0.01 is a Float here. A library function is within an ulp or two of its argument, which for
                // the tail of the normal distribution is rounded itself: an error of x² / 2 ulp.
                let relative = function.name == "leaky_relu" ? 1e-7 : 1e-14 * (function.name == "gelu" ? 1 + x * x : 1)
                let value = function.values[index]
                #expect(abs(activation.exact(x) - value) <= relative * abs(value), "\(function.name) at \(x)")
                let slope = function.derivatives[index]
                #expect(
                    abs(activation.exactDerivative(x) - slope) <= max(relative * abs(slope), 1e-15),
                    "\(function.name)' at \(x)")
            }
        }
    }
}
