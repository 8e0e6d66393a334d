internal import LinearAlgebra
internal import ModelFile
internal import NeuralNetwork

extension ScoreTally {
    /// Counts of classes, of which there are as many.
    private struct ClassCounts {
        let hits: UnsafeMutablePointer<Int64>
        let actual: UnsafeMutablePointer<Int64>
        let predicted: UnsafeMutablePointer<Int64>
        let classes: Int

        init(_ integers: UnsafeMutablePointer<Int64>, classes: Int) {
            hits = integers
            actual = integers + classes
            predicted = integers + 2 * classes
            self.classes = classes
        }

        func add(actual label: Int, predicted guess: Int) {
            precondition(label >= 0 && label < classes, "A label is an index below \(classes)")
            actual[label] += 1
            predicted[guess] += 1
            if label == guess { hits[label] += 1 }
        }

        var metrics: ClassificationMetrics {
            func counts(_ base: UnsafeMutablePointer<Int64>) -> UnsafeBufferPointer<Int64> {
                UnsafeBufferPointer(start: base, count: classes)
            }
            return ClassificationMetrics(hits: counts(hits), actual: counts(actual), predicted: counts(predicted))
        }
    }

    // MARK: One of several classes

    /// The prediction is the first of the highest scores; a label counts among the five highest where fewer than five are
    /// higher.
    func take(_ block: Block, classes: Int) {
        let counts = ClassCounts(block.integers + layout.counts + 1, classes: classes)
        withUnsafeTemporaryAllocation(of: Int.self, capacity: block.rows.count) { labels in
            for row in block.rows {
                let scores = block.predictions.base + row * classes
                let label = label(block.targets, row: row, columns: classes)
                let guess = largestIndex(scores, count: classes)
                counts.add(actual: label, predicted: guess)
                let labelScore = scores[label]
                var higher = 0
                for index in 0..<classes where scores[index] > labelScore { higher += 1 }
                if higher < 5 { block.integers[layout.counts] += 1 }
                block.confusion?[row] = UInt32(label * classes + guess)
                labels[row] = label
            }
            // Column by column, as they are kept.
            for column in 0..<ranked.columns {
                let index = classes == 2 ? 1 : column
                for row in block.rows {
                    block.ranked.put(
                        block.predictions.base[row * classes + index], isPositive: labels[row] == index, row: row,
                        column: column)
                }
            }
        }
    }

    func takeSecondClass(_ block: Block) {
        let counts = ClassCounts(block.integers + layout.counts + 1, classes: 2)
        let isProbability = scorer.outputActivation == .sigmoid
        for row in block.rows {
            let score = block.predictions.base[row]
            let label = label(block.targets, row: row, columns: 1)
            let guess = score > (isProbability ? 1 - score : 0.5) ? 1 : 0
            counts.add(actual: label, predicted: guess)
            block.confusion?[row] = UInt32(2 * label + guess)
            block.ranked.put(score, isPositive: label == 1, row: row, column: 0)
        }
    }

    /// The class of a row, also where targets are laid out as values: that of the first of the largest, or the second of two
    /// where the only value is above a half.
    private func label(_ targets: TargetView, row: Int, columns: Int) -> Int {
        switch targets {
        case .labels(let labels): Int(labels[row])
        case .values(let values):
            columns == 1 ? (values[row] > 0.5 ? 1 : 0) : largestIndex(values + row * columns, count: columns)
        }
    }

    private func largestIndex(_ values: UnsafePointer<Float>, count: Int) -> Int {
        var best = 0
        for index in 0..<count where values[index] > values[best] { best = index }
        return best
    }

    /// The area is with two classes that of the second against the first, with more the mean of each class against the rest.
    func classMetrics() -> [Metric] {
        let classes = scorer.meaning.classCount
        let metrics = ClassCounts(total + layout.counts + 1, classes: classes).metrics
        let areas = areas().compactMap(\.self)
        let topFive = Double(total[layout.counts]) / Double(max(1, rowCount))
        return [Metric("accuracy", metrics.accuracy)]
            + (classes > 5 ? [Metric("top_5_accuracy", topFive)] : [])
            + (areas.isEmpty ? [] : [Metric("auc", areas.mean)])
            + [
                Metric("precision", metrics.precision), Metric("recall", metrics.recall), Metric("f1", metrics.f1),
            ]
    }

    // MARK: Several questions

    func take(_ block: Block, labels count: Int) {
        guard case .values(let targets) = block.targets else {
            preconditionFailure("Questions have a value each for an answer")
        }
        for row in block.rows {
            for column in 0..<count {
                let score = block.predictions.base[row * count + column]
                let isPositive = targets[row * count + column] > 0.5
                ClassCounts(block.integers + layout.counts + 6 * column, classes: 2)
                    .add(actual: isPositive ? 1 : 0, predicted: score > 1 - score ? 1 : 0)
                block.ranked.put(score, isPositive: isPositive, row: row, column: column)
            }
        }
    }

    /// The means over the questions.
    func labelMetrics(_ count: Int) -> [Metric] {
        let each = (0..<count).map { ClassCounts(total + layout.counts + 6 * $0, classes: 2).metrics }
        let areas = areas().compactMap(\.self)
        return [Metric("accuracy", each.map(\.accuracy).mean)] + (areas.isEmpty ? [] : [Metric("auc", areas.mean)])
            + [
                Metric("precision", each.map(\.precision).mean), Metric("recall", each.map(\.recall).mean),
                Metric("f1", each.map(\.f1).mean),
            ]
    }
}
