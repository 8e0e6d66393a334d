/// How well a classifier's scores fit the labels.
///
/// Averages over classes are macro averages: every class counts alike, and one without rows is left out.
public struct ClassificationMetrics: Sendable, Hashable {
    /// `confusion[actual][predicted]`: rows.
    public let confusion: [[Int]]
    /// The share of rows whose label has the highest score.
    public let accuracy: Double
    /// The share of rows whose label is among the five highest scores; `nil` with five classes or fewer.
    public let topFiveAccuracy: Double?
    /// The area under the ROC curve: with two classes of the second against the first, with more the mean of each class
    /// against the rest; `nil` where only one class has rows.
    public let auc: Double?
    /// Mean over classes of the share of rows predicted to be of a class that are.
    public let precision: Double
    /// Mean over classes of the share of a class's rows that are predicted to be.
    public let recall: Double
    /// Mean over classes of 2 precision recall / (precision + recall).
    public let f1: Double

    /// - Parameters:
    ///   - scores: rows x classes, row by row; the higher the likelier (probabilities for `auc` over several classes).
    ///   - labels: a class index per row.
    public init(scores: [Float], labels: [Int], classes: Int) {
        precondition(scores.count == labels.count * classes, "There are \(classes) scores for every row")
        var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        var topFive = 0
        for (row, label) in labels.enumerated() {
            let own = scores[row * classes..<(row + 1) * classes]
            let labelScore = own[own.startIndex + label]
            var best = own.startIndex
            var higher = 0
            for index in own.indices {
                if own[index] > own[best] { best = index }
                if own[index] > labelScore { higher += 1 }
            }
            confusion[label][best - own.startIndex] += 1
            if higher < 5 { topFive += 1 }
        }
        let count = Double(max(1, labels.count))
        self.confusion = confusion
        accuracy = Double((0..<classes).reduce(0) { $0 + confusion[$1][$1] }) / count
        topFiveAccuracy = classes > 5 ? Double(topFive) / count : nil
        var precisions: [Double] = []
        var recalls: [Double] = []
        var f1s: [Double] = []
        for index in 0..<classes {
            let hits = Double(confusion[index][index])
            let actual = Double(confusion[index].reduce(0, +))
            let predicted = Double(confusion.reduce(0) { $0 + $1[index] })
            guard actual > 0 else { continue }
            precisions.append(predicted > 0 ? hits / predicted : 0)
            recalls.append(hits / actual)
            f1s.append(2 * hits / (actual + predicted))
        }
        precision = precisions.mean
        recall = recalls.mean
        f1 = f1s.mean
        let classesToRank = classes == 2 ? [1] : Array(0..<classes)
        let areas = classesToRank.compactMap { positive in
            areaUnderROC(
                scores: labels.indices.map { scores[$0 * classes + positive] },
                isPositive: labels.map { $0 == positive })
        }
        auc = areas.isEmpty ? nil : areas.mean
    }
}

/// The area under the ROC curve by ranks, ties counting half (Mann and Whitney 1947); `nil` with one class alone.
public func areaUnderROC(scores: [Float], isPositive: [Bool]) -> Double? {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var rankSum = 0.0
    var first = 0
    while first < order.count {
        var last = first
        while last + 1 < order.count, scores[order[last + 1]] == scores[order[first]] { last += 1 }
        let rank = Double(first + last) / 2 + 1
        for position in first...last where isPositive[order[position]] { rankSum += rank }
        first = last + 1
    }
    let positives = Double(isPositive.count { $0 })
    let negatives = Double(isPositive.count) - positives
    guard positives > 0, negatives > 0 else { return nil }
    return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
}

extension [Double] {
    fileprivate var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}
