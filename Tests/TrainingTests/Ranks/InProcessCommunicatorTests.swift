import LinearAlgebra
import Testing

@testable import Training

@Suite("Ranks exchange")
struct InProcessCommunicatorTests {
    @Test("Transfers between two ranks keep their order, whatever the order of the others", arguments: 2...5)
    func order(ranks: Int) throws {
        let received = try onRanks(ranks) { communicator in
            let own = SharedBuffer<Int32>((0..<3).map { Int32(100 * communicator.rank + $0) })
            let all = SharedBuffer<Int32>(count: 3 * ranks)
            var transfers: [Transfer] = []
            for other in communicator.others.reversed() {
                for part in 0..<3 {
                    transfers.append(Transfer(send: own, part..<part + 1, to: other))
                    transfers.append(Transfer(receive: all, 3 * other + part..<3 * other + part + 1, from: other))
                }
            }
            for _ in 0..<20 { communicator.exchange(transfers) }
            return all.elements
        }
        for (rank, all) in received.enumerated() {
            for other in 0..<ranks where other != rank {
                #expect(Array(all[3 * other..<3 * other + 3]) == (0..<3).map { Int32(100 * other + $0) })
            }
        }
    }

    @Test("What was begun in several parts is complete at the end", arguments: [2, 3])
    func beginning(ranks: Int) throws {
        let received = try onRanks(ranks) { communicator in
            let own = SharedBuffer<Int32>((0..<4).map { Int32(100 * communicator.rank + $0) })
            let all = SharedBuffer<Int32>(count: 4 * ranks)
            for part in 0..<4 {
                communicator.begin(
                    communicator.others.flatMap { other in
                        [
                            Transfer(send: own, part..<part + 1, to: other),
                            Transfer(receive: all, 4 * other + part..<4 * other + part + 1, from: other),
                        ]
                    })
            }
            communicator.complete()
            communicator.complete()
            return all.elements
        }
        for (rank, all) in received.enumerated() {
            for other in 0..<ranks where other != rank {
                #expect(Array(all[4 * other..<4 * other + 4]) == (0..<4).map { Int32(100 * other + $0) })
            }
        }
    }

    @Test("Numbers, bits and texts of all ranks reach all ranks", arguments: [1, 2, 3, 7])
    func gathering(ranks: Int) throws {
        let results = try onRanks(ranks) { communicator in
            let rank = communicator.rank
            return (
                communicator.gather([Double(rank), 0.5]), communicator.union(1 << UInt32(rank)),
                communicator.smallest(Double(3 - rank)), communicator.largest(Double(rank)),
                communicator.gather(String(repeating: "é", count: rank))
            )
        }
        for (numbers, bits, smallest, largest, texts) in results {
            #expect(numbers == (0..<ranks).map { [Double($0), 0.5] })
            #expect(bits == 1 << UInt32(ranks) - 1)
            #expect(smallest == Double(4 - ranks) && largest == Double(ranks - 1))
            #expect(texts == (0..<ranks).map { String(repeating: "é", count: $0) })
        }
    }

    @Test("The news of a failure survives its way between ranks, cut to a message's length")
    func failures() {
        let failure = RankFailure(rank: 70_000, code: 65, message: "données.csv: line 3")
        #expect(failure.bytes.count == RankFailure.size)
        #expect(RankFailure(bytes: failure.bytes) == failure)
        let long = RankFailure(rank: 1, code: 74, message: String(repeating: "x", count: 10_000))
        #expect(long.bytes.count == RankFailure.size)
        #expect(RankFailure(bytes: long.bytes).message.count == RankFailure.size - 6)
    }
}
