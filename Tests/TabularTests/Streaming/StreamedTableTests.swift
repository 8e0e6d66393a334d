import LinearAlgebra
import TestSupport
import Testing

@testable import Tabular

@Suite("A table that stays on disk")
struct StreamedTableTests {
    /// Numbers, a text column, missing values, rows without target, weights, three classes of uneven shares.
    static let text = csv("a,b,kind,w,y", rows: 203) { row in
        let a = row % 13 == 4 ? "" : "\(Double(row * 37 % 101) / 8)"
        let kind = ["red", "green", "blue", ""][row * 7 % 4]
        let label = row % 29 == 3 ? "" : ["no", "yes", "maybe"][row % 10 < 6 ? 0 : row % 10 < 9 ? 1 : 2]
        return "\(a),\(row * row % 57),\(kind),\(1 + row % 3),\(label)"
    }

    static let regression = csv("a,b,y,z", rows: 97) { row in
        "\(row * 31 % 17),\(Double(row) / 7),\(row % 11 == 5 ? "" : "\(100 + row % 23)"),\(row)"
    }

    private static func options(_ missing: SchemaOptions.Missing, _ scale: SchemaOptions.Scale) -> SchemaOptions {
        .target("y") {
            $0.weight = "w"
            $0.missing = missing
            $0.scale = scale
        }
    }

    private func tables(
        _ text: String, _ options: SchemaOptions, blockRows: Int, split: Double = 0.2
    ) throws -> (memory: Table, disk: StreamedTable) {
        let source = try CSVSource(text: text)
        let profiled = try ProfiledTable(source, options: options)
        return (
            try Table(profiled, validationSplit: split, seed: 3),
            try StreamedTable(
                profiled, in: SeekableTable(source, blockRows: 50), blockRows: blockRows, validationSplit: split,
                seed: 3)
        )
    }

    /// The rows of a selection as numbers and targets, in order.
    private func contents(_ selection: SampleSelection) -> [[Float]] {
        let samples = selection.samples
        return (0..<selection.count).map { position in
            let row = selection.row(position)
            let answer: [Float] =
                if let labels = samples.labels {
                    [Float(labels[row])]
                } else {
                    samples.values.map { values in
                        let columns = values.count / samples.rowCount
                        return Array(values[row * columns..<(row + 1) * columns])
                    } ?? []
                }
            return samples.rows[row] + answer + [samples.weights?[row] ?? 1, Float(samples.tableRow(row))]
        }
    }

    @Test(
        "Encoding, split and fingerprint are those of the table in memory",
        arguments: [(SchemaOptions.Missing.mean, SchemaOptions.Scale.standard), (.median, .robust), (.drop, .minmax)],
        [1, 7, 64, 1000])
    func equal(_ choice: (SchemaOptions.Missing, SchemaOptions.Scale), blockRows: Int) throws {
        let (memory, disk) = try tables(Self.text, Self.options(choice.0, choice.1), blockRows: blockRows)
        #expect(disk.encoding == memory.encoding)
        #expect(disk.fingerprint == memory.fingerprint)
        #expect(disk.training.count == memory.training.count)
        #expect(disk.validation?.count == memory.validation?.count)
        var counts = [0, 0, 0]
        for position in 0..<memory.training.count {
            counts[Int(memory.training.samples.labels?[memory.training.row(position)] ?? 0)] += 1
        }
        #expect(disk.classCounts == counts)

        var held: [[Float]] = []
        try disk.validation?.forEachPart { held += contents(SampleSelection($0)) }
        #expect(held == memory.validation.map(contents))
    }

    @Test("Targets of a regression are scaled alike", arguments: [5, 200])
    func values(blockRows: Int) throws {
        let options = SchemaOptions(targets: [ColumnPattern(name: "y"), ColumnPattern(name: "z")])
        let (memory, disk) = try tables(Self.regression, options, blockRows: blockRows)
        #expect(disk.encoding == memory.encoding)
        #expect(disk.fingerprint == memory.fingerprint)
        #expect(disk.training.targetShape == .values(columns: 2))
        var held: [[Float]] = []
        try disk.validation?.forEachPart { held += contents(SampleSelection($0)) }
        #expect(held == memory.validation.map(contents))
    }

    @Test("Windows hold the rows that the order names", arguments: [1, 7, 64, 1000], [8, 24, 400])
    func windows(blockRows: Int, windowRows: Int) throws {
        let (memory, disk) = try tables(Self.text, Self.options(.mean, .standard), blockRows: blockRows)
        let all = contents(memory.training)
        let starts = disk.training.blockCounts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        for epoch in 1...2 {
            let order = EpochOrder(
                blockCounts: disk.training.blockCounts, windowRows: windowRows, batchSize: 8, shuffles: true, seed: 1,
                epoch: epoch)
            for start in [0, order.windowCount - 1] {
                var index = start
                try disk.training.forEachWindow(order, from: start) { samples, places, count in
                    let expected = order.pieces(ofWindow: index).flatMap { piece in
                        piece.rows.map { all[starts[piece.block] + $0] }
                    }
                    let rows = contents(SampleSelection(samples, rows: (0..<UInt32(count)).map { $0 }))
                    #expect(rows == expected)
                    #expect(places?.elements == order.order(ofWindow: index))
                    index += 1
                    return true
                }
                #expect(index == order.windowCount)
            }
        }
    }

    @Test("An epoch can be left after any window")
    func stops() throws {
        let (_, disk) = try tables(Self.text, Self.options(.mean, .standard), blockRows: 7)
        let order = EpochOrder(
            blockCounts: disk.training.blockCounts, windowRows: 8, batchSize: 8, shuffles: true, seed: 1, epoch: 1)
        var windows = 0
        try disk.training.forEachWindow(order) { _, _, _ in
            windows += 1
            return windows < 3
        }
        #expect(windows == 3)
    }

    @Test("Rows of another table: all that have a target")
    func other() throws {
        let (memory, disk) = try tables(Self.text, Self.options(.mean, .standard), blockRows: 16)
        let other = csv("y,a,b,kind", rows: 40) { "\($0 % 5 == 1 ? "" : "yes"),\($0),\($0 % 7),blue" }
        let source = try CSVSource(text: other)
        let rows = try disk.encoding.streamedRows(of: SeekableTable(source, blockRows: 9))
        let (samples, _) = try memory.encoding.samples(of: source, targets: true)
        #expect(rows.count == samples.rowCount)
        var read: [[Float]] = []
        try rows.forEachPart { read += contents(SampleSelection($0)) }
        #expect(read == contents(SampleSelection(samples)))
    }
}
