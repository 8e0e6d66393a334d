import HDF5
import LinearAlgebra
import Synchronization
import TestSupport
import Testing

@testable import Tabular
@testable import Training

@Suite("Ranks read a table together")
struct TableOnRanksTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Numbers with gaps, texts of which some are rare, weights, classes and values that some rows lack.
    private func write(_ rows: Int, to name: String = "t.h5", changing changed: Int = -1) throws -> String {
        let path = directory.path(name)
        let file = try File(creating: path)
        let all = 0..<rows
        let root = file.root
        try root.createDataset(
            "a", shape: [rows], values: all.map { $0 % 13 == 4 ? Float.nan : Float($0 * 37 % 10_007) / 8 },
            // Portions begin and end within chunks.
            options: DatasetOptions(chunkShape: [700], deflate: 1))
        try root.createDataset("b", shape: [rows], values: all.map { Int32($0 == changed ? -1 : $0 % 57) })
        try root.createDataset(
            "kind", shape: [rows], values: all.map { $0 % 1_999 == 1_500 ? "rare" : ["red", "", "blue"][$0 * 7 % 3] })
        try root.createDataset("w", shape: [rows], values: all.map { Float(1 + $0 % 3) })
        try root.createDataset(
            "y", shape: [rows],
            values: all.map { $0 % 29 == 3 ? "" : ["no", "yes", "maybe"][$0 % 10 < 6 ? 0 : $0 % 10 < 9 ? 1 : 2] })
        try root.createDataset(
            "z", shape: [rows], values: all.map { $0 % 31 == 7 ? Float.nan : 5_000 + Float($0 * 13 % 61) })
        try file.close()
        return path
    }

    private static func options(
        _ target: String, _ missing: SchemaOptions.Missing, _ scale: SchemaOptions.Scale
    ) -> SchemaOptions {
        var options = SchemaOptions(targets: [ColumnPattern(name: target)], missing: missing, scale: scale)
        options.ignored = ColumnPattern(name: target == "y" ? "z" : "y")
        options.weight = "w"
        return options
    }

    /// What a rank knows of a table in the end.
    private struct Knowledge: Equatable, Sendable {
        var encodings: [TableEncoding]
        var fingerprints: [String]
        var notes: [[String]]
        var classCounts: [Int]
        var blockCounts: [[Int]]
        var sets: [RowSet?]
        var held: [[Float]]
        var features: [[Float]]
        var labels: [[Int32]?]
        var weights: [[Float]?]
        var tableRows: [[Int]?]
        var rows: [[UInt32]?]
    }

    /// - Returns: or why not.
    private static func knowledge(
        of path: String, _ options: SchemaOptions, among readers: any TableReaders, split: Double = 0.2
    ) throws -> Result<Knowledge, TableError> {
        do throws(TableError) {
            let table = try HDF5Source(path: path, workers: 1 + readers.rank % 2)
            let profiled = try ProfiledTable(table, options: options, among: readers)
            let disk = try StreamedTable(
                profiled, in: table, blockRows: 1_000, validationSplit: split, requiresSplit: false, seed: 3,
                among: readers)
            let memory = try Table(
                profiled, validationSplit: split, requiresSplit: false, seed: 3, among: readers)
            let other = try disk.encoding.streamedRows(of: table, among: readers)
            let (samples, notes) = try disk.encoding.samples(of: table, targets: true, among: readers)
            var held: [[Float]] = []
            do {
                try disk.validation?.forEachPart { held.append($0.features.elements) }
            } catch {
                throw TableError(.inputOutput, file: path, "\(error)")
            }
            let all = [memory.training.samples, samples]
            return .success(
                Knowledge(
                    encodings: [disk.encoding, memory.encoding],
                    fingerprints: [disk.fingerprint, memory.fingerprint], notes: [disk.notes, memory.notes, notes],
                    classCounts: disk.classCounts,
                    blockCounts: [disk.training, disk.validation, other].map { $0?.blockCounts ?? [] },
                    sets: [disk.training.members, disk.validation?.members], held: held,
                    features: all.map(\.features.elements), labels: all.map(\.labelValues),
                    weights: all.map { $0.weights?.elements }, tableRows: all.map(\.tableRows),
                    rows: [memory.training.rows, memory.validation?.rows]))
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "They end with what a single one finds, to the bit",
        arguments: [("y", SchemaOptions.Missing.mean, SchemaOptions.Scale.standard), ("z", .drop, .quantile)],
        [1, 2, 40, 4_097, 9_000])
    func same(_ choice: (String, SchemaOptions.Missing, SchemaOptions.Scale), rows: Int) throws {
        let path = try write(rows)
        let options = Self.options(choice.0, choice.1, choice.2)
        let whole = try Self.knowledge(of: path, options, among: SoleReader())
        if rows >= 40 {
            let found = try whole.get()
            #expect(found.encodings[0] == found.encodings[1] && found.fingerprints[0] == found.fingerprints[1])
            #expect(found.notes[0] == found.notes[1])
            #expect(found.blockCounts[1].reduce(0, +) > 0)
        }
        for ranks in [2, 3, 7] where rows < 4_096 || ranks == 3 {
            let all = try onRanks(ranks) { try Self.knowledge(of: path, options, among: $0) }
            let areSame = all.allSatisfy { $0 == whole }
            #expect(all.count == ranks && areSame, "\(ranks) ranks")
        }
    }

    @Test("Files one after the other are shared out each")
    func concatenation() throws {
        let paths = [try write(5_000), try write(300, to: "u.h5")]
        @Sendable func find(_ readers: any TableReaders) throws -> (TableProfile, String) {
            let table = try #require(try openTable(paths) as? any RandomAccessTable)
            let profiled = try ProfiledTable(
                table, options: Self.options("y", .median, .robust), among: readers)
            let disk = try StreamedTable(profiled, in: table, blockRows: 64, validationSplit: 0.1, among: readers)
            return (try table.profile(among: readers), disk.fingerprint)
        }
        let whole = try find(SoleReader())
        #expect(whole.0.rowCount == 5_300)
        for (profile, fingerprint) in try onRanks(3, find) {
            #expect(profile == whole.0 && fingerprint == whole.1)
        }
    }

    @Test("Each reads its share of the rows, and few of the others'")
    func shares() throws {
        let rows = 5 * 4_096
        let path = try write(rows)
        for ranks in [1, 5] {
            let read = try onRanks(ranks) { readers in
                let table = CountingTable(try HDF5Source(path: path))
                let profiled = try ProfiledTable(table, options: Self.options("y", .mean, .standard), among: readers)
                let disk = try StreamedTable(profiled, in: table, blockRows: 1_000, among: readers)
                let streamed = table.rowsRead.exchange(0, ordering: .relaxed)
                _ = try Table(profiled, among: readers)
                let inMemory = table.rowsRead.exchange(0, ordering: .relaxed)
                _ = try disk.encoding.streamedRows(of: table, among: readers)
                return (streamed, inMemory, table.rowsRead.load(ordering: .relaxed))
            }
            let compared = ranks == 1 ? 0 : ranks * 1_024
            for (streamed, inMemory, other) in read {
                #expect(streamed == 2 * rows / ranks + compared)
                #expect(inMemory == rows / ranks + compared)
                #expect(other == rows / ranks)
            }
        }
    }

    @Test("A rank that sees another file has another fingerprint than the others")
    func otherFile() throws {
        let path = try write(9_000)
        // In the middle of what the second of three ranks reads.
        let other = try write(9_000, to: "other.h5", changing: 4_096 + 2_100)
        for odd in [nil, 0, 1, 2] {
            let found = try onRanks(3) { readers in
                let table = try HDF5Source(path: readers.rank == odd ? other : path)
                let profiled = try ProfiledTable(table, options: Self.options("y", .mean, .standard), among: readers)
                return (
                    try StreamedTable(profiled, in: table, blockRows: 64, among: readers).fingerprint,
                    try Table(profiled, among: readers).fingerprint
                )
            }
            for fingerprints in [found.map(\.0), found.map(\.1)] {
                #expect(Set(fingerprints).count == (odd == nil ? 1 : 2))
                if let odd { #expect(fingerprints.count { $0 == fingerprints[odd] } == 1) }
            }
        }
    }

    @Test("A sample of all ranks' rows is that of one rank", arguments: [0, 1, 63, 64, 65, 5_000])
    func samples(rows: Int) throws {
        @Sendable func sample(_ rows: Range<Int>) -> RowSample {
            var sample = RowSample(columns: [1, 0], seed: 5, rowLimit: 64)
            let values = SharedBuffer<Float>(count: 2)
            for row in rows {
                (values[0], values[1]) = (Float(row), -Float(row))
                sample.add(values.base, position: row)
            }
            return sample
        }
        let whole = sample(0..<rows)
        for ranks in [2, 3, 7] {
            let sorted = try onRanks(ranks) { readers in
                var own = sample(readers.rank * rows / ranks..<(readers.rank + 1) * rows / ranks)
                own.gather(among: readers)
                return [own.sorted(0), own.sorted(1)]
            }
            #expect(sorted.allSatisfy { $0 == [whole.sorted(0), whole.sorted(1)] }, "\(ranks) ranks")
        }
    }
}

extension Samples {
    fileprivate var labelValues: [Int32]? {
        if case .labels(let labels, _) = targets { labels.elements } else { nil }
    }
}

/// Counts the rows that are read, but for those that its profile takes.
private final class CountingTable: RandomAccessTable {
    private let table: HDF5Source
    let rowsRead = Atomic<Int>(0)

    init(_ table: HDF5Source) { self.table = table }

    var name: String { table.name }
    var rowCount: Int { table.rowCount }
    var columnNames: [String] { table.columnNames }

    func profile(among readers: any TableReaders) throws(TableError) -> TableProfile {
        try table.profile(among: readers)
    }

    func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int {
        try table.preferredBlockRows(selection, bytes: bytes)
    }

    func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        rowsRead.wrappingAdd(rows.count, ordering: .relaxed)
        try table.read(selection, rows: rows, body)
    }
}
