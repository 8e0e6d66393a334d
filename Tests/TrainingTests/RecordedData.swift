import LinearAlgebra
import Synchronization
import Tabular
import Training

/// Rows in memory that write down in which order they are visited.
final class RecordedData: TrainingData {
    private let selection: SampleSelection
    private let orders = Mutex<[[UInt32]]>([])

    init(_ samples: Samples) {
        selection = SampleSelection(samples)
    }

    /// The order of every epoch so far.
    var visits: [[UInt32]] { orders.withLock { $0 } }

    var rowCount: Int { selection.count }
    var featureCount: Int { selection.samples.featureCount }
    var targetShape: Samples.TargetShape { selection.targetShape }

    func forEachWindow(
        epoch: Int, from position: Int, batchSize: Int, shuffles: Bool, seed: UInt64,
        _ body: (TrainingWindow) throws -> Bool
    ) throws {
        try selection.forEachWindow(epoch: epoch, from: position, batchSize: batchSize, shuffles: shuffles, seed: seed)
        { window in
            orders.withLock { $0.append(window.order?.elements ?? Array(0..<UInt32(window.count))) }
            return try body(window)
        }
    }
}
