import LinearAlgebra
import NeuralNetwork
import Tabular
import Testing

@testable import Training

@Suite("The rows of a shard")
struct ShardRowsTests {
    private func memory(rows: Int, columns: Int, outputs: Int) -> StepMemory.Pass {
        StepMemory.Pass(rows: rows, inputSize: columns, outputSize: outputs, activations: 0)
    }

    private func rows(_ base: UnsafePointer<Float>?, _ count: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: base, count: base == nil ? 0 : count))
    }

    @Test("Rows in order are read where they lie, others are gathered with their targets and weights")
    func gathering() {
        let samples = Samples(
            rowCount: 4, featureCount: 2, features: SharedBuffer([0, 1, 10, 11, 20, 21, 30, 31]),
            targets: .labels(SharedBuffer([4, 5, 6, 7]), classes: 8), weights: SharedBuffer([0.5, 1.5, 2.5, 3.5]))
        let memory = memory(rows: 2, columns: 2, outputs: 1)
        let inOrder = ShardRows(
            TrainingWindow(samples: samples, order: nil, count: 4), rows: 1..<3, memory: memory, areGathered: false)
        #expect(inOrder.features == UnsafePointer(samples.features.base + 2))
        #expect(rows(inOrder.features, 4) == [10, 11, 20, 21])
        #expect(rows(inOrder.weights, 2) == [1.5, 2.5])
        let gathered = ShardRows(
            TrainingWindow(samples: samples, order: SharedBuffer([2, 3, 0]), count: 3), rows: 1..<3, memory: memory,
            areGathered: false)
        #expect(rows(gathered.features, 4) == [30, 31, 0, 1])
        #expect(rows(gathered.weights, 2) == [3.5, 0.5])
        let again = ShardRows(
            TrainingWindow(samples: samples, order: SharedBuffer([0, 0, 0]), count: 3), rows: 1..<3, memory: memory,
            areGathered: true)
        #expect(rows(again.features, 4) == [30, 31, 0, 1])
        guard case .labels(let first) = inOrder.targets, case .labels(let second) = gathered.targets else {
            Issue.record("labels are wanted")
            return
        }
        #expect([first[0], first[1]] == [5, 6])
        #expect([second[0], second[1]] == [7, 4])
    }

    @Test("Values are gathered with all their columns, and no weights stay none")
    func values() {
        let samples = Samples(
            rowCount: 3, featureCount: 1, features: SharedBuffer([1, 2, 3]),
            targets: .values(SharedBuffer([1, -1, 2, -2, 3, -3]), columns: 2))
        let memory = memory(rows: 3, columns: 1, outputs: 2)
        for (order, expected) in [(nil, [2, -2, 3, -3]), ([0, 2, 0], [3, -3, 1, -1])] as [([UInt32]?, [Float])] {
            let window = TrainingWindow(samples: samples, order: order.map { SharedBuffer($0) }, count: 3)
            let shard = ShardRows(window, rows: 1..<3, memory: memory, areGathered: false)
            #expect(shard.weights == nil)
            guard case .values(let found) = shard.targets else {
                Issue.record("values are wanted")
                return
            }
            #expect(rows(found, 4) == expected)
        }
    }
}
