/// How far predictions are from their targets, in the target's own units; several outputs are averaged.
public struct RegressionMetrics: Sendable, Hashable {
    /// The mean of (y - t)².
    public let mse: Double
    /// The mean of |y - t|.
    public let mae: Double
    /// √mse.
    public let rmse: Double
    /// 1 - Σ (y - t)² / Σ (t - mean t)², the mean over outputs; `nil` where an output's targets are all equal.
    public let r2: Double?

    /// - Parameters:
    ///   - predictions: rows x outputs, row by row.
    ///   - targets: the same.
    public init(predictions: [Double], targets: [Double], outputs: Int) {
        precondition(predictions.count == targets.count, "There is a prediction for every target")
        let rows = targets.count / max(1, outputs)
        var squares = 0.0
        var absolutes = 0.0
        var r2s: [Double] = []
        for output in 0..<outputs {
            var mean = 0.0
            for row in 0..<rows { mean += targets[row * outputs + output] }
            mean /= Double(max(1, rows))
            var residual = 0.0
            var total = 0.0
            for row in 0..<rows {
                let target = targets[row * outputs + output]
                let error = predictions[row * outputs + output] - target
                residual += error * error
                absolutes += abs(error)
                total += (target - mean) * (target - mean)
            }
            squares += residual
            if total > 0 { r2s.append(1 - residual / total) }
        }
        let count = Double(max(1, targets.count))
        mse = squares / count
        mae = absolutes / count
        rmse = mse.squareRoot()
        r2 = r2s.count == outputs && outputs > 0 ? r2s.reduce(0, +) / Double(outputs) : nil
    }
}
