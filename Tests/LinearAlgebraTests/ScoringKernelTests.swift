import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("Scores")
struct ScoringKernelTests {
    private let outputs: Matrix = [[0.1, 0.7, 0.2], [3, 3, 1], [-2, -1, -1], [.nan, 1, 2], [-5, -6, -7]]

    @Test("A row is right where its first largest output stands at the label")
    func labels() {
        func correct(_ labels: [Int32]) -> Int { outputs.withView { ScoringKernel.correctRows($0, labels: labels) } }
        #expect(correct([1, 0, 1, 2, 0]) == 4, "nothing compares larger than NaN")
        #expect(correct([0, 1, 2, 1, 1]) == 0)
        #expect(correct([1, 2, 1, 0, 0]) == 4)
    }

    @Test("One-hot rows and distributions score like their largest element", arguments: [1, 2, 10, 17])
    func distributions(columns: Int) {
        var random = CounterRandom.test(columns)
        let x = random.matrix(40, columns)
        let targets = random.distributions(40, columns)
        let labels = (0..<40).map { row in
            Int32(targets.row(row).indices.max { targets[row, $0] < targets[row, $1] } ?? 0)
        }
        var oneHot = Matrix(rows: 40, columns: columns)
        for (row, label) in labels.enumerated() { oneHot[row, Int(label)] = 1 }
        let expected = (0..<40).count { row in
            x.row(row).allSatisfy { $0 <= x[row, Int(labels[row])] }
        }
        x.withView { view in
            #expect(ScoringKernel.correctRows(view, labels: labels) == expected)
            #expect(ScoringKernel.correctRows(view, distributions: targets.elements) == expected)
            #expect(ScoringKernel.correctRows(view, distributions: oneHot.elements) == expected)
        }
    }

    @Test("A yes-or-no answer is right on its side of 0; 0 itself is a no")
    func binary() {
        let logits: Matrix = [[2, -2, 0, 0], [2, -2, 0.1, -0.1]]
        let targets: [Float] = [1, 0, 0, 1, 0, 1, 1, 0.5]
        #expect(logits.withView { ScoringKernel.correctAnswers($0, targets: targets) } == 5)
    }

    @Test("Squared errors are summed in double precision, first element first", arguments: awkwardSizes)
    func squaredError(columns: Int) {
        var random = CounterRandom.test(50 + columns)
        let x = random.matrix(3, columns, in: -100...100)
        let t = random.matrix(3, columns, in: -100...100)
        let expected = zip(x.elements, t.elements).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        // A fused multiplication rounds once less per element.
        let found = x.withView { ScoringKernel.squaredError($0, targets: t.elements) }
        #expect(abs(found - expected) <= expected * Double(3 * columns) * 0x1p-53)
    }

    @Test("The processors that may run this process are counted")
    func processors() throws {
        #if os(Linux)
            let count = try #require(allowedProcessors)
            #expect(count >= 1 && count <= ProcessInfo.processInfo.processorCount)
        #endif
        for round: UInt32 in [0, 1, 100] { pause(round: round) }
    }
}
