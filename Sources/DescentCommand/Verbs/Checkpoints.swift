internal import Descent

/// Saves a run while it goes on, and finds what an earlier one has saved. Of several ranks the first writes.
final class Checkpoints {
    /// `nil` on ranks that do not write.
    private let output: OutputFile?
    private let interval: CheckpointInterval
    private let writer: CheckpointWriter?
    private let settings: JSONValue
    private let identity: RunIdentity
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant
    private var lastStep = 0
    private var lastEpoch = 0
    /// A checkpoint that was due while another was being written.
    private var isDue = false
    /// The last step of this run that is on disk.
    private var savedStep: Int?

    init(_ output: OutputFile?, every interval: CheckpointInterval, settings: JSONValue, identity: RunIdentity) {
        self.output = output
        self.interval = interval
        self.settings = settings
        self.identity = identity
        writer = output.map { CheckpointWriter(to: $0) }
        last = clock.now
    }

    /// What the output file holds; `nil` where there is none.
    static func found(at path: String) throws -> Found<Checkpoint>? {
        do {
            return try Checkpoint.newest(at: path)
        } catch let error where error.kind == .noInput {
            return nil
        }
    }

    /// Puts a run where a checkpoint stood.
    ///
    /// - Parameter isForced: Whether other data and settings are accepted.
    /// - Returns: sentences for the user.
    func resume(_ training: Training, from found: Found<Checkpoint>, isForced: Bool) throws -> [String] {
        // Where the newest file could not be used, the reason belongs to whatever is said of the one before.
        let subject = found.note.map { "\($0); that one" } ?? "\(found.path):"
        guard let run = found.value.run else {
            throw Failure(.badData, "\(subject) holds a model, and nothing from which its training could go on")
        }
        let differences = identity.differences(from: run.identity)
        let grave = differences.filter { $0.kind == .data || $0.kind == .settings }
        guard grave.isEmpty || isForced else {
            throw Failure(
                grave.contains { $0.kind == .data } ? .badData : .usage,
                "\(subject) is of another run: " + grave.map(\.description).joined(separator: "; ")
                    + "; --force goes on all the same")
        }
        try training.resume(from: run.state, rollbackPoint: run.rollbackPoint)
        savedStep = training.step
        lastStep = training.step
        lastEpoch = training.history.count
        var notes = found.note.map { [$0] } ?? []
        notes += differences.map { "\($0.description): the weights will not be those of an uninterrupted run" }
        notes.append(
            "going on after step \(NumberFormat.grouped(training.step)), with \(training.history.count) of "
                + "\(training.plannedEpochs) epochs complete")
        return notes
    }

    /// Saves if it is time, or somebody asked for it; returns at once. Common to all ranks.
    ///
    /// - Returns: sentences on how earlier checkpoints ended, where they failed.
    func save(_ training: Training) -> [String] {
        let (due, busy): (UInt32, UInt32) = (1, 2)
        let isAsked = isTime(training) || Interruption.takeSaveRequest()
        let votes = training.communicator.union((isAsked ? due : 0) | (writer?.isWriting ?? false ? busy : 0))
        if votes & due != 0 { isDue = true }
        // Where a weight is not finite, the next step says so, and the file before is the better one.
        if isDue, votes & busy == 0, training.hasFiniteWeights {
            isDue = false
            last = clock.now
            lastStep = training.step
            lastEpoch = training.history.count
            if let writer {
                writer.write { spare in checkpoint(training, reusing: spare) }
            } else {
                _ = training.gatherState(reusing: nil)
            }
        }
        return failures
    }

    /// The run has gone back: steps that were saved are taken again, and are to be saved again.
    func noteRollback(_ training: Training) {
        isDue = true
        lastStep = min(lastStep, training.step)
        lastEpoch = min(lastEpoch, training.history.count)
    }

    /// Waits for what is being written.
    ///
    /// - Returns: a sentence on what is there; none on a rank that does not write.
    func finish() -> String {
        guard let output else { return "" }
        writer?.wait()
        let failures = failures
        let kept =
            savedStep.map {
                "The checkpoint of step \(NumberFormat.grouped($0)) stays in \(output.path), and --resume goes on from it."
            } ?? "No checkpoint of this run had been saved."
        return (failures + [kept]).joined(separator: " ")
    }

    /// Saves now; it is on disk when this returns, on any rank.
    func saveAtOnce(_ training: Training) throws {
        if let output {
            writer?.wait()
            try checkpoint(training, reusing: nil).write(to: output)
        } else {
            _ = training.gatherState(reusing: nil)
        }
        training.communicator.meet()
    }

    private func isTime(_ training: Training) -> Bool {
        switch interval {
        case .epochs(let count): training.history.count >= lastEpoch + count
        case .steps(let count): training.step / count > lastStep / count
        case .time(let seconds): (clock.now - last).seconds >= seconds && training.step > lastStep
        }
    }

    /// For the rank that writes.
    private func checkpoint(_ training: Training, reusing spare: TrainingState?) -> Checkpoint {
        guard let state = training.gatherState(reusing: spare) else {
            preconditionFailure("The rank that writes has the state of all")
        }
        var model = training.model(of: state)
        model.settings = settings
        return Checkpoint(
            model: model,
            run: Checkpoint.Run(state: state, identity: identity, rollbackPoint: training.rollbackPoint))
    }

    private var failures: [String] {
        (writer?.takeOutcomes() ?? []).compactMap { outcome in
            if outcome.error == nil { savedStep = outcome.step }
            return outcome.error.map {
                "the checkpoint of step \(NumberFormat.grouped(outcome.step)) could not be saved: \($0); training goes on, "
                    + "and the next one tries again"
            }
        }
    }
}
