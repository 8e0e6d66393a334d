/// What a person sees while rows go by: a live line on a terminal, nothing elsewhere.
struct RowReport {
    private let verb: String
    private let isQuiet: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?
    private var isDrawn = false

    /// - Parameter verb: What is done to the rows: `converted`.
    init(_ verb: String, isQuiet: Bool) {
        self.verb = verb
        self.isQuiet = isQuiet
        start = clock.now
    }

    /// A line that stays.
    mutating func say(_ line: String) {
        guard !isQuiet else { return }
        clear()
        printToStandardError(line)
    }

    /// - Parameter total: `nil` where it is not known.
    mutating func update(rows: Int, of total: Int?) {
        guard !isQuiet, standardErrorIsTerminal else { return }
        let now = clock.now
        if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
        lastDrawn = now
        let seconds = (now - start).components.seconds
        let rate = Double(rows) / max(0.1, Double(seconds))
        let share = total.map { "/\(NumberFormat.grouped($0))" } ?? ""
        printToStandardError(
            "\r\u{1B}[K\(NumberFormat.grouped(rows))\(share) rows \(verb)  \(NumberFormat.rate(rate)) rows/s",
            terminator: "")
        isDrawn = true
    }

    /// Removes the live line.
    mutating func clear() {
        guard isDrawn else { return }
        printToStandardError("\r\u{1B}[K", terminator: "")
        isDrawn = false
    }
}
