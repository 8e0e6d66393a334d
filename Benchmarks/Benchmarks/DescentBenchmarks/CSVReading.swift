import Benchmark
import Foundation
import LinearAlgebra
import Tabular

/// Reading a table of 29 columns of numbers: the pass that finds out what the columns hold, the pass that delivers them,
/// and everything from file to training rows.
///
/// Long fields are like `8.692932128906250000e-01`, short ones like `-0.12573`. Bytes are those of the file, which is in
/// the page cache.
func registerCSVReading() {
    for (name, format) in [("long", "%.18e"), ("short", "%.5f")] {
        registerReading("CSV of \(name) fields, profile", format) { source in
            Benchmark.blackHole(try source.profile())
        }
        registerReading("CSV of \(name) fields, read", format) { source in
            let columns = ColumnSelection(numeric: Array(source.columnNames.indices))
            try source.read(columns) { chunk throws(TableError) in Benchmark.blackHole(chunk.numbers.count) }
        }
        registerReading("CSV of \(name) fields, table", format) { source in
            let target = ColumnPattern(name: source.columnNames[source.columnNames.count - 1])
            Benchmark.blackHole(try Table(source, options: SchemaOptions(targets: [target])))
        }
    }
}

private func registerReading(_ name: String, _ format: String, _ read: @escaping (any TableSource) throws -> Void) {
    let metric = Rate.megabytes.metric
    let configuration = Benchmark.Configuration(
        metrics: [metric, .wallClock], units: [metric: .count], maxDuration: .seconds(1))
    Benchmark(name, configuration: configuration) { (benchmark: Benchmark, file: CSVFile) throws in
        let elapsed = try ContinuousClock().measure { try read(openTable([file.path])) }
        benchmark.measurement(
            metric, Rate.megabytes.value(amount: Double(file.size), seconds: elapsed / .seconds(1)))
    } setup: {
        try CSVFile(rows: 50_000, columns: 29, format: format)
    }
}

/// A file of single-precision numbers, each written with one format of C's.
private struct CSVFile {
    let path: String
    let size: Int

    init(rows: Int, columns: Int, format: String) throws {
        var text = (0..<columns).map { "x\($0)" }.joined(separator: ",") + "\n"
        text.reserveCapacity(rows * columns * 28)
        let numbers = RandomNumbers.buffer(rows * columns)
        var field = [CChar](repeating: 0, count: 64)
        for index in 0..<rows * columns {
            let length = withVaList([Double(numbers.base[index])]) { vsnprintf(&field, field.count, format, $0) }
            text += String(decoding: field[..<Int(length)].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            text += (index + 1) % columns == 0 ? "\n" : ","
        }
        path = try ScratchFolder.path("table.csv")
        try Data(text.utf8).write(to: URL(filePath: path))
        size = text.utf8.count
    }
}
