import Foundation
import HDF5
import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@testable import Training

/// Every step of a run as the place to interrupt it, whatever the rows come from and however the weights are updated. A
/// few places of each combination unless `DESCENT_LONG_TESTS=1`.
@Suite("Runs that go on from any place")
struct ResumePointsTests {
    enum Source: CaseIterable {
        case csvInMemory
        case csvOnDisk
        case hdf5OnDisk
    }

    static let optimizers: [(String, Optimizer)] = [
        ("sgd", .sgd(learningRate: 0.05)), ("momentum", .sgd(learningRate: 0.05, momentum: .heavyBall(0.9))),
        ("nesterov", .sgd(learningRate: 0.05, momentum: .nesterov(0.9))), ("adam", .adam()), ("adamw", decayed),
        ("adam clipped", .adam(clipping: .norm(0.1))), ("rmsprop", .rmsprop(momentum: 0.5)), ("adagrad", .adagrad()),
    ]

    private static var decayed: Optimizer {
        var adamW = Optimizer.adam()
        adamW.weightDecay = 0.01
        return adamW
    }

    private static let runsLongForm = ProcessInfo.processInfo.environment["DESCENT_LONG_TESTS"] == "1"
    private static let epochs = 3
    private static let rows = 230

    /// Rows to train on and to score, and what holds them.
    private struct Inputs {
        var directory: TemporaryDirectory
        var training: any TrainingData
        var validation: any ScoringData
        var encoding: TableEncoding
    }

    private func inputs(_ source: Source) throws -> Inputs {
        let directory = try TemporaryDirectory()
        let options = SchemaOptions(targets: [ColumnPattern(name: "y")])
        func number(_ row: Int, _ column: Int) -> Int { row * (37 + column) % (101 - 7 * column) }
        func csv() throws -> CSVSource {
            let lines = (0..<Self.rows).map { "\(number($0, 0)),\(number($0, 1)),\($0 / 80)\n" }
            return try CSVSource(path: try directory.write("a,b,y\n" + lines.joined(), to: "t.csv"))
        }
        func onDisk(_ source: any TableSource, _ table: any RandomAccessTable) throws -> Inputs {
            let disk = try StreamedTable(
                try ProfiledTable(source, options: options), in: table, blockRows: 20, validationSplit: 0.2, seed: 3)
            return Inputs(
                directory: directory, training: WindowedRows(disk.training, windowRows: 48),
                validation: try #require(disk.validation), encoding: disk.encoding)
        }
        switch source {
        case .csvInMemory:
            let table = try Table(try ProfiledTable(try csv(), options: options), validationSplit: 0.2, seed: 3)
            return Inputs(
                directory: directory, training: table.training, validation: try #require(table.validation),
                encoding: table.encoding)
        case .csvOnDisk:
            let source = try csv()
            return try onDisk(source, SeekableTable(source, blockRows: 32))
        case .hdf5OnDisk:
            let path = directory.path("t.h5")
            let file = try HDF5.File(creating: path)
            for column in 0..<2 {
                try file.root.createDataset(
                    ["a", "b"][column], shape: [Self.rows], values: (0..<Self.rows).map { Float(number($0, column)) })
            }
            try file.root.createDataset("y", shape: [Self.rows], values: (0..<Self.rows).map { Int32($0 / 80) })
            try file.close()
            let table = try #require(try openTable([path]) as? any RandomAccessTable)
            return try onDisk(table, table)
        }
    }

    private func training(_ inputs: Inputs, _ optimizer: Optimizer, workers: Int) throws -> Training {
        let task = try TrainingTask(inputs.encoding, loss: .softmaxCrossEntropy())
        let graph = Graph(inputs: 2) {
            Dense(9, activation: .relu)
            Dropout(0.25)
            Dense(3)
        }
        return try Training(
            of: graph, on: inputs.training,
            configuration: TrainingConfiguration(
                loss: task.loss, optimizer: optimizer, schedule: .cosine(), warmupSteps: 5, batchSize: 16, shards: 3,
                seed: 5),
            epochs: Self.epochs, validation: .init(rows: inputs.validation, scorer: task.scorer),
            stopping: .init(patience: 9), workers: workers, scorer: task.scorer)
    }

    private func image(_ training: Training) throws -> [UInt8] {
        let state = training.state
        return try Checkpoint(
            model: training.model(of: state),
            run: .init(
                state: state,
                identity: RunIdentity(
                    settings: [:], seed: 5, shuffles: true, dataFingerprint: "", rowCount: 0, blasKernel: "",
                    version: ""))
        ).image()
    }

    /// Trains up to a step, or up to the scoring after an epoch, and goes on from the file on other workers.
    private func interrupted(
        _ inputs: Inputs, _ optimizer: Optimizer, after steps: Int, inValidation: Bool
    ) throws -> [UInt8] {
        let first = try training(inputs, optimizer, workers: 1 + steps % 2)
        first.progressSteps = 1
        first.onProgress = { _ in inValidation || first.step < steps }
        let epoch = steps / first.stepsPerEpoch
        if inValidation, epoch == 1 { first.isInterrupted = { true } }
        while first.step < steps, let record = try first.nextEpoch() {
            if inValidation, record.epoch == epoch - 1 { first.isInterrupted = { true } }
        }
        try #require(first.step == steps)
        try #require(!inValidation || first.history.count == epoch - 1)
        let path = inputs.directory.path("model.h5")
        try Data(image(first)).write(to: URL(filePath: path))
        let second = try training(inputs, optimizer, workers: 2 + steps % 2)
        try second.resume(from: try #require(Checkpoint(contentsOf: path).run).state)
        try second.run()
        return try image(second)
    }

    @Test("The same file in the end", arguments: Source.allCases, optimizers.indices.map { $0 })
    func everyStep(_ source: Source, _ optimizer: Int) throws {
        let (name, rule) = Self.optimizers[optimizer]
        let inputs = try inputs(source)
        let whole = try training(inputs, rule, workers: 1)
        try whole.run()
        let expected = try image(whole)
        let (total, perEpoch) = (whole.step, whole.stepsPerEpoch)
        #expect(perEpoch >= 11)
        // Some steps, from another one on in each combination.
        let steps = Self.runsLongForm ? Array(0...total) : Array(stride(from: optimizer, through: total, by: 17))
        var places = 0
        for step in steps {
            #expect(
                try interrupted(inputs, rule, after: step, inValidation: false) == expected,
                "\(name), step \(step)")
            places += 1
        }
        for epoch in Self.runsLongForm ? 1...Self.epochs : 2...2 {
            #expect(
                try interrupted(inputs, rule, after: epoch * perEpoch, inValidation: true) == expected,
                "\(name), scoring after epoch \(epoch)")
            places += 1
        }
        if Self.runsLongForm { print("\(source), \(name): \(places) places") }
    }
}
