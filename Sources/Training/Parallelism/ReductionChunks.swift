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
    /// The chunks that each rank updates.
    let shares: [Range<Int>]
    /// The chunks of each item of work in this rank's share, one item per worker at most.
    let items: [Range<Int>]
    /// The same of all chunks.
    let allItems: [Range<Int>]
    /// Whether any parameter has a penalty.
    let hasPenalty: Bool

    /// - Parameter items: How many pieces of work to make: the number of workers.
    init(_ layout: ParameterLayout, items count: Int, rank: Int = 0, ranks: Int = 1) {
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
        shares = Self.cut(0..<chunks.count, of: chunks, into: ranks)
        func items(_ range: Range<Int>) -> [Range<Int>] {
            // Handing a slice to another core costs more than updating a few thousand parameters.
            let floats = chunks[range].reduce(0) { $0 + $1.count }
            return Self.cut(range, of: chunks, into: max(1, min(count, floats / (2 * Self.size))))
        }
        self.items = items(shares[rank])
        allItems = ranks == 1 ? self.items : items(0..<chunks.count)
    }

    /// Some chunks in consecutive pieces of about as many floats each; some are empty where there are too few chunks.
    private static func cut(_ range: Range<Int>, of chunks: [Chunk], into pieces: Int) -> [Range<Int>] {
        let total = chunks[range].reduce(0) { $0 + $1.count }
        var cut: [Range<Int>] = []
        var first = range.lowerBound
        var sum = 0
        for index in range {
            sum += chunks[index].count
            if sum * pieces >= total * (cut.count + 1) {
                cut.append(first..<index + 1)
                first = index + 1
            }
        }
        return cut + Array(repeating: range.upperBound..<range.upperBound, count: pieces - cut.count)
    }

    /// The part of the flat buffer that a rank's chunks take up.
    func floats(ofRank rank: Int) -> Range<Int> {
        guard let first = shares[rank].first, let last = shares[rank].last else { return 0..<0 }
        return chunks[first].offset..<chunks[last].offset + chunks[last].count
    }
}
