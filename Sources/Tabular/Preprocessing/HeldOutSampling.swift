internal import LinearAlgebra

/// Decides row by row, in the order of the table, which rows are held out: of every class its share, exactly.
///
/// Sequential sampling (Fan, Muller and Rezucha 1962; Knuth's Algorithm S): of a class with r rows left, h of them still
/// to be held out, the next is held out with probability h / r. Whether it is depends on the seed, the class and the
/// row's number in its class alone, and nothing is kept in memory but three numbers per class.
struct HeldOutSampling {
    private struct Class {
        var rowsLeft: UInt64
        var owed: UInt64
        var random: CounterRandom
    }

    private var classes: [Class]
    /// The rows that train and that are held out.
    let trainingCount: Int
    let validationCount: Int

    /// `nil` when a share would be empty.
    ///
    /// - Parameter totals: The rows of every class.
    init?(totals: [Int], share: Double, seed: UInt64) {
        var classes: [Class] = []
        // The fraction that rounding leaves over is carried to the next class, so that the total share is exact too.
        var owed = 0.0
        var held = 0
        for (index, total) in totals.enumerated() {
            owed += share * Double(total)
            // A class that has rows keeps one to learn from.
            let count = min(max(0, Int(owed.rounded())), max(0, total - 1))
            owed -= Double(count)
            held += count
            classes.append(
                Class(
                    rowsLeft: UInt64(total), owed: UInt64(count),
                    random: CounterRandom(seed: seed, purpose: .splitting, stream: UInt64(index))))
        }
        self.classes = classes
        validationCount = held
        trainingCount = totals.reduce(0, +) - held
        if validationCount == 0 || trainingCount == 0 { return nil }
    }

    /// Whether the next row, which is of this class, is held out.
    ///
    /// - Precondition: the class has no more rows than its total said.
    mutating func holdsOutNext(of index: Int) -> Bool {
        precondition(classes[index].rowsLeft > 0, "Class \(index) has more rows than were counted")
        let isHeldOut = classes[index].random.integer(below: classes[index].rowsLeft) < classes[index].owed
        classes[index].rowsLeft -= 1
        if isHeldOut { classes[index].owed -= 1 }
        return isHeldOut
    }

    /// Decides on rows that somebody else reads, of every class so many.
    mutating func skip(_ counts: [Int]) {
        for (index, count) in counts.enumerated() {
            for _ in 0..<count { _ = holdsOutNext(of: index) }
        }
    }
}

extension Samples {
    /// The rows of every class; all rows as one where there are no classes.
    var classTotals: [Int] {
        guard case .labels(let labels, let classes) = targets else { return [rowCount] }
        var totals = Array(repeating: 0, count: classes)
        for row in 0..<rowCount { totals[Int(labels.base[row])] += 1 }
        return totals
    }

    /// The class by which a row is split; 0 where there are no classes.
    func splittingClass(_ row: Int) -> Int {
        guard case .labels(let labels, _) = targets else { return 0 }
        return Int(labels.base[row])
    }
}
