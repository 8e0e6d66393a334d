import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Initial weights")
struct InitializerTests {
    private func kernel(_ initializer: Initializer, inputs: Int, units: Int, seed: UInt64 = 1) -> [Float] {
        let graph = Graph(inputs: inputs) { Dense(units, kernelInitializer: initializer) }
        return Parameters(of: graph, seed: seed)["dense/kernel"].elements
    }

    @Test("Zeros and constants")
    func constants() {
        #expect(kernel(.zeros, inputs: 3, units: 5) == Array(repeating: 0, count: 15))
        #expect(kernel(.constant(0.5), inputs: 3, units: 5) == Array(repeating: 0.5, count: 15))
        let graph = Graph(inputs: 3) { Dense(2, biasInitializer: .constant(-2)) }
        #expect(Parameters(of: graph, seed: 1)["dense/bias"] == [[-2, -2]])
    }

    @Test("Biases start at zero, kernels as Glorot and Bengio's uniform: Keras' defaults")
    func defaults() {
        let parameters = Parameters(of: Graph(inputs: 30) { Dense(20) }, seed: 1)
        #expect(parameters["dense/bias"] == Matrix(rows: 1, columns: 20))
        #expect(parameters["dense/kernel"].elements == kernel(.glorotUniform, inputs: 30, units: 20))
    }

    struct Law: Sendable, CustomTestStringConvertible {
        var initializer: Initializer
        /// The variance for fan-in and fan-out.
        var variance: @Sendable (Double, Double) -> Double
        /// The largest value in standard deviations.
        var limit: Double
        /// The fourth moment over the square of the variance.
        var kurtosis: Double

        var testDescription: String { "\(initializer)" }
    }

    // A uniform distribution ends at √3 σ. The normal ones are cut at 2 and widened by 1 / 0.8796.
    static let laws = [
        Law(initializer: .glorotUniform, variance: { 2 / ($0 + $1) }, limit: 3.0.squareRoot(), kurtosis: 1.8),
        Law(initializer: .heUniform, variance: { i, _ in 2 / i }, limit: 3.0.squareRoot(), kurtosis: 1.8),
        Law(initializer: .glorotNormal, variance: { 2 / ($0 + $1) }, limit: 2 / 0.87962566, kurtosis: 2.3655),
        Law(initializer: .heNormal, variance: { i, _ in 2 / i }, limit: 2 / 0.87962566, kurtosis: 2.3655),
        Law(initializer: .lecunNormal, variance: { i, _ in 1 / i }, limit: 2 / 0.87962566, kurtosis: 2.3655),
    ]

    @Test("Bounds, mean, variance and fourth moment are those of the distribution", arguments: laws)
    func distribution(law: Law) {
        for (inputs, units) in [(200, 50), (20, 500)] {
            let weights = kernel(law.initializer, inputs: inputs, units: units).map(Double.init)
            let count = Double(weights.count)
            let variance = law.variance(Double(inputs), Double(units))
            let deviation = variance.squareRoot()
            #expect(weights.allSatisfy { abs($0) <= law.limit * deviation * (1 + 1e-6) })
            #expect(weights.contains { abs($0) > 0.98 * law.limit * deviation }, "the distribution reaches its ends")
            let mean = weights.reduce(0, +) / count
            #expect(abs(mean) < 4 * deviation / count.squareRoot())
            let second = weights.reduce(0) { $0 + $1 * $1 } / count
            // The standard error of the variance is σ² √((kurtosis - 1) / n).
            #expect(abs(second / variance - 1) < 4 * ((law.kurtosis - 1) / count).squareRoot())
            let fourth = weights.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
            #expect(abs(fourth / (variance * variance) / law.kurtosis - 1) < 0.1)
        }
    }

    @Test("The same seed gives the same weights; others give others, and so does each parameter")
    func determinism() {
        let graph = Graph(inputs: 8) {
            Dense(8)
            Dense(8)
            Dense(8, biasInitializer: .heNormal)
        }
        let first = Parameters(of: graph, seed: 5)
        #expect(first.values.elements == Parameters(of: graph, seed: 5).values.elements)
        #expect(first["dense/kernel"] != Parameters(of: graph, seed: 6)["dense/kernel"])
        let kernels = ["dense/kernel", "dense_1/kernel", "dense_2/kernel"].map { first[$0] }
        #expect(Set(kernels).count == 3)
        // No number of one parameter comes back in another.
        let numbers = kernels.flatMap(\.elements) + first["dense_2/bias"].elements
        #expect(Set(numbers).count == numbers.count)
    }

    @Test("A parameter's weights do not depend on the layers behind it, or on how others start")
    func independence() {
        let short = Graph(inputs: 8) { Dense(6) }
        let long = Graph(inputs: 8) {
            Dense(6, biasInitializer: .constant(1))
            ReLU()
            Dense(4)
        }
        #expect(Parameters(of: short, seed: 9)["dense/kernel"] == Parameters(of: long, seed: 9)["dense/kernel"])
    }

    @Test("These weights are part of the format: a seed means the same network in every version")
    func golden() {
        let uniform = kernel(.glorotUniform, inputs: 2, units: 2, seed: 42)
        let normal = kernel(.heNormal, inputs: 2, units: 2, seed: 42)
        #expect(uniform == [-1.2111365, -0.69995964, 0.35366505, -0.085252315])
        #expect(normal == [-0.5870461, -1.2247438, -1.9443666, -0.74852985])
    }
}
