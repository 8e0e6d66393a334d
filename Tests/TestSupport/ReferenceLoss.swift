import Foundation
import LinearAlgebra
public import NeuralNetwork

extension Loss {
    /// The mean loss of a batch in double precision: plain sums over the definitions.
    public func exactMean(
        of output: [Double], columns: Int, targets: Targets, weights: [Float]? = nil
    ) -> Double {
        let rows = output.count / columns
        var total = 0.0
        for row in 0..<rows {
            let y = Array(output[row * columns..<(row + 1) * columns])
            total += (weights.map { Double($0[row]) } ?? 1) * exact(y, targets.distribution(row: row, columns: columns))
        }
        return total / Double(rows)
    }

    /// The loss of one row.
    private func exact(_ y: [Double], _ t: [Double]) -> Double {
        let outputs = Double(y.count)
        let pairs = zip(y, t)
        switch self {
        case .softmaxCrossEntropy(let smoothing):
            let largest = y.max() ?? 0
            let normalizer = largest + log(y.reduce(0) { $0 + exp($1 - largest) })
            let s = Double(smoothing)
            return pairs.reduce(0) { $0 + ((1 - s) * $1.1 + s / outputs) * (normalizer - $1.0) }
        case .binaryCrossEntropy(let smoothing):
            let s = Double(smoothing)
            return pairs.reduce(0) { sum, pair in
                sum + ReferenceFunction.softplus(pair.0) - pair.0 * (pair.1 * (1 - s) + s / 2)
            } / outputs
        case .crossEntropy:
            return pairs.reduce(0) { $0 - $1.1 * log(min(max($1.0, 1e-7), 1 - 1e-7)) }
        case .meanSquaredError:
            return pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / outputs
        case .meanAbsoluteError:
            return pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / outputs
        case .huber(let delta):
            let d = Double(delta)
            return pairs.reduce(0) { sum, pair in
                let error = abs(pair.0 - pair.1)
                return sum + (error <= d ? error * error / 2 : d * (error - d / 2))
            } / outputs
        case .halfSquaredError:
            return pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
        case .squaredError:
            return pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
    }

    /// How far the nearest output is from a place where the loss' derivative jumps.
    public func kinkDistance(of output: [Double], columns: Int, targets: Targets) -> Double {
        let rows = output.count / columns
        let t = (0..<rows).flatMap { targets.distribution(row: $0, columns: columns) }
        let distances = zip(output, t).map { y, t in
            switch self {
            case .meanAbsoluteError: abs(y - t)
            case .crossEntropy: min(abs(y - 1e-7), abs(1 - 1e-7 - y))
            // Huber's derivative has a corner, no jump; the central difference across it is still wrong by h.
            case .huber(let delta): abs(abs(y - t) - Double(delta))
            case .softmaxCrossEntropy, .binaryCrossEntropy, .meanSquaredError, .halfSquaredError, .squaredError:
                Double.infinity
            }
        }
        return distances.min() ?? .infinity
    }

    /// One of each, with the options that change the mathematics.
    public static let all: [Loss] = [
        .softmaxCrossEntropy(), .softmaxCrossEntropy(labelSmoothing: 0.1), .binaryCrossEntropy(),
        .binaryCrossEntropy(labelSmoothing: 0.2), .crossEntropy, .meanSquaredError, .meanAbsoluteError, .huber(),
        .huber(delta: 0.5), .halfSquaredError, .squaredError,
    ]
}

extension Targets {
    /// The target of one row as numbers: a label as its one-hot row.
    public func distribution(row: Int, columns: Int) -> [Double] {
        switch self {
        case .labels(let labels): (0..<columns).map { $0 == labels[row] ? 1 : 0 }
        case .values(let values): values.row(row).map(Double.init)
        }
    }
}
