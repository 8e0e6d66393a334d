import Foundation
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
