import NeuralNetwork
import Tabular
import Testing

@testable import Training

@Suite("Batches are cut into shards")
struct ShardPlanTests {
    static let batchSizes = [1, 2, 3, 7, 8, 31, 32, 100, 127, 128, 129, 1000]

    @Test("The shards of any batch are its rows, in order, each once", arguments: batchSizes)
    func coverage(batchSize: Int) {
        for shards in [1, 2, 3, 5, 7, 8, 64, 2000] {
            let plan = ShardPlan(batchSize: batchSize, shards: shards)
            #expect(plan.batchSize == batchSize)
            #expect(plan.count >= 1 && plan.count <= shards)
            for rows in Set([1, 2, 3, batchSize / 2, batchSize - 1, batchSize]) where rows >= 1 && rows <= batchSize {
                let ranges = (0..<plan.count(ofRows: rows)).map { plan.range(of: $0, batchRows: rows) }
                #expect(ranges.flatMap { Array($0) } == Array(0..<rows), "\(rows) rows, \(shards) shards")
                #expect(ranges.dropLast().allSatisfy { $0.count == plan.rows })
                #expect(ranges.allSatisfy { !$0.isEmpty && $0.count <= plan.rows })
            }
        }
    }

    @Test("A partial batch is cut where the full one is")
    func partialBatch() {
        let plan = ShardPlan(batchSize: 100, shards: 3)
        #expect(plan.rows == 34)
        #expect((0..<3).map { plan.range(of: $0, batchRows: 100) } == [0..<34, 34..<68, 68..<100])
        #expect(plan.count(ofRows: 35) == 2)
        #expect((0..<2).map { plan.range(of: $0, batchRows: 35) } == [0..<34, 34..<35])
        #expect(plan.count(ofRows: 34) == 1)
        #expect(plan.count(ofRows: 1) == 1)
    }

    @Test("More shards than rows are as many as there are rows")
    func moreShardsThanRows() {
        #expect(ShardPlan(batchSize: 5, shards: 5).count == 5)
        #expect(ShardPlan(batchSize: 5, shards: 900).count == 5)
        #expect(ShardPlan(batchSize: 1, shards: 4).count == 1)
    }

    /// By the rule: at least 64 rows (256 beyond 262,144 parameters) and 10 MFLOP.
    @Test("The rule cuts by cost")
    func rule() {
        let mnist = network([784, 256, 128, 10])
        #expect(ParameterLayout(mnist).parameterCount == 235_146)
        #expect(mnist.trainingOperationsPerRow == 4 * 784 * 256 + 6 * (256 * 128 + 128 * 10))
        #expect(plan(mnist, batchSize: 128).rows == 64)
        #expect(plan(mnist, batchSize: 128).count == 2)
        #expect(plan(mnist, batchSize: 127).count == 1)
        #expect(plan(mnist, batchSize: 512).count == 8)

        let small = network([16, 64, 64, 2])
        #expect(plan(small, batchSize: 32).count == 1)
        // 29,440 operations per row: 10 MFLOP are 340 rows.
        #expect(small.trainingOperationsPerRow == 29_440)
        #expect(plan(small, batchSize: 512).count == 1)
        #expect(plan(small, batchSize: 1024).count == 3)

        let wide = network([784, 1024, 1024, 10])
        #expect(ParameterLayout(wide).parameterCount > 262_144)
        #expect(plan(wide, batchSize: 511).count == 1)
        #expect(plan(wide, batchSize: 512).count == 2)
        #expect(plan(wide, batchSize: 1024).rows == 256)
    }

    @Test("The rule never makes more than 64 shards, nor a batch of one row more than one")
    func limits() {
        #expect(ShardPlan(batchSize: 100_000, parameters: 1000, operationsPerRow: 1_000_000).count == 64)
        #expect(ShardPlan(batchSize: 1, parameters: 1_000_000, operationsPerRow: 1_000_000_000).count == 1)
        #expect(ShardPlan(batchSize: 4096, parameters: 1000, operationsPerRow: 0).count == 1)
    }

    @Test("A configuration takes the rule, or the number it was given; workers have no part in it")
    func configuration() throws {
        var configuration = TrainingConfiguration(loss: .meanSquaredError, batchSize: 100, shards: 7)
        #expect(configuration.shardPlan(for: network([4, 3])) == ShardPlan(batchSize: 100, shards: 7))
        configuration.shards = nil
        #expect(configuration.shardPlan(for: network([4, 3])).count == 1)
        configuration.shards = 4
        let rows = RandomRows.values(rows: 100, features: 4, columns: 3)
        for workers in [1, 2, 3, 8, 16] {
            let training = try Training(
                of: network([4, 3]), on: SampleSelection(rows), configuration: configuration, workers: workers)
            #expect(training.shards == ShardPlan(batchSize: 100, shards: 4))
            #expect(training.workers == min(workers, 4))
        }
    }

    private func network(_ sizes: [Int]) -> Graph {
        Graph(inputs: sizes[0]) {
            for size in sizes.dropFirst() { Dense(size) }
        }
    }

    private func plan(_ graph: Graph, batchSize: Int) -> ShardPlan {
        TrainingConfiguration(loss: .meanSquaredError, batchSize: batchSize).shardPlan(for: graph)
    }
}
