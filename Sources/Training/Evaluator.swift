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
    private let communicator: any Communicator
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

    /// - Parameter isCancelled: Asked before every block; once it is true, the outputs of no more rows are computed.
    func outputs(_ selection: SampleSelection, isCancelled: @Sendable () -> Bool) -> SharedBuffer<Float> {
        let outputs = SharedBuffer<Float>(count: selection.count * graph.outputSize)
        forEachBlock(share(of: communicator.rank, rows: selection.count)) { rows, worker in
            guard !isCancelled() else { return }
            let features = blockFeatures(selection, rows: rows, worker: worker)
            let planMemory = PlanMemory(
                activations: memory[worker].activations.base, input: features, parameters: parameters.values.base,
                parameterGradients: nil)
            plan.setInputs(MatrixView(features, rows: Self.blockRows, columns: graph.inputSize), planMemory)
            plan.forward(planMemory, rows: Self.blockRows, mode: .inference)
            let output = plan.output(planMemory, rows: rows.count)
            MutableMatrixView(
                outputs.base + rows.lowerBound * graph.outputSize, rows: rows.count, columns: graph.outputSize
            ).copy(from: output)
        }
        if !communicator.isAlone {
            communicator.exchange(
                communicator.gathering(outputs) { rank in
                    let rows = share(of: rank, rows: selection.count)
                    return rows.lowerBound * graph.outputSize..<rows.upperBound * graph.outputSize
                })
        }
        return outputs
    }

    /// The rows of which a rank computes the outputs: whole blocks, so that a row meets the same neighbours on any rank.
    private func share(of rank: Int, rows: Int) -> Range<Int> {
        let blocks = (rows + Self.blockRows - 1) / Self.blockRows
        func first(_ rank: Int) -> Int { min(rank * blocks / communicator.rankCount * Self.blockRows, rows) }
        return first(rank)..<first(rank + 1)
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

    private func blockFeatures(_ selection: SampleSelection, rows: Range<Int>, worker: Int) -> UnsafePointer<Float> {
        let columns = graph.inputSize
        let source = selection.samples.features.base
        if selection.rows == nil, rows.count == Self.blockRows {
            return UnsafePointer(source + rows.lowerBound * columns)
        }
        let block = memory[worker].features.base
        for (position, row) in rows.enumerated() {
            (block + position * columns).update(from: source + selection.row(row) * columns, count: columns)
        }
        (block + rows.count * columns).update(repeating: 0, count: (Self.blockRows - rows.count) * columns)
        return UnsafePointer(block)
    }

    private func forEachBlock(_ rows: Range<Int>, _ body: @Sendable (Range<Int>, Int) -> Void) {
        let blocks = (rows.count + Self.blockRows - 1) / Self.blockRows
        let loop = PhasedLoop(repeating: [blocks], repetitions: 1, last: [])
        loop.run(workers: min(workers, blocks)) { _, _, block, worker in
            let first = rows.lowerBound + block * Self.blockRows
            body(first..<min(first + Self.blockRows, rows.upperBound), worker)
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
