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
        /// Where it stands in this rank's share, if it belongs to it.
        var ownOffset = 0
    }

    /// Floats: 16 KiB.
    static let size = 4096

    private(set) var chunks: [Chunk]
    /// The chunks of whole layers that ranks exchange together, one bucket while the next is computed. Every rank has its
    /// share of every bucket, so that all of them send at any time.
    let buckets: [Range<Int>]
    /// The chunks that each rank updates: ranks x buckets.
    let shares: [[Range<Int>]]
    /// The chunks of each item of work in this rank's share: of each bucket, one item per worker at most.
    let items: [Range<Int>]
    /// The same of all chunks, by bucket.
    let bucketItems: [[Range<Int>]]
    /// Whether any parameter has a penalty.
    let hasPenalty: Bool
    private let bufferCount: Int

    /// - Parameters:
    ///   - items: How many pieces of work to make of a bucket: the number of workers.
    ///   - leastBucket: The floats that make a bucket; `nil`: there is one bucket, as where there is one rank.
    init(_ layout: ParameterLayout, items count: Int, rank: Int = 0, ranks: Int = 1, leastBucket: Int? = nil) {
        var chunks: [Chunk] = []
        // The first chunks of the layers.
        var borders: [Int] = []
        var node: Int?
        for slice in layout.slices where slice.isTrainable {
            if slice.node != node { borders.append(chunks.count) }
            node = slice.node
            for start in stride(from: 0, to: slice.count, by: Self.size) {
                chunks.append(
                    Chunk(
                        offset: slice.offset + start, count: min(Self.size, slice.count - start),
                        regularizer: slice.regularizer))
            }
        }
        bufferCount = layout.bufferCount
        hasPenalty = chunks.contains { $0.regularizer != .none }
        let buckets = Self.buckets(chunks, borders: borders, least: ranks > 1 ? leastBucket ?? .max : .max)
        let byBucket = buckets.map { Self.cut($0, of: chunks, into: ranks) }
        shares = (0..<ranks).map { rank in byBucket.map { $0[rank] } }
        func items(_ range: Range<Int>) -> [Range<Int>] {
            // Handing a slice to another core costs more than updating a few thousand parameters.
            let floats = chunks[range].reduce(0) { $0 + $1.count }
            return Self.cut(range, of: chunks, into: max(1, min(count, floats / (2 * Self.size))))
        }
        self.items = shares[rank].flatMap(items)
        bucketItems = buckets.map(items)
        self.buckets = buckets
        self.chunks = chunks
        var position = 0
        for (share, floats) in zip(shares[rank], floats(ofRank: rank)) {
            for index in share { self.chunks[index].ownOffset = position + chunks[index].offset - floats.lowerBound }
            position += floats.count
        }
    }

    /// The floats of a bucket on so many ranks: less would take longer to announce than to send.
    static func leastBucket(ranks: Int) -> Int { max(1 << 18, ranks << 14) }

    /// Chunks in buckets of at least so many floats, taken from the end; the first may have less.
    private static func buckets(_ chunks: [Chunk], borders: [Int], least: Int) -> [Range<Int>] {
        var buckets: [Range<Int>] = []
        var end = chunks.count
        for border in borders.dropFirst().reversed()
        where chunks[border..<end].reduce(0, { $0 + $1.count }) >= least {
            buckets.append(border..<end)
            end = border
        }
        return [0..<end] + buckets.reversed()
    }

    /// The places among the parameters at which the buckets begin but for the first, the last one first: when a backward
    /// pass has come there, a bucket is complete.
    var bucketBorders: [Int] { buckets.dropFirst().reversed().map { chunks[$0.lowerBound].offset } }

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

    /// The parts of the flat buffer that a rank's chunks take up, by bucket; a single rank has all of it, with what lies
    /// between the chunks.
    func floats(ofRank rank: Int) -> [Range<Int>] {
        guard shares.count > 1 else { return [0..<bufferCount] }
        return shares[rank].map { share in
            guard let first = share.first, let last = share.last else { return 0..<0 }
            return chunks[first].offset..<chunks[last].offset + chunks[last].count
        }
    }
}
