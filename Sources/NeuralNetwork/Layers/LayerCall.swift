public import LinearAlgebra

/// What a layer works on during one forward or backward pass of one shard.
public struct LayerCall: ~Copyable {
    let instruction: Instruction
    let memory: PlanMemory
    /// The rows of this shard.
    public let rows: Int
    /// Whether dropout is active, and for which numbers.
    public let mode: PassMode

    /// The number of inputs.
    public var inputCount: Int { instruction.inputs.count }

    /// Input `index`: rows x size.
    public func input(_ index: Int) -> MatrixView { memory.view(instruction.inputs[index], rows: rows) }

    /// The output, to be written by `forward`.
    public var output: MutableMatrixView { memory.mutableView(instruction.output, rows: rows) }

    /// Room for `memorySize` numbers per row, kept from `forward` to `backward`.
    public var kept: MutableMatrixView { memory.mutableView(instruction.kept, rows: rows) }

    /// Room for `passMemorySize` numbers, kept from `forward` to `backward`.
    var passMemory: UnsafeMutablePointer<Float> { memory.activations + instruction.passMemory.offset }

    /// The whole batch, for a layer whose statistics are the batch's: in training, unless it is frozen.
    var batch: BatchMemory? {
        guard instruction.batchOffset != nil, case .training = mode else { return nil }
        return memory.batch
    }

    /// Where this layer's sums stand among those of a shard.
    var batchOffset: Int { instruction.batchOffset ?? 0 }

    /// This shard's own sums.
    var shardSums: UnsafeMutablePointer<Double> {
        guard let batch = memory.batch else {
            preconditionFailure("A pass with batch normalization needs memory for the sums of the batch")
        }
        return batch.sums + batch.shard * batch.stride + batchOffset
    }

    /// The gradient of the loss with respect to the output; `backward` may overwrite it.
    public var outputGradient: MutableMatrixView { memory.mutableView(instruction.outputGradient, rows: rows) }

    /// Where the gradient with respect to input `index` goes; `nil` where nobody needs it.
    public func inputGradient(_ index: Int) -> MutableMatrixView? {
        guard let slot = instruction.inputGradients[index] else { return nil }
        return memory.mutableView(slot, rows: rows)
    }

    /// Parameter `index` of the layer; a vector is one row.
    public func parameter(_ index: Int) -> MatrixView {
        let slice = instruction.parameters[index]
        return MatrixView(memory.parameters + slice.offset, rows: slice.rows, columns: slice.columns)
    }

    /// Where the gradient of parameter `index` goes.
    public func parameterGradient(_ index: Int) -> MutableMatrixView {
        let slice = instruction.parameters[index]
        guard let gradients = memory.parameterGradients else {
            preconditionFailure("A backward pass needs memory for the gradients of the parameters")
        }
        return MutableMatrixView(gradients + slice.offset, rows: slice.rows, columns: slice.columns)
    }

    /// c = op(a) op(b), timed where the plan's user wants to know.
    func multiply(
        _ a: MatrixView, _ transposeA: Transpose, _ b: MatrixView, _ transposeB: Transpose,
        into c: MutableMatrixView
    ) {
        guard let seconds = memory.productSeconds else {
            return LinearAlgebra.multiply(a, transposeA, b, transposeB, into: c)
        }
        let time = ContinuousClock().measure { LinearAlgebra.multiply(a, transposeA, b, transposeB, into: c) }
        seconds.pointee += time / .seconds(1)
    }

    /// The layer's number in its graph: part of the key of its random numbers.
    var layerIndex: Int { instruction.layerIndex }
}

/// Whether a pass trains or predicts.
public enum PassMode: Sendable, Hashable {
    /// Dropout passes its input through.
    case inference
    /// Dropout is active; its masks are a function of these numbers and the layer alone.
    case training(seed: UInt64, step: UInt64, firstRow: Int)
}
