import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

@Suite("Rows shuffled within windows")
struct WindowedRowsTests {
    private static let text = csv()

    private static func csv() -> String {
        var text = "a,b,kind,y\n"
        for row in 0..<230 {
            let a = row % 17 == 4 ? "" : "\(row * 37 % 101)"
            let b = Double(row * row % 57) / 4
            let label = row % 31 == 7 ? "" : ["no", "yes", "maybe"][row / 80]
            text += "\(a),\(b),\(["u", "v"][row / 9 % 2]),\(label)\n"
        }
        return text
    }

    private struct Inputs {
        /// Holds the file as long as it is read.
        var directory: TemporaryDirectory
        var memory: Table
        var disk: StreamedTable
    }

    private func inputs(blockRows: Int) throws -> Inputs {
        let directory = try TemporaryDirectory()
        let source = try CSVSource(path: try directory.write(Self.text, to: "t.csv"))
        let profiled = try ProfiledTable(source, options: SchemaOptions(targets: [ColumnPattern(name: "y")]))
        return Inputs(
            directory: directory, memory: try Table(profiled, validationSplit: 0.2, seed: 3),
            disk: try StreamedTable(
                profiled, in: SeekableTable(source, blockRows: 32), blockRows: blockRows, validationSplit: 0.2, seed: 3)
        )
    }

    private func run(
        on data: any TrainingData, _ validation: (any ScoringData)?, encoding: TableEncoding, workers: Int,
        shuffles: Bool
    ) throws -> Training {
        let task = try TrainingTask(encoding, loss: .softmaxCrossEntropy())
        let graph = Graph(inputs: encoding.schema.featureCount) {
            Dense(9, activation: .relu)
            Dropout(0.25)
            Dense(3)
        }
        let training = try Training(
            of: graph, on: data,
            configuration: TrainingConfiguration(
                loss: task.loss, optimizer: .adam(), batchSize: 16, shards: 3, shuffles: shuffles, seed: 5),
            epochs: 3, validation: validation.map { .init(rows: $0, scorer: task.scorer) }, workers: workers,
            scorer: task.scorer)
        try training.run()
        return training
    }

    @Test(
        "In memory and on disk, the same window gives the same bits", arguments: [3, 20, 500], [32, 40, 1000])
    func sameBits(blockRows: Int, windowRows: Int) throws {
        let inputs = try inputs(blockRows: blockRows)
        for shuffles in [true, false] {
            let memory = try run(
                on: WindowedRows(
                    inputs.memory.training, tableRowCount: inputs.memory.rowCount, blockRows: blockRows,
                    windowRows: windowRows),
                inputs.memory.validation, encoding: inputs.memory.encoding, workers: 1, shuffles: shuffles)
            let disk = try run(
                on: WindowedRows(inputs.disk.training, windowRows: windowRows), inputs.disk.validation,
                encoding: inputs.disk.encoding, workers: 2, shuffles: shuffles)
            #expect(disk.parameters.values.elements == memory.parameters.values.elements)
            #expect(disk.history.map(\.metrics) == memory.history.map(\.metrics))
        }
    }

    @Test("A window that holds all rows is no window")
    func whole() throws {
        let inputs = try inputs(blockRows: 20)
        let plain = try run(
            on: inputs.memory.training, inputs.memory.validation, encoding: inputs.memory.encoding, workers: 1,
            shuffles: true)
        let disk = try run(
            on: WindowedRows(inputs.disk.training, windowRows: 10_000), inputs.disk.validation,
            encoding: inputs.disk.encoding, workers: 1, shuffles: true)
        #expect(disk.parameters.values.elements == plain.parameters.values.elements)
        #expect(disk.history.map(\.metrics) == plain.history.map(\.metrics))
    }
}
