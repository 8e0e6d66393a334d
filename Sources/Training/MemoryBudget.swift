internal import LinearAlgebra
public import NeuralNetwork
internal import Tabular

/// Shares out a limit on the memory of the whole process between network and rows.
public struct MemoryBudget: Sendable, Hashable {
    /// The bytes that the process may have in memory.
    public let limit: Int
    /// The bytes that training takes beside its rows: code and libraries, parameters, gradients, activations, checkpoints.
    public let fixed: Int

    /// What the process takes that nobody here can count: code, the runtime, libraries, and the buffers that BLAS keeps for
    /// each of its callers; measured.
    private static func base(workers: Int) -> Int { (56 + 12 * workers) << 20 }

    /// - Parameters:
    ///   - limit: `nil`: three quarters of the memory that the machine, or the process' group, has. That does not change
    ///     from run to run, as what is free would.
    ///   - recovers: Whether the run keeps a state to go back to.
    public init(
        limit: Int?, for network: Graph, configuration: TrainingConfiguration, rows: Int, workers: Int,
        recovers: Bool = false
    ) {
        // A checkpoint being written is a copy of the state and the file in memory, which may hold the best weights besides.
        // A state to go back to is another copy, one more while a new one is proposed, one more where the checkpoint has an
        // earlier one, and stands in the file as well.
        let states = Double(recovers ? 7 : 3)
        let state = 4 * Double(ParameterLayout(network).bufferCount) * Double(1 + configuration.optimizer.moments.count)
        self.limit = limit ?? Processors.memory / 4 * 3
        fixed =
            Self.base(workers: workers)
            + Int(
                min(
                    Trainer.memory(for: network, configuration: configuration, rows: rows, workers: workers)
                        + states * state,
                    Double(Int.max / 4)))
    }

    /// Blocks of memory that are given back to the system as soon as they are freed (1 MiB): rows and all that grows with them.
    private static let returnedBytes = 1 << 20

    /// Makes the process hold no more than it uses, or little: what is freed would otherwise stay with whichever thread used
    /// it, up to 100 MiB each, which nobody can count. To be called before there are several threads; it costs system calls
    /// for large blocks, and so is for those who ask for a limit.
    public static func returnFreeMemory() { returnFreedBlocks(ofBytes: returnedBytes) }

    /// The bytes that rows may take. A sixteenth is left for what no rule foresees.
    public var forRows: Int { max(0, limit - limit / 16 - fixed) }

    /// The bytes that scoring takes beside the rows and the activations: at most some tens of MiB, and less of few rows.
    public static func scoringBytes(rows: Int, by scorer: Scorer, workers: Int, ranks: Int) -> Int {
        ScoreTally.memory(scorer, rows: rows, workers: workers, ranks: ranks)
    }

    /// The rows of a window when two are in memory at once; a multiple of the batch size.
    ///
    /// - Parameters:
    ///   - rowBytes: What a row of a window takes.
    ///   - blockBytes: What a block takes that is being read.
    ///   - kept: What is kept of all rows.
    ///   - between: The most bytes that something else takes while no windows are in memory, like scoring.
    /// - Returns: `nil` when not even a few batches fit.
    public func windowRows(rowBytes: Int, blockBytes: Int, kept: Int, between: Int, batchSize: Int) -> Int? {
        let rest = forRows - kept - 4 * blockBytes
        guard rest > between else { return nil }
        let batches = rest / 2 / rowBytes / batchSize
        return batches >= 4 ? batches * batchSize : nil
    }
}
