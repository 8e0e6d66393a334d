internal import Descent
internal import FoundationEssentials

/// One `descent bench --read`: files read into one matrix of floats, rows x columns.
struct ReadingBench: CustomStringConvertible {
    private let name: String
    private let rows: Int
    private let columns: Int
    private let megabytes: Double
    private let seconds: Double

    /// Reads the files, at least three times and for about as long as asked. The best time counts, because other
    /// programs can only take time away.
    init(_ paths: [String], format: TableFormat, seconds limit: Double) throws {
        let bytes = paths.reduce(0) { sum, path in
            let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? any BinaryInteger
            return sum + (size.map { Int($0) } ?? 0)
        }
        let clock = ContinuousClock()
        var best = Double.infinity
        var spent = 0.0
        var repetitions = 0
        var found = (name: "", rows: 0, columns: 0)
        while repetitions < 3 || spent < limit {
            let start = clock.now
            let source = try openTable(paths, format: format)
            var rows = 0
            var matrix: [Float] = []
            // A number and its separator take two bytes or more: room that is not needed is never touched.
            matrix.reserveCapacity(bytes / 2)
            let selection = ColumnSelection(numeric: Array(source.columnNames.indices))
            try source.read(selection) { chunk in
                rows += chunk.rowCount
                matrix.append(contentsOf: chunk.numbers[..<(chunk.rowCount * selection.numeric.count)])
            }
            found = (source.name, rows, matrix.count / max(1, rows))
            let elapsed = (clock.now - start).seconds
            best = min(best, elapsed)
            spent += elapsed
            repetitions += 1
        }
        (name, rows, columns) = found
        megabytes = Double(bytes) / 1e6
        seconds = best
    }

    var description: String {
        "\(name): \(NumberFormat.grouped(rows)) rows of \(NumberFormat.counted(columns, "number")) in "
            + "\(NumberFormat.fixed(seconds, decimals: 3)) s, \(NumberFormat.fixed(megabytes / seconds, decimals: 0)) MB/s"
    }

    var json: JSONValue {
        [
            "rows": .number(Double(rows)), "columns": .number(Double(columns)), "seconds": .number(seconds),
            "megabytes": .number(megabytes), "megabytes_per_second": .number(megabytes / seconds),
        ]
    }
}
