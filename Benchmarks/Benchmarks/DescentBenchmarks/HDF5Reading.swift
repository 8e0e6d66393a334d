import Benchmark
import HDF5
import LinearAlgebra
import Tabular

/// Reading a matrix of features from an HDF5 file: as the library delivers it, as a table's columns, and everything from
/// file to training rows.
///
/// Bytes are those of the numbers once they are single-precision features, which is what a step consumes. The file is in
/// the page cache.
func registerHDF5Reading() {
    let layouts: [(name: String, layout: HDF5File.Layout)] = [
        ("float", .init(isBytes: false, options: .contiguous)), ("bytes", .init(isBytes: true, options: .contiguous)),
        ("float, gzip", .init(isBytes: false, options: HDF5File.compressed)),
        ("bytes, gzip", .init(isBytes: true, options: HDF5File.compressed)),
    ]
    for (name, layout) in layouts {
        registerReading("HDF5 of \(name), dataset", layout) { path in
            let dataset = try File(opening: path).root.dataset("x")
            Benchmark.blackHole(try dataset.read(as: Float.self))
        }
        registerReading("HDF5 of \(name), read", layout) { path in
            let source = try openTable([path])
            let columns = ColumnSelection(numeric: Array(source.columnNames.indices))
            try source.read(columns) { chunk throws(TableError) in Benchmark.blackHole(chunk.numbers.count) }
        }
        registerReading("HDF5 of \(name), table", layout) { path in
            Benchmark.blackHole(try Table(openTable([path]), options: SchemaOptions()))
        }
    }
}

private func registerReading(
    _ name: String, _ layout: HDF5File.Layout, _ read: @escaping (_ path: String) throws -> Void
) {
    Rate.megabytes.benchmark(name, amount: 4 * HDF5File.rows * HDF5File.columns, for: .seconds(1)) {
        try HDF5File.write(layout)
    } call: {
        try read($0)
    }
}

/// A file of `/x` and `/y`.
private enum HDF5File {
    struct Layout {
        var isBytes: Bool
        var options: DatasetOptions
    }

    static let rows = 20_000
    static let columns = 256
    static let compressed = DatasetOptions(chunkShape: [256, columns], deflate: 4, shuffle: true)

    /// Random numbers of 4 bits in each: something for gzip to do, and something for it to save.
    static func write(_ layout: Layout) throws -> String {
        let path = try ScratchFolder.path("table.h5")
        let file = try File(creating: path)
        let count = rows * columns
        let levels = RandomNumbers.labels(count, classes: 16).elements
        if layout.isBytes {
            let values = levels.map { UInt8($0 * 16) }
            try file.root.createDataset("x", shape: [rows, columns], values: values, options: layout.options)
        } else {
            let values = levels.map { Float($0) / 16 }
            try file.root.createDataset("x", shape: [rows, columns], values: values, options: layout.options)
        }
        try file.root.createDataset("y", shape: [rows], values: RandomNumbers.labels(rows, classes: 10).elements)
        try file.close()
        return path
    }
}
