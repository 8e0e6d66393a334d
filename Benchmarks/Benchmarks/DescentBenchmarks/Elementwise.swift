import LinearAlgebra

/// The element-wise functions on the hidden layer of a shard, 64 x 256, which stays in a core's cache.
///
/// Bytes are those that a call reads and writes, the bias left out.
func registerElementwiseFunctions() {
    let (rows, columns) = (64, 256)
    let bytes = 4 * rows * columns
    let functions: [(name: String, function: ElementwiseFunction)] = [
        ("linear", .linear), ("relu", .relu), ("leaky relu", .leakyReLU(slope: 0.01)), ("sigmoid", .sigmoid),
        ("tanh", .tanh), ("elu", .elu(alpha: 1)), ("selu", .selu), ("softplus", .softplus), ("gelu", .gelu),
        ("silu", .silu),
    ]

    for (name, function) in functions {
        let keeps = function.needsInput
        Rate.megabytes.benchmark("Activation \(name), forward", amount: (keeps ? 3 : 2) * bytes) {
            ElementwiseMemory(rows: rows, columns: columns)
        } call: { memory in
            function.apply(
                to: memory.x.readOnly, bias: memory.bias.readOnly, keeping: keeps ? memory.kept : nil, into: memory.y)
        }
        Rate.megabytes.benchmark("Activation \(name), backward", amount: 3 * bytes) {
            ElementwiseMemory(rows: rows, columns: columns)
        } call: { memory in
            function.applyDerivative(
                state: memory.x.readOnly, outputGradient: memory.gradient.readOnly, inputGradient: memory.y,
                columnSums: memory.bias)
        }
    }

    Rate.megabytes.benchmark("Elements add", amount: 3 * bytes) {
        ElementwiseMemory(rows: rows, columns: columns)
    } call: {
        add($0.x.readOnly, $0.gradient.readOnly, into: $0.y)
    }
    Rate.megabytes.benchmark("Elements multiply", amount: 3 * bytes) {
        ElementwiseMemory(rows: rows, columns: columns)
    } call: {
        multiplyElements($0.x.readOnly, $0.gradient.readOnly, into: $0.y)
    }
    // What the machine copies, and no kernel will exceed by much.
    Rate.megabytes.benchmark("Elements copy", amount: 2 * bytes) {
        ElementwiseMemory(rows: rows, columns: columns)
    } call: {
        $0.y.copy(from: $0.x.readOnly)
    }
}

/// Matrices of one size.
struct ElementwiseMemory {
    private let buffers: [SharedBuffer<Float>]
    let x: MutableMatrixView
    let gradient: MutableMatrixView
    let y: MutableMatrixView
    let kept: MutableMatrixView
    /// One row.
    let bias: MutableMatrixView

    init(rows: Int, columns: Int) {
        buffers = (0..<5).map { RandomNumbers.buffer(rows * columns, stream: $0) }
        let matrices = buffers.map { $0.matrix(rows, columns) }
        (x, gradient, y, kept) = (matrices[0], matrices[1], matrices[2], matrices[3])
        bias = buffers[4].matrix(1, columns)
    }
}
