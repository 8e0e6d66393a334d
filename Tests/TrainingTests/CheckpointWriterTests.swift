import Descent
import Foundation
import TestSupport
import Testing

@Suite("Checkpoints are written while training goes on")
struct CheckpointWriterTests {
    let directory: TemporaryDirectory
    let path: String
    let graph = Graph(inputs: 3) { [Dense(5, activation: .relu), Dense(2)] as [any Layer] }
    let weights: Parameters
    let moments: SharedBuffer<Float>

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("model.h5")
        var random = CounterRandom.test(50)
        weights = random.parameters(of: graph)
        moments = SharedBuffer(count: weights.layout.bufferCount)
        for index in 0..<moments.count { moments[index] = Float(index) }
    }

    private func write(_ step: Int, with writer: CheckpointWriter) {
        writer.write { spare in
            let state = TrainingState(
                step: step, parameters: copy(weights.values, spare?.parameters), moments: copy(moments, spare?.moments),
                epochSums: [0, 0], history: [], best: nil, epochsWithoutImprovement: 0, epochsSinceReduction: 0,
                reductions: 0)
            return Checkpoint(
                model: Model(
                    graph: graph, parameters: Parameters(layout: weights.layout, values: state.parameters),
                    outputActivation: .linear),
                run: .init(
                    state: state,
                    identity: RunIdentity(
                        settings: [:], seed: 1, shuffles: true, dataFingerprint: "", rowCount: 1, blasKernel: "",
                        version: "")))
        }
    }

    private func copy(_ buffer: SharedBuffer<Float>, _ spare: SharedBuffer<Float>?) -> SharedBuffer<Float> {
        guard let spare else { return buffer.copy() }
        spare.copy(from: buffer)
        return spare
    }

    @Test("What is written is what was handed over, whatever training does next")
    func copies() throws {
        let writer = try CheckpointWriter(to: OutputFile(path))
        for step in 1...20 {
            weights["dense/bias"] = Matrix(rows: 1, columns: 5, elements: (0..<5).map { Float(100 * step + $0) })
            moments[3] = Float(step)
            write(step, with: writer)
            for index in 0..<weights.values.count { weights.values[index] = -1 }
            for index in 0..<moments.count { moments[index] = -1 }
            writer.wait()
            #expect(!writer.isWriting)
            let outcomes = writer.takeOutcomes()
            #expect(outcomes.count == 1 && outcomes[0].error == nil && outcomes[0].step == step)
            #expect(writer.takeOutcomes().isEmpty)
            let found = try #require(try Checkpoint(contentsOf: path).run).state
            #expect(found.step == step)
            #expect(
                Parameters(layout: weights.layout, values: found.parameters)["dense/bias"].elements
                    == (0..<5).map { Float(100 * step + $0) })
            #expect(found.moments[3] == Float(step))
        }
    }

    @Test("A failure is reported, the file before stays, and the next checkpoint tries again")
    func failure() throws {
        let folder = directory.path("folder")
        func create() throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        }
        try create()
        let output = try OutputFile(folder + "/model.h5", keeping: 1)
        let writer = CheckpointWriter(to: output)
        write(1, with: writer)
        writer.wait()
        try FileManager.default.moveItem(atPath: folder, toPath: directory.path("away"))
        write(2, with: writer)
        writer.wait()
        try FileManager.default.moveItem(atPath: directory.path("away"), toPath: folder)
        #expect(try Checkpoint(contentsOf: output.path).run?.state.step == 1)
        write(3, with: writer)
        writer.wait()
        let outcomes = writer.takeOutcomes()
        #expect(outcomes.map(\.step) == [1, 2, 3])
        #expect(outcomes.map { $0.error == nil } == [true, false, true])
        #expect(outcomes[1].error?.description.contains("its folder is not there") == true)
        #expect(try Checkpoint(contentsOf: output.path).run?.state.step == 3)
        #expect(try Checkpoint(contentsOf: folder + "/model.previous.h5").run?.state.step == 1)
    }
}
