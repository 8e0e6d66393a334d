internal import LinearAlgebra
internal import ModelFile
internal import NeuralNetwork

/// The sums of one output's errors, and of its targets t, all scaled.
struct ErrorSums {
    /// The integers that they take.
    static let size = 4 * ExactSum.size

    /// Σ (y - t)².
    let squaredErrors: ExactSum
    /// Σ |y - t|.
    let absoluteErrors: ExactSum
    let targets: ExactSum
    /// Σ t².
    let squaredTargets: ExactSum

    init(_ integers: UnsafeMutablePointer<Int64>) {
        squaredErrors = ExactSum(integers)
        absoluteErrors = ExactSum(integers + ExactSum.size)
        targets = ExactSum(integers + 2 * ExactSum.size)
        squaredTargets = ExactSum(integers + 3 * ExactSum.size)
    }

    func add(prediction: Float, target: Float) {
        let target = Double(target)
        let error = Double(prediction) - target
        squaredErrors.add(error * error)
        absoluteErrors.add(abs(error))
        targets.add(target)
        squaredTargets.add(target * target)
    }

    func carry() {
        for sum in [squaredErrors, absoluteErrors, targets, squaredTargets] { sum.carry() }
    }

    /// 1 - Σ (y - t)² / Σ (t - mean t)²; `nil` where the targets are all equal.
    func r2(rows: Int) -> Double? {
        let spread = ExactSum.squaredDeviations(sum: targets, squares: squaredTargets, count: rows)
        return spread > 0 ? 1 - squaredErrors.value / spread : nil
    }
}

extension ScoreTally {
    func take(_ block: Block, values count: Int) {
        guard case .values(let targets) = block.targets else {
            preconditionFailure("Values are compared with values")
        }
        for column in 0..<count {
            let sums = ErrorSums(block.integers + layout.counts + column * ErrorSums.size)
            for row in block.rows {
                sums.add(
                    prediction: block.predictions.base[row * count + column], target: targets[row * count + column])
            }
            sums.carry()
        }
    }

    /// In the units of the data, averaged over the outputs: `mse`, `mae`, `rmse`, and `r2` unless an output's targets are all
    /// equal.
    func valueMetrics(_ deviations: [Double]) -> [Metric] {
        var squares = 0.0
        var absolutes = 0.0
        var r2s: [Double] = []
        for (column, deviation) in deviations.enumerated() {
            let sums = ErrorSums(total + layout.counts + column * ErrorSums.size)
            squares += sums.squaredErrors.value * deviation * deviation
            absolutes += sums.absoluteErrors.value * abs(deviation)
            if let r2 = sums.r2(rows: rowCount) { r2s.append(r2) }
        }
        let count = Double(max(1, rowCount * deviations.count))
        let mse = squares / count
        return [Metric("mse", mse), Metric("mae", absolutes / count), Metric("rmse", mse.squareRoot())]
            + (r2s.count == deviations.count && !r2s.isEmpty ? [Metric("r2", r2s.mean)] : [])
    }
}
