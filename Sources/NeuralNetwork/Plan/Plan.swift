package import LinearAlgebra

/// A graph compiled for shards of up to `capacity` rows: instructions in order over one stretch of memory.
///
/// All workers share the plan; each brings its own memory. Running it allocates nothing. Layers that
/// need the whole batch cut it into stages; a shard's memory then belongs to the shard until its last stage is done.
package final class Plan: Sendable {
    /// The instructions between two points at which all shards meet.
    struct Stage: Sendable {
        /// Layers whose statistics over the batch are complete when the stage begins.
        var batchLayers: [Instruction] = []
        var layers: [Instruction] = []
    }

    /// The most rows a pass may have.
    package let capacity: Int
    /// The floats that the memory of a pass must hold.
    package let memoryCount: Int
    /// The doubles that each shard contributes to sums over the batch.
    package let batchSumCount: Int
    /// Where the graph's inputs lie; a single input is read where the caller has it.
    let inputs: [Slot]
    let output: Slot
    let outputGradient: Slot
    /// Where the gradients of the graph's inputs end up, when they were asked for.
    let inputGradients: [Slot?]
    let stages: [Stage]
    /// The layers of each phase of the backward pass, where there is a single stage.
    private let backwardParts: [Range<Int>]

    /// Compiles `graph`.
    ///
    /// - Parameters:
    ///   - capacity: The most rows of a pass.
    ///   - trains: Whether backward passes will run.
    ///   - needsInputGradients: Whether a backward pass also computes the gradients of the graph's inputs, which
    ///     training does not need.
    ///   - cuts: Where the backward pass is cut into phases: places among the parameters, the last first. When a phase is
    ///     done, so are the gradients from its place on. A plan of several stages is not to be cut.
    package init(
        _ graph: Graph, capacity: Int, trains: Bool, needsInputGradients: Bool = false,
        cuttingBackwardAt cuts: [Int] = []
    ) {
        let graph = graph.fused()
        let layout = ParameterLayout(graph)
        let order = PlanStages(graph)
        let inputCount = graph.inputSizes.count
        var allocator = SlotAllocator(rows: capacity)

        var slots: [Slot] = graph.inputSizes.map { size in
            inputCount == 1 ? Slot(offset: Slot.callersInput, columns: size) : allocator.slot(columns: size)
        }
        var kept: [Slot] = []
        var passMemory: [Slot] = []
        var batchOffsets: [Int?] = []
        var batchSumCount = 0
        for (index, node) in graph.nodes.enumerated() {
            let inputSizes = graph.inputSizes(of: node)
            slots.append(allocator.slot(columns: graph.sizes[inputCount + index]))
            kept.append(allocator.slot(columns: node.operation.layer.memorySize(for: inputSizes)))
            passMemory.append(allocator.slot(columns: node.operation.layer.passMemorySize(for: inputSizes), rows: 1))
            batchOffsets.append(node.looksAtBatch ? batchSumCount : nil)
            // Neighbouring shards write sums of their own: two cache lines of room keep them apart.
            if node.looksAtBatch {
                batchSumCount += (BatchNormalization.batchSumCount(columns: inputSizes[0]) + 15) / 16 * 16
            }
        }

        var gradients = GradientFlow(graph, layout: layout, includingInputs: needsInputGradients)
        if trains { gradients.assignSlots(&allocator, order: order.order) }
        let unused = Slot(offset: 0, columns: 0)
        var stages = [Stage](repeating: Stage(), count: order.count)
        for index in order.order {
            let node = graph.nodes[index]
            let edges = gradients.edges[index]
            let instruction = Instruction(
                operation: node.operation, layerIndex: index, name: node.name, inputs: node.inputs.map { slots[$0] },
                output: slots[inputCount + index], kept: kept[index], passMemory: passMemory[index],
                batchOffset: batchOffsets[index], parameters: layout.slices.filter { $0.node == index },
                outputGradient: gradients.slots[inputCount + index] ?? unused,
                inputGradients: edges.map(\.target),
                accumulations: edges.compactMap { edge in
                    guard let target = edge.target, let sum = edge.sum else { return nil }
                    return Instruction.Accumulation(from: target, into: sum)
                },
                runsBackward: trains && gradients.required[inputCount + index]
                    && gradients.slots[inputCount + index] != nil)
            if node.looksAtBatch {
                stages[order.stages[index]].batchLayers.append(instruction)
            } else {
                stages[order.stages[index]].layers.append(instruction)
            }
        }
        self.stages = stages
        precondition(cuts.isEmpty || stages.count == 1, "A plan of several stages is not cut once more")
        var parts: [Range<Int>] = []
        var end = stages[0].layers.count
        for cut in cuts {
            let last = stages[0].layers.lastIndex { $0.parameters.contains { $0.offset < cut } }
            let first = min(end, last.map { $0 + 1 } ?? 0)
            parts.append(first..<end)
            end = first
        }
        backwardParts = parts + [0..<end]
        self.batchSumCount = batchSumCount
        self.capacity = capacity
        inputs = Array(slots[..<inputCount])
        output = slots[graph.output]
        outputGradient = gradients.slots[graph.output] ?? unused
        inputGradients = Array(gradients.slots[..<inputCount])
        memoryCount = allocator.count
    }

    /// The stages of a pass: 1 unless a layer looks at the whole batch.
    package var stageCount: Int { stages.count }

    /// The phases of forward and backward together, between which all shards meet: the stages up to the last, which goes
    /// both ways, and down again. A single stage may be cut on its way down.
    package var phaseCount: Int { stages.count == 1 ? backwardParts.count : 2 * stages.count - 1 }

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

    /// Computes the output of `rows` rows that are a batch by themselves.
    package func forward(_ memory: PlanMemory, rows: Int, mode: PassMode) {
        for stage in stages.indices { forward(stage: stage, memory, rows: rows, mode: mode) }
    }

    /// Computes one stage of a shard, all shards having done the stages before.
    package func forward(stage: Int, _ memory: PlanMemory, rows: Int, mode: PassMode) {
        for instruction in stages[stage].batchLayers {
            instruction.operation.forward(
                LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
        }
        for instruction in stages[stage].layers {
            instruction.operation.forward(
                LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
        }
        guard stage + 1 < stages.count, case .training = mode else { return }
        for instruction in stages[stage + 1].batchLayers {
            instruction.operation.gather(LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
        }
    }

    /// Computes the gradients of the parameters (and of the inputs, where asked for) from the output's gradient, of rows
    /// that are a batch by themselves.
    ///
    /// `observe` sees the gradient at the output of each layer, last layer first, before the layer may overwrite it.
    package func backward(
        _ memory: PlanMemory, rows: Int, mode: PassMode, observe: ((String, MatrixView) -> Void)? = nil
    ) {
        for phase in stageCount - 1..<phaseCount {
            backward(phase: phase, memory, rows: rows, mode: mode, observe: observe)
        }
    }

    /// Computes what a phase holds of the backward pass of a shard, which begins in phase `stageCount - 1`.
    package func backward(
        phase: Int, _ memory: PlanMemory, rows: Int, mode: PassMode, observe: ((String, MatrixView) -> Void)? = nil
    ) {
        guard stages.count == 1 else {
            return backward(
                stage: 2 * (stages.count - 1) - phase, memory, rows: rows, mode: mode, observe: observe)
        }
        backward(stages[0].layers[backwardParts[phase]], memory, rows: rows, mode: mode, observe: observe)
    }

    private func backward(
        _ layers: ArraySlice<Instruction>, _ memory: PlanMemory, rows: Int, mode: PassMode,
        observe: ((String, MatrixView) -> Void)?
    ) {
        for instruction in layers.reversed() where instruction.runsBackward {
            observe?(instruction.name, memory.view(instruction.outputGradient, rows: rows))
            sendBack(instruction, memory, rows: rows, mode: mode)
        }
    }

    /// Computes one stage of a shard, all shards having done the stages behind it, last stage first.
    private func backward(
        stage: Int, _ memory: PlanMemory, rows: Int, mode: PassMode, observe: ((String, MatrixView) -> Void)?
    ) {
        if stage + 1 < stages.count {
            for instruction in stages[stage + 1].batchLayers.reversed() where instruction.runsBackward {
                sendBack(instruction, memory, rows: rows, mode: mode)
            }
        }
        backward(stages[stage].layers[...], memory, rows: rows, mode: mode, observe: observe)
        for instruction in stages[stage].batchLayers.reversed() where instruction.runsBackward {
            observe?(instruction.name, memory.view(instruction.outputGradient, rows: rows))
            instruction.operation.gatherGradient(
                LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
        }
    }

    // Not inlined: the optimizer of Swift 6.3 fails where it puts the making of a noncopyable call into two loops.
    @inline(never)
    private func sendBack(_ instruction: Instruction, _ memory: PlanMemory, rows: Int, mode: PassMode) {
        instruction.operation.backward(LayerCall(instruction: instruction, memory: memory, rows: rows, mode: mode))
        for accumulation in instruction.accumulations {
            let sum = memory.mutableView(accumulation.into, rows: rows)
            add(sum.readOnly, memory.view(accumulation.from, rows: rows), into: sum)
        }
    }

    /// Moves the moving averages towards the statistics of a batch, once all shards have done all stages.
    package func updateMovingStatistics(_ parameters: UnsafeMutablePointer<Float>, batch: BatchMemory) {
        for stage in stages {
            for instruction in stage.batchLayers {
                guard case .batchNormalization(let layer) = instruction.operation,
                    let offset = instruction.batchOffset
                else { continue }
                let mean = instruction.parameters[layer.movingMeanIndex]
                let variance = instruction.parameters[layer.movingMeanIndex + 1]
                layer.updateMovingStatistics(
                    mean: parameters + mean.offset, variance: parameters + variance.offset, batch: batch,
                    offset: offset, columns: mean.count)
            }
        }
    }

    /// The output of the last forward pass.
    package func output(_ memory: PlanMemory, rows: Int) -> MatrixView { memory.view(output, rows: rows) }

    /// Where the gradient of the loss goes before a backward pass.
    package func outputGradient(_ memory: PlanMemory, rows: Int) -> MutableMatrixView {
        memory.mutableView(outputGradient, rows: rows)
    }

    /// The output of each layer of a stage after its forward pass, by the layer's name: for reports on what went wrong.
    package func layerOutputs(
        stage: Int, _ memory: PlanMemory, rows: Int
    ) -> [(name: String, values: MatrixView)] {
        (stages[stage].batchLayers + stages[stage].layers).map { ($0.name, memory.view($0.output, rows: rows)) }
    }

    /// The names of the layers that are computed, each at the number that keys its random draws.
    package var layerNames: [String] {
        stages.flatMap { $0.batchLayers + $0.layers }.sorted { $0.layerIndex < $1.layerIndex }.map(\.name)
    }
}
