/// One layer of a compiled graph, with the places of everything it touches.
struct Instruction: Sendable {
    /// A gradient to be added to the sum of what other consumers sent back.
    struct Accumulation: Sendable {
        var from: Slot
        var into: Slot
    }

    var operation: Operation
    var layerIndex: Int
    var name: String
    var inputs: [Slot]
    var output: Slot
    var kept: Slot
    var parameters: [ParameterLayout.Slice]
    var outputGradient: Slot
    var inputGradients: [Slot?]
    var accumulations: [Accumulation]
    var runsBackward: Bool
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

    mutating func slot(columns: Int) -> Slot {
        let slot = Slot(offset: count, columns: columns)
        let (size, overflow) = rows.multipliedReportingOverflow(by: columns)
        precondition(!overflow, "\(rows) rows of \(columns) numbers exceed the address space")
        count += (size + 15) / 16 * 16
        return slot
    }
}
