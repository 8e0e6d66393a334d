internal import Descent

/// What a person sees while training: a live line on a terminal, a line now and then elsewhere.
struct ProgressReport {
    enum Style: String, CaseIterable {
        /// `live` on a terminal, `plain` otherwise.
        case auto
        /// A line per epoch, and one every half minute of a long epoch.
        case plain
        case none
    }

    private let isLive: Bool
    private let isSilent: Bool
    private let epochs: Int
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?
    private var liveLineIsDrawn = false
    private var lastValidation = ""

    init(style: Style, isQuiet: Bool, epochs: Int) {
        isLive = style == .auto && standardErrorIsTerminal && !isQuiet
        isSilent = style == .none || isQuiet
        self.epochs = epochs
        start = clock.now
    }

    /// Between steps.
    mutating func update(_ progress: Training.Progress) {
        guard !isSilent else { return }
        let now = clock.now
        if isLive {
            if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
        } else {
            guard now - (lastDrawn ?? start) >= .seconds(30) else { return }
        }
        lastDrawn = now
        let done = Double(progress.epoch - 1) + Double(progress.rows) / Double(max(1, progress.totalRows))
        let elapsed = (now - start).seconds
        let left = done > 0 ? elapsed / done * (Double(epochs) - done) : 0
        let line =
            "epoch \(progress.epoch)/\(epochs)  \(NumberFormat.grouped(progress.rows))/\(NumberFormat.grouped(progress.totalRows)) rows"
            + "  \(NumberFormat.rate(progress.samplesPerSecond)) rows/s  loss \(NumberFormat.metric(progress.loss))\(lastValidation)"
            + "  \(NumberFormat.duration(left)) left"
        if isLive {
            printToStandardError("\r\u{1B}[K" + line, terminator: "")
            liveLineIsDrawn = true
        } else {
            printToStandardError(line)
        }
    }

    /// After an epoch.
    mutating func report(_ record: EpochRecord) {
        if let validation = record.metrics.first(where: { $0.name.hasPrefix("val_") && $0.name != "val_loss" }) {
            lastValidation = "  \(validation.name) \(NumberFormat.metric(validation.value))"
        }
        guard !isSilent else { return }
        clearLiveLine()
        if !isLive { lastDrawn = clock.now }
        let width = String(epochs).count
        let number = String(repeating: " ", count: width - min(width, String(record.epoch).count)) + "\(record.epoch)"
        let shown = record.metrics.filter { Self.shown.contains($0.name) }
        printToStandardError(
            "epoch \(number)/\(epochs)  "
                + shown.map { "\($0.name) \(NumberFormat.metric($0.value))" }.joined(separator: "  ")
                + "  \(NumberFormat.rate(record.samplesPerSecond)) rows/s")
    }

    /// Removes the live line, so that another can be printed.
    mutating func clearLiveLine() {
        guard liveLineIsDrawn else { return }
        printToStandardError("\r\u{1B}[K", terminator: "")
        liveLineIsDrawn = false
    }

    /// The metrics worth a place in the line; the log has all.
    private static let shown: Set<String> = [
        "loss", "accuracy", "mse", "val_loss", "val_accuracy", "val_rmse", "val_r2",
    ]
}
