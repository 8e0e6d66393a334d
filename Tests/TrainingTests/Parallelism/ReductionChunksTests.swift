import NeuralNetwork
import Testing

@testable import Training

@Suite("The parameters are cut into chunks")
struct ReductionChunksTests {
    /// Kernels smaller than a chunk, of exactly one, of one and a bit, and of several.
    static let networks: [Graph] = [
        Graph(inputs: 1) { Dense(1) },
        Graph(inputs: 5) {
            Dense(3)
            Dense(2, usesBias: false)
        },
        Graph(inputs: 64) { Dense(64, kernelRegularizer: Regularizer(l2: 0.1)) },
        Graph(inputs: 17) {
            Dense(241, biasRegularizer: Regularizer(l1: 0.2))
            Dense(241, kernelRegularizer: Regularizer(l1: 0.1, l2: 0.3))
            Dense(1)
        },
        Graph(inputs: 3) { Dense(9000) },
    ]

    @Test("Chunks cover every parameter once, and none straddles two", arguments: networks)
    func coverage(network: Graph) {
        let layout = ParameterLayout(network)
        let chunks = ReductionChunks(layout, items: 2).chunks
        var next = 0
        for slice in layout.slices {
            var offset = slice.offset
            while offset < slice.offset + slice.count, next < chunks.count {
                let chunk = chunks[next]
                #expect(chunk.offset == offset)
                #expect(chunk.count > 0 && chunk.count <= ReductionChunks.size)
                #expect(chunk.regularizer == slice.regularizer)
                offset += max(1, chunk.count)
                next += 1
            }
            #expect(offset == slice.offset + slice.count, "\(slice.path)")
        }
        #expect(next == chunks.count)
        #expect(ReductionChunks(layout, items: 2).hasPenalty == layout.slices.contains { $0.regularizer != .none })
    }

    @Test("The cut does not depend on the pieces of work, and the pieces cover it", arguments: networks)
    func items(network: Graph) {
        let layout = ParameterLayout(network)
        let one = ReductionChunks(layout, items: 1)
        #expect(one.items == [0..<one.chunks.count])
        for count in 1...17 {
            let cut = ReductionChunks(layout, items: count)
            #expect(cut.chunks.map(\.offset) == one.chunks.map(\.offset))
            #expect(cut.chunks.map(\.count) == one.chunks.map(\.count))
            #expect(cut.items.count <= count)
            #expect(cut.items.flatMap { Array($0) } == Array(cut.chunks.indices))
        }
    }

    @Test("Buckets are whole layers from the end, and every rank has a part of each", arguments: 2...7)
    func buckets(ranks: Int) throws {
        let network = Graph(inputs: 40) {
            Dense(300)
            ReLU()
            Dense(300)
            Dense(20)
            Dense(300)
        }
        let layout = ParameterLayout(network)
        #expect(ReductionChunks(layout, items: 2, ranks: ranks).buckets.count == 1)
        #expect(ReductionChunks(layout, items: 2, leastBucket: 1).buckets.count == 1)
        let cuts = (0..<ranks).map { ReductionChunks(layout, items: 2, rank: $0, ranks: ranks, leastBucket: 10_000) }
        let (chunks, buckets) = (cuts[0].chunks, cuts[0].buckets)
        // 12300, 90300, and 6020 with 6300.
        #expect(
            buckets.map { $0.reduce(0) { $0 + chunks[$1].count } } == [12_300, 90_300, 12_320])
        #expect(buckets.flatMap { Array($0) } == Array(chunks.indices))
        let kernels = layout.slices.filter { $0.shape.count == 2 }.map(\.offset)
        #expect(cuts[0].bucketBorders == [kernels[2], kernels[1]])
        for (bucket, range) in buckets.enumerated() {
            let shares = cuts.indices.flatMap { cuts[$0].shares[$0][bucket] }
            #expect(shares == Array(range))
            #expect(cuts[0].bucketItems[bucket].flatMap { Array($0) } == Array(range))
        }
        for (rank, cut) in cuts.enumerated() {
            #expect(cut.items.flatMap { Array($0) } == cut.shares[rank].flatMap { Array($0) })
            let own = cut.items.flatMap { $0.map { cut.chunks[$0] } }
            let count = cut.floats(ofRank: rank).reduce(0) { $0 + $1.count }
            for (chunk, next) in zip(own, own.dropFirst()) { #expect(chunk.ownOffset + chunk.count <= next.ownOffset) }
            #expect(own.allSatisfy { $0.ownOffset >= 0 && $0.ownOffset + $0.count <= count })
        }
    }

    @Test("Small models are one piece of work, large ones are shared evenly")
    func balance() {
        // 8191 parameters are not worth handing to another core.
        #expect(ReductionChunks(ParameterLayout(Self.networks[1]), items: 8).items.count == 1)
        #expect(ReductionChunks(ParameterLayout(Self.networks[2]), items: 8).items.count == 1)
        let large = ReductionChunks(ParameterLayout(Graph(inputs: 512) { Dense(512) }), items: 4)
        let loads = large.items.map { range in range.reduce(0) { $0 + large.chunks[$1].count } }
        #expect(loads.count == 4)
        #expect(loads.allSatisfy { abs($0 - (512 * 512 + 512) / 4) <= ReductionChunks.size })
    }
}
