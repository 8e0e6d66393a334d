extension ColumnProfile {
    /// Adds what was learned of the same column in the rows that follow.
    ///
    /// Mean and variance are joined as Chan, Golub and LeVeque (1979) do, without a second pass.
    mutating func merge(_ next: ColumnProfile) {
        let count = Double(numberCount + next.numberCount)
        if next.numberCount > 0 {
            let distance = next.mean - mean
            let share = Double(next.numberCount) / count
            let ownShare = Double(numberCount) / count
            variance = variance * ownShare + next.variance * share + distance * distance * ownShare * share
            mean = numberCount == 0 ? next.mean : mean + distance * share
        }
        missingCount += next.missingCount
        numberCount += next.numberCount
        integerCount += next.integerCount
        textCount += next.textCount
        infiniteCount += next.infiniteCount
        firstText = firstText ?? next.firstText
        if let own = range, let other = next.range {
            range = min(own.lowerBound, other.lowerBound)...max(own.upperBound, other.upperBound)
        } else {
            range = range ?? next.range
        }
        if let times, let other = next.times {
            self.times = times
            self.times?.merge(other)
        } else {
            times = times ?? next.times
        }
        mergeLevels(next.levels)
    }

    private mutating func mergeLevels(_ next: [String: Int]?) {
        guard let next else {
            levels = nil
            return
        }
        levels?.merge(next) { $0 + $1 }
        if levels?.count ?? 0 > Self.levelLimit { levels = nil }
    }
}
