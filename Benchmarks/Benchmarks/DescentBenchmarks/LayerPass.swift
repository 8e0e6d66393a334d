import LinearAlgebra
import NeuralNetwork

/// Forward and backward of each dense layer of the reference workloads, on the rows of a shard, one thread.
///
/// Operations are those of the products: the rate next to the products' own shows what bias, activation and their
/// derivatives cost.
func registerLayerPasses() {
    for workload in Workload.all {
        let rows = workload.shardRows
        for layer in workload.layerShapes {
            let name = "Dense \(workload.name) \(layer.inputs)-\(layer.outputs)"
            let operations = 2 * rows * layer.inputs * layer.outputs
            Rate.megaflops.benchmark("\(name), forward", amount: operations) {
                LayerMemory(layer, rows: rows)
            } call: {
                $0.forward()
            }
            Rate.megaflops.benchmark("\(name), backward", amount: (layer.isFirst ? 1 : 2) * operations) {
                let memory = LayerMemory(layer, rows: rows)
                memory.forward()
                return memory
            } call: {
                $0.backward()
            }
        }
    }
}

/// A dense layer with ReLU, compiled as a network of its own.
private struct LayerMemory {
    private let plan: Plan
    private let rows: Int
    private let input: SharedBuffer<Float>
    private let parameters: Parameters
    private let gradients: Parameters
    private let activations: SharedBuffer<Float>
    private let mode = PassMode.training(seed: 1, step: 0, firstRow: 0)

    init(_ layer: Workload.LayerShape, rows: Int) {
        let graph = Graph(inputs: layer.inputs) { Dense(layer.outputs, activation: .relu) }
        self.rows = rows
        plan = Plan(graph, capacity: rows, trains: true, needsInputGradients: !layer.isFirst)
        parameters = Parameters(of: graph, seed: 1)
        gradients = Parameters(layout: parameters.layout)
        input = RandomNumbers.buffer(rows * layer.inputs)
        activations = SharedBuffer(count: plan.memoryCount)
        // A gradient that has passed through ReLU once passes again unchanged, so that every call does the same.
        let outputGradient = RandomNumbers.buffer(rows * layer.outputs, stream: 1)
        plan.outputGradient(memory, rows: rows).copy(from: outputGradient.matrix(rows, layer.outputs).readOnly)
    }

    private var memory: PlanMemory {
        PlanMemory(
            activations: activations.base, input: input.base, parameters: parameters.values.base,
            parameterGradients: gradients.values.base)
    }

    func forward() { plan.forward(memory, rows: rows, mode: mode) }

    func backward() { plan.backward(memory, rows: rows, mode: mode) }
}
