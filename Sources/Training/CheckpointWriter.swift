internal import Dispatch
public import LinearAlgebra
public import ModelFile
public import NeuralNetwork
internal import Synchronization

/// Writes checkpoints while training goes on.
///
/// Training stops for a copy of its weights and moments, into memory that is taken once; building the file, its checksum
/// and the way to disk happen on a thread of their own. One checkpoint is written at a time.
public final class CheckpointWriter: Sendable {
    /// How the writing of a checkpoint ended.
    public struct Outcome: Sendable {
        public var position: TrainingState.Position
        /// `nil` when the checkpoint is on disk. The file before is in place otherwise, and the next checkpoint tries
        /// again.
        public var error: ModelError?
        /// From handing over to the end.
        public var seconds: Double
    }

    private struct Progress {
        var isWriting = false
        var outcomes: [Outcome] = []
    }

    private let output: OutputFile
    private let weights: Parameters
    private let moments: SharedBuffer<Float>
    private let queue = DispatchQueue(label: "descent.checkpoint")
    private let group = DispatchGroup()
    private let progress = Mutex(Progress())

    /// - Parameters:
    ///   - output: The file, which must be held as long as the writer lives.
    ///   - layout: That of the weights.
    ///   - momentCount: How many moments the optimizer keeps.
    public init(to output: OutputFile, layout: ParameterLayout, momentCount: Int) {
        self.output = output
        weights = Parameters(layout: layout)
        moments = SharedBuffer(count: momentCount * layout.bufferCount)
    }

    /// Whether a checkpoint is being written, so that there is no room for another.
    public var isWriting: Bool { progress.withLock { $0.isWriting } }

    /// Copies the weights and the moments and begins to write the checkpoint that `assemble` makes of the copies.
    ///
    /// - Parameter assemble: Called before this returns. Nothing that it puts into the checkpoint may change later, so the
    ///   copies are its weights and moments.
    /// - Precondition: no checkpoint is being written; `wait()` waits for it.
    public func write(
        weights: Parameters, moments: SharedBuffer<Float>,
        _ assemble: (_ weights: Parameters, _ moments: SharedBuffer<Float>) -> Checkpoint
    ) {
        progress.withLock {
            precondition(!$0.isWriting, "A checkpoint is being written; its memory holds no other")
            $0.isWriting = true
        }
        let clock = ContinuousClock()
        let start = clock.now
        self.weights.values.copy(from: weights.values)
        self.moments.copy(from: moments)
        let checkpoint = assemble(self.weights, self.moments)
        queue.async(group: group) { [self] in
            var outcome = Outcome(position: checkpoint.state?.position ?? .init(), error: nil, seconds: 0)
            do throws(ModelError) {
                try checkpoint.write(to: output)
            } catch {
                outcome.error = error
            }
            outcome.seconds = (clock.now - start).seconds
            progress.withLock {
                $0.isWriting = false
                $0.outcomes.append(outcome)
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
