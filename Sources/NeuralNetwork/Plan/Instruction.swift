/// One layer of a compiled graph, with the places of everything it touches.
///
/// An object, because every step hands it to layers by reference: copying it as a value would count references to each
/// of its arrays.
final class Instruction: Sendable {
    /// A gradient to be added to the sum of what other consumers sent back.
    struct Accumulation: Sendable {
        var from: Slot
        var into: Slot
    }

    let operation: Operation
    let layerIndex: Int
    let name: String
    let inputs: [Slot]
    let output: Slot
    let kept: Slot
    let passMemory: Slot
    /// Where the layer's sums over the batch stand among those of a shard; `nil` for layers that go row by row.
    let batchOffset: Int?
    let parameters: [ParameterLayout.Slice]
    let outputGradient: Slot
    let inputGradients: [Slot?]
    let accumulations: [Accumulation]
    let runsBackward: Bool

    init(
        operation: Operation, layerIndex: Int, name: String, inputs: [Slot], output: Slot, kept: Slot,
        passMemory: Slot, batchOffset: Int?, parameters: [ParameterLayout.Slice], outputGradient: Slot,
        inputGradients: [Slot?],
        accumulations: [Accumulation], runsBackward: Bool
    ) {
        self.operation = operation
        self.layerIndex = layerIndex
        self.name = name
        self.inputs = inputs
        self.output = output
        self.kept = kept
        self.passMemory = passMemory
        self.batchOffset = batchOffset
        self.parameters = parameters
        self.outputGradient = outputGradient
        self.inputGradients = inputGradients
        self.accumulations = accumulations
        self.runsBackward = runsBackward
    }
}

/// A matrix of as many rows as the pass has, in a worker's memory.
struct Slot: Sendable, Hashable {
    /// The offset of the graph's single input, which is read where the caller has it.
    static let callersInput = -1

    var offset: Int
    var columns: Int
}

/// Hands out slots one after another, each on a cache line.
struct SlotAllocator {
    let rows: Int
    private(set) var count = 0

    init(rows: Int) {
        self.rows = rows
    }

    /// - Parameter rows: The most rows of a pass, unless said.
    mutating func slot(columns: Int, rows: Int? = nil) -> Slot {
        let rows = rows ?? self.rows
        let slot = Slot(offset: count, columns: columns)
        let (size, overflow) = rows.multipliedReportingOverflow(by: columns)
        precondition(!overflow, "\(rows) rows of \(columns) numbers exceed the address space")
        count += (size + 15) / 16 * 16
        return slot
    }
}
