import LinearAlgebra
import NeuralNetwork

/// A worker sums and updates the flat parameters chunk by chunk.
private enum Chunk {
    /// The numbers of one.
    static let size = 4096
}

/// The sum of gradients over shards, chunk by chunk as in a step, on one thread: for the parameters of `mnist`, which
/// caches hold, and of `wide`, which they do not.
///
/// Bytes are every shard's gradient and the sum.
func registerSums() {
    for (workload, parameters) in flatParameters() {
        for shards in [2, 4] {
            Rate.megabytes.benchmark("Sum of \(shards) shards, \(workload)", amount: 4 * (shards + 1) * parameters) {
                SumMemory(parameters, shards: shards)
            } call: {
                $0.sum()
            }
        }
    }
}

/// The update of every optimizer, chunk by chunk as in a step, on one thread.
///
/// Bytes are the gradient, and parameters and moments read and written.
func registerUpdates() {
    let optimizers: [(name: String, optimizer: Optimizer)] = [
        ("sgd", .sgd()), ("sgd with momentum", .sgd(momentum: .heavyBall(0.9))),
        ("sgd with nesterov", .sgd(momentum: .nesterov(0.9))), ("adam", .adam()), ("adamw", .adamW()),
        ("rmsprop", .rmsprop()), ("rmsprop, centred with momentum", .rmsprop(momentum: 0.9, centered: true)),
        ("adagrad", .adagrad()), ("sgd, clipped by value", .sgd(clipping: .value(1))),
    ]
    for (workload, parameters) in flatParameters() {
        for (name, optimizer) in optimizers {
            Rate.megabytes.benchmark(
                "Update \(name), \(workload)", amount: 4 * (3 + 2 * optimizer.moments.count) * parameters
            ) {
                UpdateMemory(parameters, optimizer)
            } call: {
                $0.update()
            }
        }
    }
}

/// The numbers in the flat buffer of a small and of a large workload.
private func flatParameters() -> [(workload: String, count: Int)] {
    Workload.all.filter { ["mnist", "wide"].contains($0.name) }.map {
        ($0.name, ParameterLayout($0.graph).bufferCount)
    }
}

/// The start of every chunk and its length.
private func forEachChunk(of count: Int, _ body: (_ start: Int, _ length: Int) -> Void) {
    for start in stride(from: 0, to: count, by: Chunk.size) { body(start, min(Chunk.size, count - start)) }
}

private struct SumMemory {
    private let shards: Int
    /// Shards x parameters.
    private let gradients: SharedBuffer<Float>
    private let total: SharedBuffer<Float>
    private let scratch: SharedBuffer<Float>

    init(_ count: Int, shards: Int) {
        self.shards = shards
        gradients = SharedBuffer(count: shards * count)
        gradients.base.update(repeating: 0.1, count: gradients.count)
        total = SharedBuffer(count: count)
        scratch = SharedBuffer(count: Chunk.size * treeDepth(shards))
    }

    func sum() {
        forEachChunk(of: total.count) { start, length in
            sumTree(
                gradients.base + start, stride: total.count, replicas: 0..<shards, count: length,
                scratch: scratch.base, total: total.base + start)
        }
    }
}

private struct UpdateMemory {
    private let optimizer: Optimizer
    private let parameters: SharedBuffer<Float>
    private let gradient: SharedBuffer<Float>
    /// Moments x parameters.
    private let moments: SharedBuffer<Float>

    init(_ count: Int, _ optimizer: Optimizer) {
        self.optimizer = optimizer
        parameters = RandomNumbers.buffer(count, stream: 0)
        gradient = RandomNumbers.buffer(count, stream: 1)
        moments = SharedBuffer(count: optimizer.moments.count * count)
        for (index, moment) in optimizer.moments.enumerated() {
            (moments.base + index * count).update(repeating: moment.initialValue, count: count)
        }
    }

    func update() {
        let step = UpdateStep(learningRate: optimizer.learningRate, index: 1000)
        let count = parameters.count
        forEachChunk(of: count) { start, length in
            let slice = UpdateSlice(
                count: length, parameters: parameters.base + start, gradient: gradient.base + start)
            optimizer.update(slice, moments: { moments.base + $0 * count + start }, step: step)
        }
    }
}
