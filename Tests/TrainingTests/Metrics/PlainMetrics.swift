import Foundation

/// Metrics as their definitions say, from all rows at once.
struct PlainMetrics {
    var mse = 0.0
    var mae = 0.0
    var r2: Double?

    /// Of values: rows x outputs each.
    init(predictions: [Double], targets: [Double], outputs: Int) {
        let errors = zip(predictions, targets).map { $0 - $1 }
        let count = Double(max(1, targets.count))
        mse = errors.reduce(0) { $0 + $1 * $1 } / count
        mae = errors.reduce(0) { $0 + abs($1) } / count
        let each = (0..<outputs).map { output in
            let rows = stride(from: output, to: targets.count, by: outputs)
            let mean = rows.reduce(0) { $0 + targets[$1] } / Double(max(1, rows.underestimatedCount))
            let spread = rows.reduce(0) { $0 + (targets[$1] - mean) * (targets[$1] - mean) }
            return spread > 0 ? 1 - rows.reduce(0) { $0 + errors[$1] * errors[$1] } / spread : Double.nan
        }
        r2 = each.contains(where: \.isNaN) || each.isEmpty ? nil : each.reduce(0, +) / Double(outputs)
    }

    /// `confusion[actual][predicted]`, the first of the highest scores being the prediction.
    static func confusion(scores: [Float], labels: [Int], classes: Int) -> [[Int]] {
        var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        for (row, label) in labels.enumerated() {
            let own = Array(scores[row * classes..<(row + 1) * classes])
            confusion[label][own.firstIndex(of: own.max() ?? 0) ?? 0] += 1
        }
        return confusion
    }

    /// The share of pairs of a positive and a negative whose scores are in order, ties counting half.
    static func area(scores: [Float], isPositive: [Bool]) -> Double? {
        let positives = zip(scores, isPositive).filter(\.1).map(\.0)
        let negatives = zip(scores, isPositive).filter { !$0.1 }.map(\.0)
        guard !positives.isEmpty, !negatives.isEmpty else { return nil }
        var doubled = 0
        for positive in positives {
            for negative in negatives { doubled += positive > negative ? 2 : positive == negative ? 1 : 0 }
        }
        return Double(doubled) / Double(2 * positives.count * negatives.count)
    }
}
