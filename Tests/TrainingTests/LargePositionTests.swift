import LinearAlgebra
import ModelFile
import NeuralNetwork
import Synchronization
import TestSupport
import Testing

@testable import Tabular
@testable import Training

/// A table that makes up its rows, and counts those that are read.
private final class EndlessTable: RandomAccessTable {
    let rowCount: Int
    let rowsRead = Atomic<Int>(0)

    init(rowCount: Int) {
        self.rowCount = rowCount
    }

    var name: String { "endless" }
    var columnNames: [String] { ["a", "y"] }
    var knownRoles: KnownRoles { KnownRoles() }
    var notes: [String] { [] }

    func profile(among readers: any TableReaders) throws(TableError) -> TableProfile {
        throw TableError(.badRequest, file: name, "is never read whole")
    }

    func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int { 1000 }

    func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        rowsRead.wrappingAdd(rows.count, ordering: .relaxed)
        let numbers = rows.flatMap { row in selection.numeric.map { column in Float((row * (3 + column)) % 17) / 17 } }
        try body(RowChunk(firstRow: rows.lowerBound, rowCount: rows.count, numbers: numbers, codes: [], levels: []))
    }
}

@Suite("A position is integers: going on from the millionth batch takes none of the batches before")
struct LargePositionTests {
    private static let position = 1_000_000

    private func training(_ data: any TrainingData, batchSize: Int, workers: Int = 2) throws -> Training {
        try Training(
            of: Graph(inputs: 1) { Dense(1) }, on: data,
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .adam(), batchSize: batchSize, shards: 1, seed: 5), epochs: 1,
            workers: workers)
    }

    /// Takes five steps from the millionth on, and no others. Returns the weights then.
    private func goOn(_ run: Training) throws -> [Float] {
        var state = run.state
        state.step = Self.position
        try run.resume(from: state)
        run.progressSteps = 1
        var steps: [Int] = []
        run.onProgress = { _ in
            steps.append(run.step)
            return steps.count < 5
        }
        #expect(try run.nextEpoch() == nil)
        #expect(steps == (1...5).map { Self.position + $0 })
        return run.parameters.values.elements
    }

    @Test("From disk, only the window is read in which the run stood")
    func onDisk() throws {
        let batchSize = 16
        let table = EndlessTable(rowCount: 20_000_000)
        let schema = Schema(
            features: [Schema.Feature(column: "a", kind: .number)], target: .values(columns: ["y"]))
        let rows = StreamedRows(
            encoding: TableEncoding(schema: schema, scaling: FeatureScaling(identity: 1)),
            encoder: try RowEncoder(schema, of: table, readsTargets: true, keepsAllRows: false), table: table,
            blockRows: 1000, members: nil, blockCounts: Array(repeating: 1000, count: 20_000))
        let windowRows = 32_000
        _ = try goOn(try training(WindowedRows(rows, windowRows: windowRows), batchSize: batchSize))
        // The window, those that are read ahead, and the blocks that the edges of windows cut.
        let read = table.rowsRead.load(ordering: .relaxed)
        #expect((1...4 * windowRows).contains(read), "\(read) rows")
    }

    @Test("From memory, the steps are those that a run of the rest would take")
    func inMemory() throws {
        let count = Self.position + 100
        let features = SharedBuffer<Float>(count: count)
        let targets = SharedBuffer<Float>(count: count)
        for row in 0..<count {
            features[row] = Float(row % 17) / 17
            targets[row] = Float(row % 13) / 13
        }
        let samples = Samples(
            rowCount: count, featureCount: 1, features: features, targets: .values(targets, columns: 1))
        let weights = try goOn(try training(SampleSelection(samples), batchSize: 1))
        #expect(try goOn(try training(SampleSelection(samples), batchSize: 1, workers: 1)) == weights)
    }
}
