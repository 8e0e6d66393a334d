import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
    private let ones = Matrix(rows: 50, columns: 40, repeating: 1)

    private func training(step: UInt64 = 0, firstRow: Int = 0, seed: UInt64 = 1) -> PassMode {
        .training(seed: seed, step: step, firstRow: firstRow)
    }

    @Test("Inference passes the input through, forward and backward")
    func inference() {
        var random = CounterRandom.test(1)
        let x = random.matrix(3, 4)
        let g = random.matrix(3, 4)
        #expect(Dropout(0.9).forward(x) == x)
        #expect(Dropout(0.9).backward(x, outputGradient: g).inputs == [g])
    }

    @Test("Training drops elements with probability p and divides the others by 1 - p", arguments: [0.0, 0.25, 0.5])
    func mask(probability: Double) {
        let y = Dropout(probability).forward(ones, mode: training())
        let kept = Float(1 / (1 - probability))
        #expect(y.elements.allSatisfy { $0 == 0 || $0 == kept })
        let share = Double(y.elements.count { $0 == 0 }) / 2000
        #expect(abs(share - probability) <= 4 * (probability * (1 - probability) / 2000).squareRoot())
    }

    @Test("Backward applies the same mask")
    func backward() {
        let layer = Dropout(0.4)
        let y = layer.forward(ones, mode: training())
        #expect(layer.backward(ones, outputGradient: ones, mode: training()).inputs == [y])
    }

    @Test("The mask is that of (seed, step, layer, row in the batch, column)")
    func key() {
        let layer = Dropout(0.4)
        let mask = { (mode: PassMode) in layer.forward(ones, mode: mode) }
        #expect(mask(training()) == mask(training()))
        #expect(mask(training()) != mask(training(step: 1)))
        #expect(mask(training()) != mask(training(seed: 2)))
        let expected = dropoutMask(
            rows: 50, columns: 40, probability: 0.4, seed: 1, step: 6, layer: 0, firstRow: 0)
        #expect(bitDifference(mask(training(step: 6)).elements, expected) == nil)
        let both = Graph(inputs: 40) {
            Dropout(0.4)
            Dropout(0.4)
        }
        let parameters = Parameters(of: both, seed: 0)
        let twice = both.forward(ones, parameters: parameters, mode: training()).elements
        // Two layers with one mask would drop 0.4 of the elements, not 1 - 0.6².
        #expect(abs(Double(twice.count { $0 == 0 }) / 2000 - 0.64) < 4 * (0.64 * 0.36 / 2000).squareRoot())
    }

    @Test("Shards of a batch have the rows of its mask")
    func shards() {
        let layer = Dropout(0.4)
        let whole = layer.forward(ones, mode: training())
        let part = layer.forward(Matrix(rows: 20, columns: 40, repeating: 1), mode: training(firstRow: 30))
        #expect(part.elements == Array(whole.elements[(30 * 40)...]))
    }
}
