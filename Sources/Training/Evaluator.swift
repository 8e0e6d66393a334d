internal import Dispatch
public import LinearAlgebra
public import NeuralNetwork
public import Tabular

/// Computes a network's outputs for many rows on many cores.
///
/// Rows go through in blocks of a fixed size, the last one filled up with zeros, because the bits of a matrix product
/// depend on its shape: a row's output depends on the row and the weights alone, not on the batch size, the workers or
/// its neighbours.
public struct Evaluator: Sendable {
    /// The rows of a block.
    public static let blockRows = 256

    private let graph: Graph
    private let parameters: Parameters
    private let plan: Plan
    private let workers: Int
    let communicator: any Communicator
    private let memory: [(activations: SharedBuffer<Float>, features: SharedBuffer<Float>)]

    /// - Parameters:
    ///   - workers: The most threads to use.
    ///   - communicator: The ranks that share out the rows; all of them must ask for the same.
    public init(
        _ graph: Graph, parameters: Parameters, workers: Int,
        communicator: any Communicator = InProcessCommunicator()
    ) {
        self.communicator = communicator
        self.graph = graph
        self.parameters = parameters
        let workers = max(1, min(workers, BLAS.callerLimit))
        self.workers = workers
        plan = Plan(graph, capacity: Self.blockRows, trains: false)
        let floats = plan.memoryCount
        memory = (0..<workers).map { _ in
            (SharedBuffer(count: floats), SharedBuffer(count: Self.blockRows * graph.inputSize))
        }
    }

    /// The outputs per row.
    var outputCount: Int { graph.outputSize }

    /// The outputs of the selected rows, in their order: rows x outputs.
    public func outputs(_ selection: SampleSelection) -> SharedBuffer<Float> {
        outputs(selection, isCancelled: { false })
    }

    /// - Parameters:
    ///   - first: The place of the first of them among all rows that are scored. Under some kernels a product's last bits depend
    ///     on a row's place in its block, and that must not depend on the parts in which rows come.
    ///   - isShared: Whether all ranks have these rows, and compute the outputs of some of them each.
    ///   - isCancelled: Asked before every block; once it is true, the outputs of no more rows are computed.
    func outputs(
        _ selection: SampleSelection, at first: Int = 0, isShared: Bool = true, isCancelled: @Sendable () -> Bool
    ) -> SharedBuffer<Float> {
        let outputs = SharedBuffer<Float>(count: selection.count * graph.outputSize)
        let places = first..<first + selection.count
        forEachBlock(isShared ? share(of: communicator.rank, places) : places) { block, worker in
            guard !isCancelled() else { return }
            let rows = block.lowerBound - first..<block.upperBound - first
            let offset = block.lowerBound % Self.blockRows
            let features = blockFeatures(selection, rows: rows, offset: offset, worker: worker)
            let planMemory = PlanMemory(
                activations: memory[worker].activations.base, input: features, parameters: parameters.values.base,
                parameterGradients: nil)
            plan.setInputs(MatrixView(features, rows: Self.blockRows, columns: graph.inputSize), planMemory)
            plan.forward(planMemory, rows: Self.blockRows, mode: .inference)
            let output = plan.output(planMemory, rows: Self.blockRows)
            (outputs.base + rows.lowerBound * graph.outputSize).update(
                from: output.base + offset * graph.outputSize, count: rows.count * graph.outputSize)
        }
        if isShared, !communicator.isAlone {
            communicator.exchange(
                communicator.gathering(outputs) { rank in
                    let rows = share(of: rank, places)
                    return (rows.lowerBound - first) * graph.outputSize..<(rows.upperBound - first) * graph.outputSize
                })
        }
        return outputs
    }

    /// The places of the rows of which a rank computes the outputs: whole blocks, as far as they go.
    private func share(of rank: Int, _ places: Range<Int>) -> Range<Int> {
        let blocks = Self.blocks(of: places)
        func first(_ rank: Int) -> Int {
            let block = blocks.lowerBound + rank * blocks.count / communicator.rankCount
            return min(max(block * Self.blockRows, places.lowerBound), places.upperBound)
        }
        return first(rank)..<first(rank + 1)
    }

    /// The blocks in which rows have their places.
    private static func blocks(of places: Range<Int>) -> Range<Int> {
        let first = places.lowerBound / blockRows
        return first..<max(first, (places.upperBound + blockRows - 1) / blockRows)
    }

    /// The loss of the selected rows, given their outputs: the mean over the rows in row order, in double precision,
    /// plus the penalties of the parameters, as in training.
    public func loss(_ loss: Loss, outputs: SharedBuffer<Float>, of selection: SampleSelection) -> Double {
        let count = selection.count
        let losses = SharedBuffer<Float>(count: count)
        let memory = AnswerMemory(rows: Self.blockRows, columns: graph.outputSize)
        let order = selection.rows.map { SharedBuffer($0) }
        for first in stride(from: 0, to: count, by: Self.blockRows) {
            let rows = first..<min(first + Self.blockRows, count)
            let answers = ShardAnswers(selection.samples, order: order, rows: rows, memory: memory)
            let predictions = MatrixView(
                outputs.base + first * graph.outputSize, rows: rows.count, columns: graph.outputSize)
            loss.evaluate(
                LossCall(
                    predictions: predictions, weights: answers.weights, gradientScale: 1, losses: losses.base + first,
                    gradient: nil), targets: answers.targets)
        }
        var sum = 0.0
        for row in 0..<count { sum += Double(losses.base[row]) }
        return sum / Double(max(1, count)) + parameters.penalty
    }

    /// A block of features in which the rows have their places, from `offset` on.
    private func blockFeatures(
        _ selection: SampleSelection, rows: Range<Int>, offset: Int, worker: Int
    ) -> UnsafePointer<Float> {
        let columns = graph.inputSize
        let source = selection.samples.features.base
        if selection.rows == nil, rows.count == Self.blockRows {
            return UnsafePointer(source + rows.lowerBound * columns)
        }
        let block = memory[worker].features.base
        block.update(repeating: 0, count: Self.blockRows * columns)
        for (position, row) in rows.enumerated() {
            (block + (offset + position) * columns).update(
                from: source + selection.row(row) * columns, count: columns)
        }
        return UnsafePointer(block)
    }

    /// Calls `body` with the places of each block.
    private func forEachBlock(_ places: Range<Int>, _ body: @Sendable (Range<Int>, Int) -> Void) {
        let blocks = places.isEmpty ? 0..<0 : Self.blocks(of: places)
        let loop = PhasedLoop(repeating: [blocks.count], repetitions: 1, last: [])
        loop.run(workers: min(workers, blocks.count)) { _, _, item, worker in
            let block = (blocks.lowerBound + item) * Self.blockRows
            body(max(block, places.lowerBound)..<min(block + Self.blockRows, places.upperBound), worker)
        }
    }
}

extension Parameters {
    /// What the regularizers add to the loss.
    var penalty: Double {
        layout.slices.reduce(0.0) { total, slice in
            guard slice.isTrainable, slice.regularizer != .none else { return total }
            let norm = norms(values.base + slice.offset, count: slice.count)
            return total + Double(slice.regularizer.l1) * norm.absolute
                + Double(slice.regularizer.l2) * norm.square
        }
    }
}
