import LinearAlgebra
import TestSupport
import Testing

@Suite("Dropout masks")
struct DropoutMaskTests {
    private func mask(
        _ rows: Int, _ columns: Int, probability: Double = 0.4, seed: UInt64 = 0xfeed_beef_0123_4567,
        step: UInt64 = 9, layer: Int = 2, firstRow: Int = 0
    ) -> Matrix {
        written(rows, columns) {
            fillDropoutMask(
                $0, probability: probability, seed: seed, step: step, layer: layer, firstRow: firstRow)
        }
    }

    @Test("The kernel computes the definition", arguments: awkwardSizes + [128, 200])
    func definition(columns: Int) {
        for (step, layer, firstRow) in [(0, 0, 0), (1, 5, 7), (1 << 48 - 1, 4095, 1 << 20)] as [(UInt64, Int, Int)] {
            let found = mask(5, columns, step: step, layer: layer, firstRow: firstRow)
            let expected = dropoutMask(
                rows: 5, columns: columns, probability: 0.4, seed: 0xfeed_beef_0123_4567, step: step, layer: layer,
                firstRow: firstRow)
            #expect(bitDifference(found.elements, expected) == nil)
        }
    }

    @Test("Rows are the same in one piece and in several", arguments: [1, 17, 100])
    func rowSplit(columns: Int) {
        let whole = mask(23, columns)
        for pieces in [[23], [1, 22], [8, 8, 7], Array(repeating: 1, count: 23)] {
            var rows: [Float] = []
            var first = 0
            for count in pieces {
                rows += mask(count, columns, firstRow: first).elements
                first += count
            }
            #expect(bitDifference(whole.elements, rows) == nil)
        }
    }

    @Test("The share of dropped elements is the probability", arguments: [0.0, 0.01, 0.2, 0.5, 0.9])
    func share(probability: Double) {
        let found = mask(200, 150, probability: probability).elements
        let kept = Float(1 / (1 - probability))
        #expect(found.allSatisfy { $0 == 0 || $0 == kept })
        let dropped = Double(found.count { $0 == 0 })
        let count = Double(found.count)
        let deviation = (count * probability * (1 - probability)).squareRoot()
        #expect(abs(dropped - count * probability) <= 4 * deviation)
    }

    @Test("Each part of the key moves the mask")
    func key() {
        let masks = [
            mask(8, 40), mask(8, 40, seed: 1), mask(8, 40, seed: 1 << 32), mask(8, 40, step: 10),
            mask(8, 40, step: 1 << 32 + 9), mask(8, 40, layer: 3), mask(8, 40, firstRow: 100),
        ]
        #expect(Set(masks).count == masks.count)
        // Two masks of independent elements agree in 0.4² + 0.6² of their places.
        for other in masks.dropFirst() {
            let alike = zip(masks[0].elements, other.elements).count { $0 == $1 }
            #expect(abs(Double(alike) - 320 * 0.52) < 4 * (320 * 0.52 * 0.48).squareRoot())
        }
    }
}
