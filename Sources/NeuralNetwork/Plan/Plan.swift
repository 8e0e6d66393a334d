package import LinearAlgebra

/// A graph compiled for shards of up to `capacity` rows: instructions in order over one stretch of memory.
///
/// The plan is a value that all workers share; each brings its own memory. Running it allocates nothing.
package struct Plan: Sendable {
    /// The most rows a pass may have.
    package let capacity: Int
    /// The floats that a worker's memory must hold.
    package let memoryCount: Int
    /// Where the graph's inputs lie; a single input is read where the caller has it.
    let inputs: [Slot]
    let output: Slot
    let outputGradient: Slot
    /// Where the gradients of the graph's inputs end up, when they were asked for.
    let inputGradients: [Slot?]
    let instructions: [Instruction]

    /// Compiles `graph`.
    ///
    /// - Parameters:
    ///   - capacity: The most rows of a pass.
    ///   - trains: Whether backward passes will run.
    ///   - needsInputGradients: Whether a backward pass also computes the gradients of the graph's inputs, which
    ///     training does not need.
    package init(_ graph: Graph, capacity: Int, trains: Bool, needsInputGradients: Bool = false) {
        let graph = graph.fused()
        let layout = ParameterLayout(graph)
        let inputCount = graph.inputSizes.count
        var allocator = SlotAllocator(rows: capacity)

        var slots: [Slot] = graph.inputSizes.map { size in
            inputCount == 1 ? Slot(offset: Slot.callersInput, columns: size) : allocator.slot(columns: size)
        }
        var kept: [Slot] = []
        for (index, node) in graph.nodes.enumerated() {
            slots.append(allocator.slot(columns: graph.sizes[inputCount + index]))
            kept.append(allocator.slot(columns: node.operation.layer.memorySize(for: graph.inputSizes(of: node))))
        }

        var gradients = GradientFlow(graph, layout: layout, includingInputs: needsInputGradients)
        if trains { gradients.assignSlots(&allocator) }
        let unused = Slot(offset: 0, columns: 0)
        instructions = graph.nodes.enumerated().map { index, node in
            let edges = gradients.edges[index]
            return Instruction(
                operation: node.operation, layerIndex: index, name: node.name, inputs: node.inputs.map { slots[$0] },
                output: slots[inputCount + index], kept: kept[index],
                parameters: layout.slices.filter { $0.node == index },
                outputGradient: gradients.slots[inputCount + index] ?? unused,
                inputGradients: edges.map(\.target),
                accumulations: edges.compactMap { edge in
                    guard let target = edge.target, let sum = edge.sum else { return nil }
                    return Instruction.Accumulation(from: target, into: sum)
                },
                runsBackward: trains && gradients.required[inputCount + index]
                    && gradients.slots[inputCount + index] != nil)
        }
        self.capacity = capacity
        inputs = Array(slots[..<inputCount])
        output = slots[graph.output]
        outputGradient = gradients.slots[graph.output] ?? unused
        inputGradients = Array(gradients.slots[..<inputCount])
        memoryCount = allocator.count
    }

    /// Lays out rows that hold the values of several inputs side by side; with one input there is nothing to do.
    package func setInputs(_ rows: MatrixView, _ memory: PlanMemory) {
        guard inputs.count > 1 else { return }
        var column = 0
        for slot in inputs {
            let target = memory.mutableView(slot, rows: rows.rows)
            for row in 0..<rows.rows {
                (target.base + row * slot.columns).update(
                    from: rows.base + row * rows.columns + column, count: slot.columns)
            }
            column += slot.columns
        }
    }

    /// Computes the output of `rows` rows.
    package func forward(_ memory: PlanMemory, rows: Int, mode: PassMode) {
        for instruction in instructions {
            instruction.operation.forward(
                LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
        }
    }

    /// Computes the gradients of the parameters (and of the inputs, where asked for) from the output's gradient.
    ///
    /// `observe` sees the gradient at the output of each layer, last layer first, before the layer may overwrite it.
    package func backward(
        _ memory: PlanMemory, rows: Int, mode: PassMode, observe: ((String, MatrixView) -> Void)? = nil
    ) {
        for instruction in instructions.reversed() where instruction.runsBackward {
            observe?(instruction.name, memory.view(instruction.outputGradient, rows: rows))
            instruction.operation.backward(
                LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
            for accumulation in instruction.accumulations {
                let sum = memory.mutableView(accumulation.into, rows: rows)
                add(sum.readOnly, memory.view(accumulation.from, rows: rows), into: sum)
            }
        }
    }

    /// The output of the last forward pass.
    package func output(_ memory: PlanMemory, rows: Int) -> MatrixView { memory.view(output, rows: rows) }

    /// Where the gradient of the loss goes before a backward pass.
    package func outputGradient(_ memory: PlanMemory, rows: Int) -> MutableMatrixView {
        memory.mutableView(outputGradient, rows: rows)
    }

    /// The output of each layer after a forward pass, by the layer's name: for reports on what went wrong.
    package func layerOutputs(_ memory: PlanMemory, rows: Int) -> [(name: String, values: MatrixView)] {
        instructions.map { ($0.name, memory.view($0.output, rows: rows)) }
    }
}
