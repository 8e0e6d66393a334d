internal import LinearAlgebra

/// Rows held out at random, a function of the seed alone; of every class the same share.
struct Split {
    let training: [UInt32]
    let validation: [UInt32]

    /// `nil` when a share would be empty.
    init?(_ samples: Samples, share: Double, seed: UInt64) {
        var groups: [[UInt32]]
        switch samples.targets {
        case .labels(let labels, let classes):
            groups = Array(repeating: [], count: classes)
            for row in 0..<samples.rowCount { groups[Int(labels.base[row])].append(UInt32(row)) }
        case .values, .none:
            groups = [Array(0..<UInt32(samples.rowCount))]
        }
        var held: [Bool] = Array(repeating: false, count: samples.rowCount)
        // The fraction that rounding leaves over is carried to the next class, so that the total share is exact too.
        var owed = 0.0
        for (index, group) in groups.enumerated() {
            var group = group
            var random = CounterRandom(seed: seed, purpose: .splitting, stream: UInt64(index))
            random.shuffle(&group)
            owed += share * Double(group.count)
            // A class that has rows keeps one to learn from.
            let count = min(max(0, Int(owed.rounded())), max(0, group.count - 1))
            owed -= Double(count)
            for row in group.prefix(count) { held[Int(row)] = true }
        }
        validation = (0..<UInt32(samples.rowCount)).filter { held[Int($0)] }
        training = (0..<UInt32(samples.rowCount)).filter { !held[Int($0)] }
        if validation.isEmpty || training.isEmpty { return nil }
    }
}
