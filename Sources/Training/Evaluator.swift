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
    let workers: Int
    let communicator: any Communicator
    private let memory: [(activations: SharedBuffer<Float>, features: SharedBuffer<Float>)]

    /// - Parameters:
    ///   - workers: The most threads to use.
    ///   - communicator: The ranks that share out the rows that are scored; all of them must ask for the same.
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

    /// What the parameters add to the loss.
    var penalty: Double { parameters.penalty }

    /// The outputs of the selected rows, in their order: rows x outputs.
    public func outputs(_ selection: SampleSelection) -> SharedBuffer<Float> {
        let outputs = SharedBuffer<Float>(count: selection.count * graph.outputSize)
        let blocks = Self.blocks(of: 0..<selection.count)
        let loop = PhasedLoop(repeating: [blocks.count], repetitions: 1, last: [])
        loop.run(workers: min(workers, blocks.count)) { _, _, block, worker in
            let rows = Self.places(ofBlock: block, in: 0..<selection.count)
            (outputs.base + rows.lowerBound * graph.outputSize).update(
                from: self.outputs(selection, rows: rows, offset: 0, worker: worker),
                count: rows.count * graph.outputSize)
        }
        return outputs
    }

    /// The outputs of rows that fit in one block, in the worker's memory.
    ///
    /// - Parameter offset: The place of the first in its block. Under some kernels a product's last bits depend on it, and it
    ///   must not depend on the parts in which rows come.
    func outputs(
        _ selection: SampleSelection, rows: Range<Int>, offset: Int, worker: Int
    ) -> UnsafePointer<Float> {
        let features = blockFeatures(selection, rows: rows, offset: offset, worker: worker)
        let planMemory = PlanMemory(
            activations: memory[worker].activations.base, input: features, parameters: parameters.values.base,
            parameterGradients: nil)
        plan.setInputs(MatrixView(features, rows: Self.blockRows, columns: graph.inputSize), planMemory)
        plan.forward(planMemory, rows: Self.blockRows, mode: .inference)
        return plan.output(planMemory, rows: Self.blockRows).base + offset * graph.outputSize
    }

    /// The blocks in which rows have their places.
    static func blocks(of places: Range<Int>) -> Range<Int> {
        let first = places.lowerBound / blockRows
        return first..<max(first, (places.upperBound + blockRows - 1) / blockRows)
    }

    /// Those of the places that are in a block.
    static func places(ofBlock block: Int, in places: Range<Int>) -> Range<Int> {
        (block * blockRows..<(block + 1) * blockRows).clamped(to: places)
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
