import LinearAlgebra
import NeuralNetwork
import Tabular
import TestSupport

/// Rows of random numbers with targets that depend on them.
enum RandomRows {
    /// Rows with a class each: the largest of the first features.
    static func classes(_ classes: Int, rows: Int, features: Int, weighted: Bool = false, stream: Int = 1) -> Samples {
        var random = CounterRandom.test(stream)
        let x = random.floats(rows * features)
        let labels = (0..<rows).map { row in
            Int32(Array(x[row * features..<row * features + min(classes, features)]).largestIndex)
        }
        let weights = random.floats(rows, in: 0...2)
        return Samples(
            rowCount: rows, featureCount: features, features: SharedBuffer(x),
            targets: .labels(SharedBuffer(labels), classes: classes), weights: weighted ? SharedBuffer(weights) : nil)
    }

    /// Rows with values: the features' sums of squares, and noise.
    static func values(
        rows: Int, features: Int, columns: Int, weighted: Bool = false, stream: Int = 2
    ) -> Samples {
        var random = CounterRandom.test(stream)
        let x = random.floats(rows * features)
        var targets: [Float] = []
        for row in 0..<rows {
            let squares = x[row * features..<(row + 1) * features].reduce(0) { $0 + $1 * $1 }
            for _ in 0..<columns { targets.append(squares + random.float(in: -0.3...0.3)) }
        }
        let weights = random.floats(rows, in: 0...2)
        return Samples(
            rowCount: rows, featureCount: features, features: SharedBuffer(x),
            targets: .values(SharedBuffer(targets), columns: columns), weights: weighted ? SharedBuffer(weights) : nil)
    }

    /// Rows with answers of 0 and 1.
    static func answers(rows: Int, features: Int, columns: Int, stream: Int = 3) -> Samples {
        var random = CounterRandom.test(stream)
        let x = random.floats(rows * features)
        let targets = (0..<rows * columns).map { _ in Float(random.int(in: 0...1)) }
        return Samples(
            rowCount: rows, featureCount: features, features: SharedBuffer(x),
            targets: .values(SharedBuffer(targets), columns: columns))
    }
}
