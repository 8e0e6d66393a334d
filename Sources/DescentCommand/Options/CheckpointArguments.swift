internal import ArgumentParser
internal import Descent

/// When training is saved while it goes on, and whether it goes on from what was saved.
struct CheckpointArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How often the model and all that training needs to go on is saved: such as 1epoch, 500steps, 10min.",
            valueName: "interval"))
    var checkpointEvery = CheckpointInterval.time(seconds: 600)

    @Option(help: ArgumentHelp("Files that were saved before and are kept beside the last.", valueName: "n"))
    var keep = 1

    @Flag(
        help: """
            Go on from what --output holds, to the same bytes as if nothing had happened; from the start where there is no \
            such file.
            """)
    var resume = false

    @Flag(help: "Go on although data or settings are others than those of the file.")
    var force = false

    /// What to do about a loss or a gradient that is not finite.
    enum NonFinitePolicy: String, CaseIterable, ExpressibleByArgument {
        case stop
        case rollback
    }

    @Option(
        help: """
            What a loss or gradient that is not finite does: stop: it ends the run, and the last checkpoint stays; rollback: \
            the run goes back to the end of the last epoch, or the last multiple of --checkpoint-every in steps, and goes \
            on with half the learning rate.
            """)
    var onNonfinite = NonFinitePolicy.stop

    @Option(help: ArgumentHelp("How often a run goes back before it stops. (default: 3)", valueName: "n"))
    var rollbacks: Int?

    var recovery: Training.Recovery? {
        guard onNonfinite == .rollback else { return nil }
        var recovery = Training.Recovery(limit: rollbacks ?? 3)
        if case .steps(let count) = checkpointEvery { recovery.steps = count }
        return recovery
    }

    func validate() throws {
        guard rollbacks == nil || onNonfinite == .rollback else {
            throw ValidationError("--rollbacks is for --on-nonfinite rollback")
        }
        guard rollbacks.map({ (1...1000).contains($0) }) ?? true else {
            throw ValidationError("--rollbacks is a number from 1 to 1000, not \(rollbacks ?? 0)")
        }
        guard (0...1000).contains(keep) else { throw ValidationError("--keep is a number from 0 to 1000, not \(keep)") }
        guard resume || !force else { throw ValidationError("--force is for --resume") }
    }
}

/// How often a checkpoint is due.
enum CheckpointInterval: ExpressibleByArgument, Hashable, CustomStringConvertible {
    case epochs(Int)
    case steps(Int)
    case time(seconds: Double)

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        switch argument.dropFirst(digits.count).trimmingPrefix(" ") {
        case "epoch", "epochs":
            guard let epochs = Int(digits), epochs > 0, epochs <= 1 << 30 else { return nil }
            self = .epochs(epochs)
        case "step", "steps":
            guard let steps = Int(digits), steps > 0, steps <= 1 << 40 else { return nil }
            self = .steps(steps)
        case let unit:
            let units = ["s": 1.0, "sec": 1, "m": 60, "min": 60, "h": 3600]
            guard let factor = units[String(unit)], let time = Double(digits), time > 0, time <= 1e6 else { return nil }
            self = .time(seconds: factor * time)
        }
    }

    var description: String {
        switch self {
        case .epochs(let count): "\(count)epoch\(count == 1 ? "" : "s")"
        case .steps(let count): "\(count)step\(count == 1 ? "" : "s")"
        case .time(let seconds):
            seconds.truncatingRemainder(dividingBy: 60) == 0 ? "\(Int(seconds / 60))min" : "\(seconds)s"
        }
    }

    var defaultValueDescription: String { description }
}
