import Foundation
import HDF5
import LinearAlgebra
import TestSupport
import Testing

/// Small tables and models that many tests need.
enum Examples {
    static let digits = Datasets.path("digits.csv")
    static let iris = Datasets.path("iris.csv")
    static let diabetes = Datasets.path("diabetes.csv")
    static let breastCancer = Datasets.path("breast_cancer.csv")

    /// A fixture beside these tests.
    static func fixture(_ name: String) -> String {
        Datasets.repository.appending(path: "Tests/DescentCommandTests/Fixtures/\(name)").path()
    }

    /// A file that Keras wrote.
    static func keras(_ name: String) -> String {
        Datasets.repository.appending(path: "Tests/ModelFileTests/Fixtures/\(name)").path()
    }

    /// Two numbers and a class that they decide.
    static func table(rows: Int = 30, header: String? = "a,b,kind") -> String {
        (header.map { "\($0)\n" } ?? "")
            + (0..<rows).map { "\($0 % 7).5,\($0 * 13 % 10).25,\($0 % 7 > 3 ? "high" : "low")\n" }.joined()
    }

    /// Writes 60,000 rows of 64 numbers, sorted by class: 16 MB on disk, more than a process of 96 MB has left for rows.
    static func largeTable(in directory: TemporaryDirectory) throws -> String {
        let path = directory.path("large.h5")
        let rows = 60_000
        let file = try HDF5.File(creating: path)
        var random = CounterRandom(seed: 3, purpose: .testing)
        var x = [Float](repeating: 0, count: rows * 64)
        for row in 0..<rows {
            for column in 0..<64 { x[row * 64 + column] = Float(random.next() >> 40) * 0x1p-24 }
            x[row * 64 + row / 20_000] += 0.4
        }
        _ = try file.root.createDataset("x", shape: [rows, 64], values: x)
        _ = try file.root.createDataset("y", shape: [rows], values: (0..<rows).map { Int32($0 / 20_000) })
        try file.close()
        return path
    }

    /// Writes a small model of `table()` and returns its path.
    static func model(in directory: TemporaryDirectory, name: String = "model.h5") throws -> String {
        let table = try directory.write(table(), to: "rows-of-\(name).csv")
        let path = directory.path(name)
        try Command.succeed([
            "train", table, "--target", "kind", "--layers", "4", "--epochs", "2", "--quiet", "--output", path,
        ])
        return path
    }
}
