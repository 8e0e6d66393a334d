internal import LinearAlgebra

/// The memory of one pass: a worker's own, and what it reads and writes of others'.
package struct PlanMemory {
    /// `Plan.memoryCount` floats for activations and their gradients.
    let activations: UnsafeMutablePointer<Float>
    /// The rows of the graph's input, where it has a single one.
    let input: UnsafePointer<Float>
    let parameters: UnsafePointer<Float>
    /// The shard's own gradients, in the layout of the parameters.
    let parameterGradients: UnsafeMutablePointer<Float>?
    /// Where the seconds spent in matrix products are added up, when somebody asks.
    let productSeconds: UnsafeMutablePointer<Double>?
    /// What the shards of the batch sum up together; needed by plans of several stages.
    let batch: BatchMemory?

    package init(
        activations: UnsafeMutablePointer<Float>, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
        parameterGradients: UnsafeMutablePointer<Float>?, productSeconds: UnsafeMutablePointer<Double>? = nil,
        batch: BatchMemory? = nil
    ) {
        self.activations = activations
        self.input = input
        self.parameters = parameters
        self.parameterGradients = parameterGradients
        self.productSeconds = productSeconds
        self.batch = batch
    }

    func view(_ slot: Slot, rows: Int) -> MatrixView {
        let base = slot.offset == Slot.callersInput ? input : UnsafePointer(activations + slot.offset)
        return MatrixView(base, rows: rows, columns: slot.columns)
    }

    func mutableView(_ slot: Slot, rows: Int) -> MutableMatrixView {
        MutableMatrixView(activations + slot.offset, rows: rows, columns: slot.columns)
    }
}

/// Where the shards of a batch leave what needs the whole batch: every shard writes sums of its own, and between two
/// stages of the plan all of them are there to be read.
package struct BatchMemory {
    /// Shards x `Plan.batchSumCount`.
    let sums: UnsafeMutablePointer<Double>
    /// From one shard's sums to the next one's.
    let stride: Int
    /// The shard at hand, and how many the batch has.
    let shard: Int
    let shards: Int
    /// The rows of the whole batch.
    let rows: Int

    package init(sums: UnsafeMutablePointer<Double>, stride: Int, shard: Int, shards: Int, rows: Int) {
        self.sums = sums
        self.stride = stride
        self.shard = shard
        self.shards = shards
        self.rows = rows
    }
}
