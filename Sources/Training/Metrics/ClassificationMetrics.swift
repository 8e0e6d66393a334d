/// How well the predicted classes of rows are the actual ones, from counts.
///
/// Averages over classes are macro averages: every class counts alike, and one without rows is left out.
struct ClassificationMetrics {
    /// The share of rows whose label has the highest score.
    let accuracy: Double
    /// Mean over classes of the share of rows predicted to be of a class that are.
    let precision: Double
    /// Mean over classes of the share of a class's rows that are predicted to be.
    let recall: Double
    /// Mean over classes of 2 precision recall / (precision + recall).
    let f1: Double

    /// - Parameters:
    ///   - hits: Of every class, the rows that are of it and predicted to be.
    ///   - actual: Those that are of it.
    ///   - predicted: Those predicted to be.
    init(hits: some Collection<Int64>, actual: some Collection<Int64>, predicted: some Collection<Int64>) {
        var precisions: [Double] = []
        var recalls: [Double] = []
        var f1s: [Double] = []
        for (hits, (actual, predicted)) in zip(hits, zip(actual, predicted)) where actual > 0 {
            precisions.append(predicted > 0 ? Double(hits) / Double(predicted) : 0)
            recalls.append(Double(hits) / Double(actual))
            f1s.append(2 * Double(hits) / Double(actual + predicted))
        }
        accuracy = Double(hits.reduce(0, +)) / Double(max(1, actual.reduce(0, +)))
        precision = precisions.mean
        recall = recalls.mean
        f1 = f1s.mean
    }
}

extension [Double] {
    /// 0 where there are none.
    var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}
