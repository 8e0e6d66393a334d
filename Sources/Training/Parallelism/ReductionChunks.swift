internal import LinearAlgebra
internal import NeuralNetwork

/// The trainable parameters of the flat buffer cut into pieces of one parameter each, small enough to stay in a worker's
/// first-level cache while they are summed and updated.
///
/// The cut depends on the model alone. Sums over the buffer (norms, penalties) are kept per chunk and added in the order
/// of the chunks, so that they too do not depend on the workers.
struct ReductionChunks: Sendable {
    struct Chunk: Sendable {
        var offset: Int
        var count: Int
        var regularizer: Regularizer
    }

    /// Floats: 16 KiB.
    static let size = 4096

    let chunks: [Chunk]
    /// The chunks of each item of work, one item per worker at most.
    let items: [Range<Int>]
    /// Whether any parameter has a penalty.
    let hasPenalty: Bool

    /// - Parameter items: How many pieces of work to make: the number of workers.
    init(_ layout: ParameterLayout, items count: Int) {
        var chunks: [Chunk] = []
        for slice in layout.slices where slice.isTrainable {
            for start in stride(from: 0, to: slice.count, by: Self.size) {
                chunks.append(
                    Chunk(
                        offset: slice.offset + start, count: min(Self.size, slice.count - start),
                        regularizer: slice.regularizer))
            }
        }
        self.chunks = chunks
        hasPenalty = chunks.contains { $0.regularizer != .none }
        let total = chunks.reduce(0) { $0 + $1.count }
        // Handing a slice to another core costs more than updating a few thousand parameters.
        let pieces = max(1, min(count, total / (2 * Self.size)))
        var items: [Range<Int>] = []
        var first = 0
        var sum = 0
        for (index, chunk) in chunks.enumerated() {
            sum += chunk.count
            if sum * pieces >= total * (items.count + 1) {
                items.append(first..<index + 1)
                first = index + 1
            }
        }
        self.items = items.isEmpty ? [0..<0] : items
    }
}
