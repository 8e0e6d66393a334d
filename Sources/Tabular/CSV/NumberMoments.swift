/// Count, mean, spread and bounds of numbers.
struct NumberMoments: Sendable {
    private(set) var count = 0
    /// Those written without a fraction or an exponent.
    private(set) var integerCount = 0
    private(set) var mean = 0.0
    /// The sum of the squared distances from the mean.
    private var squares = 0.0
    private(set) var smallest = Double.infinity
    private(set) var largest = -Double.infinity

    init() {}

    /// Takes over sums about a pivot, which is one of the numbers; it must be, or little is left of the squares of numbers
    /// far from 0.
    init(
        count: Int, integerCount: Int, pivot: Double, sum: Double, squares: Double, smallest: Double, largest: Double
    ) {
        guard count > 0 else { return }
        self.count = count
        self.integerCount = integerCount
        let distance = sum / Double(count)
        mean = pivot + distance
        self.squares = max(0, squares - sum * distance)
        self.smallest = smallest
        self.largest = largest
    }

    /// The population variance; 0 where there is no number.
    var variance: Double { count > 0 ? squares / Double(count) : 0 }

    /// Adds a number (Welford 1962).
    mutating func add(_ value: Double, isInteger: Bool) {
        count += 1
        if isInteger { integerCount += 1 }
        smallest = min(smallest, value)
        largest = max(largest, value)
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
    }

    /// Adds the numbers of the rows that follow (Chan, Golub and LeVeque 1979).
    mutating func merge(_ next: NumberMoments) {
        guard next.count > 0 else { return }
        guard count > 0 else {
            self = next
            return
        }
        let total = Double(count + next.count)
        let distance = next.mean - mean
        squares += next.squares + distance * distance * Double(count) * Double(next.count) / total
        mean += distance * Double(next.count) / total
        count += next.count
        integerCount += next.integerCount
        smallest = min(smallest, next.smallest)
        largest = max(largest, next.largest)
    }
}
