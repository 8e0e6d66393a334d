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

    package init(
        activations: UnsafeMutablePointer<Float>, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
        parameterGradients: UnsafeMutablePointer<Float>?, productSeconds: UnsafeMutablePointer<Double>? = nil
    ) {
        self.activations = activations
        self.input = input
        self.parameters = parameters
        self.parameterGradients = parameterGradients
        self.productSeconds = productSeconds
    }

    func view(_ slot: Slot, rows: Int) -> MatrixView {
        let base = slot.offset == Slot.callersInput ? input : UnsafePointer(activations + slot.offset)
        return MatrixView(base, rows: rows, columns: slot.columns)
    }

    func mutableView(_ slot: Slot, rows: Int) -> MutableMatrixView {
        MutableMatrixView(activations + slot.offset, rows: rows, columns: slot.columns)
    }
}
