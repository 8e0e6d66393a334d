internal import Dispatch
public import ModelFile
internal import Synchronization

/// Writes checkpoints while training goes on.
///
/// Training stops for a copy of its state; building the file, its checksum and the way to disk happen on a thread of
/// their own. One checkpoint is written at a time.
public final class CheckpointWriter: Sendable {
    /// How the writing of a checkpoint ended.
    public struct Outcome: Sendable {
        /// The step of the run after which it was taken.
        public var step: Int
        /// `nil` when the checkpoint is on disk. The file before is in place otherwise, and the next checkpoint tries
        /// again.
        public var error: ModelError?
        /// From handing over to the end.
        public var seconds: Double
    }

    private struct Progress {
        var isWriting = false
        var outcomes: [Outcome] = []
        /// The last that was written, for its memory.
        var spare: Checkpoint?
    }

    private let output: OutputFile
    private let queue = DispatchQueue(label: "descent.checkpoint")
    private let group = DispatchGroup()
    private let progress = Mutex(Progress())

    /// - Parameter output: The file, which this process must hold as long as the writer lives.
    public init(to output: OutputFile) {
        self.output = output
    }

    /// Whether a checkpoint is being written, so that another would have to wait.
    public var isWriting: Bool { progress.withLock { $0.isWriting } }

    /// Begins to write a checkpoint, when the one before is written.
    ///
    /// - Parameter make: Makes the checkpoint, before this returns; nothing in it may change later. Its argument is the
    ///   state of an earlier checkpoint, whose buffers may be used again: see `Training.state(reusing:)`.
    public func write(_ make: (_ spare: TrainingState?) throws -> Checkpoint) rethrows {
        wait()
        let clock = ContinuousClock()
        let start = clock.now
        let spare = progress.withLock { progress in
            defer { progress.spare = nil }
            return progress.spare
        }
        let checkpoint = try make(spare?.run?.state)
        progress.withLock { $0.isWriting = true }
        queue.async(group: group) { [self] in
            var outcome = Outcome(step: checkpoint.run?.state.step ?? 0, error: nil, seconds: 0)
            do throws(ModelError) {
                try checkpoint.write(to: output)
            } catch {
                outcome.error = error
            }
            outcome.seconds = (clock.now - start).seconds
            progress.withLock { progress in
                progress.isWriting = false
                progress.outcomes.append(outcome)
                progress.spare = checkpoint
            }
        }
    }

    /// Waits for the checkpoint being written, if any.
    public func wait() {
        group.wait()
    }

    /// How the checkpoints ended that were written since this was last asked, in their order.
    public func takeOutcomes() -> [Outcome] {
        progress.withLock { progress in
            defer { progress.outcomes = [] }
            return progress.outcomes
        }
    }
}
