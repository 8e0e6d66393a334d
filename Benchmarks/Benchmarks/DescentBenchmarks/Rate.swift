import Benchmark

/// What a benchmark gets done in a second: the line of its table in which larger is better.
///
/// Benchmark's statistics are whole numbers of three significant digits, so the units are small.
enum Rate: String {
    case megaflops = "MFLOP/s"
    case megabytes = "MB/s"
    case rows = "rows/s"

    var metric: BenchmarkMetric { .custom(rawValue, polarity: .prefersLarger, useScalingFactor: false) }

    /// The operations, bytes or rows in one of its units.
    private var unit: Double {
        switch self {
        case .megaflops, .megabytes: 1e6
        case .rows: 1
        }
    }

    /// The amount from which a call lasts so long that reading the clock does not matter: some tens of microseconds.
    private var longCall: Int {
        switch self {
        case .megaflops: 10_000_000
        case .megabytes: 1_000_000
        case .rows: 0
        }
    }

    /// How many calls make one sample.
    func scalingFactor(amount: Int) -> BenchmarkScalingFactor { amount < longCall ? .kilo : .one }

    /// The rate as a statistic.
    func value(amount: Double, seconds: Double) -> Int { Int((amount / seconds / unit).rounded()) }

    /// Registers a benchmark that shows this rate beside the time of a call.
    ///
    /// - Parameters:
    ///   - amount: The operations, bytes or rows of one call.
    ///   - duration: How long to go on.
    ///   - setup: Makes up what `call` works on.
    func benchmark<State>(
        _ name: String, amount: Int, for duration: Duration = .milliseconds(300),
        setup: @escaping () throws -> State, call: @escaping (State) throws -> Void
    ) {
        let configuration = Benchmark.Configuration(
            metrics: [metric, .wallClock], units: [metric: .count], scalingFactor: scalingFactor(amount: amount),
            maxDuration: duration)
        Benchmark(name, configuration: configuration) { (benchmark: Benchmark, state: State) throws in
            let calls = benchmark.scaledIterations
            let elapsed = try ContinuousClock().measure {
                for _ in calls { try call(state) }
            }
            benchmark.measurement(
                metric, value(amount: Double(amount * calls.count), seconds: elapsed / .seconds(1)))
        } setup: {
            try setup()
        }
    }
}
