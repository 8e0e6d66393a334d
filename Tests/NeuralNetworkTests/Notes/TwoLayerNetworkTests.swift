import Foundation
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("The two-layer network of the notes")
struct TwoLayerNetworkTests {
    private let network = Graph(inputs: 64) {
        Dense(50)
        ReLU()
        Dense(10)
    }

    @Test("Its gradient agrees with central differences")
    func gradient() {
        let small = Graph(inputs: 4) {
            Dense(5)
            ReLU()
            Dense(3)
        }
        var random = CounterRandom.test(1)
        let check = GradientCheck(small, inputs: [random.matrix(3, 4)], parameters: random.parameters(of: small))
        #expect(check.disagreement(targets: .labels([2, 0, 1]), loss: .softmaxCrossEntropy()) == nil)
        #expect(
            check.disagreement(
                targets: .values([[0, 0, 1], [1, 0, 0], [0, 1, 0]]), loss: .softmaxCrossEntropy()) == nil)
    }

    @Test("It learns to read digits, with labels as indices or as one-hot rows: the same weights to the bit")
    func digits() throws {
        let (images, labels) = try readDigits()
        #expect(images.count == 1797)
        // Every fifth row is held out.
        let training = images.indices.filter { $0 % 5 != 0 }
        let test = images.indices.filter { $0 % 5 == 0 }
        let byIndex = train(images, rows: training) { rows in .labels(rows.map { labels[$0] }) }
        let byRow = train(images, rows: training) { rows in .values(oneHot(rows.map { labels[$0] })) }
        #expect(bitDifference(byIndex.values.elements, byRow.values.elements) == nil)

        let held = Matrix(test.map { images[$0] })
        let answers = test.map { labels[$0] }
        let accuracy = network.accuracy(held, targets: .labels(answers), parameters: byIndex)
        #expect(accuracy > 0.92)
        #expect(network.accuracy(held, targets: .values(oneHot(answers)), parameters: byIndex) == accuracy)
        let untrained = Parameters(of: network, seed: 3)
        #expect(network.accuracy(held, targets: .labels(answers), parameters: untrained) < 0.4)
    }

    /// A few hundred steps of plain gradient descent, written out.
    private func train(_ images: [[Float]], rows: [Int], targets: ([Int]) -> Targets) -> Parameters {
        let parameters = Parameters(of: network, seed: 3)
        var random = CounterRandom(seed: 3, purpose: .shuffling)
        let rate: Float = 0.3
        for _ in 0..<8 {
            var order = rows
            random.shuffle(&order)
            for first in stride(from: 0, to: order.count - 32, by: 32) {
                let batch = Array(order[first..<first + 32])
                let gradients = network.gradient(
                    Matrix(batch.map { images[$0] }), targets: targets(batch), loss: .softmaxCrossEntropy(),
                    parameters: parameters
                ).parameters
                for slice in parameters.layout.slices {
                    let updated = zip(parameters.elements(of: slice), gradients.elements(of: slice)).map {
                        $0 - rate * $1
                    }
                    parameters.setElements(updated, of: slice)
                }
            }
        }
        return parameters
    }

    private func oneHot(_ labels: [Int]) -> Matrix {
        var result = Matrix(rows: labels.count, columns: 10)
        for (row, label) in labels.enumerated() { result[row, label] = 1 }
        return result
    }

    /// Sixty-four pixels from 0 to 16, scaled to 1, and the digit.
    private func readDigits() throws -> (images: [[Float]], labels: [Int]) {
        let text = try String(contentsOfFile: Datasets.path("digits.csv"), encoding: .utf8)
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).dropFirst()
        let rows = lines.map { line in
            line.split(separator: UInt8(ascii: ",")).map { field in
                field.reduce(0) { $1 >= 48 && $1 < 58 ? 10 * $0 + Int($1) - 48 : $0 }
            }
        }
        #expect(rows.allSatisfy { $0.count == 65 })
        return (rows.map { $0.prefix(64).map { Float($0) / 16 } }, rows.map { $0[64] })
    }
}
