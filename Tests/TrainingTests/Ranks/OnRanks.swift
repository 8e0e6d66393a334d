import Foundation
import Synchronization

@testable import Training

/// Does the same on several ranks, each a thread, and returns what each of them made of it.
func onRanks<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (InProcessCommunicator) throws -> Result
) throws -> [Result] {
    let results = RankResults<Result>()
    let finished = DispatchSemaphore(value: 0)
    for communicator in InProcessCommunicator.ranks(count) {
        Thread.detachNewThread {
            let result = Swift.Result { try body(communicator) }
            results.byRank.withLock { $0[communicator.rank] = result }
            finished.signal()
        }
    }
    for _ in 0..<count { finished.wait() }
    return try results.byRank.withLock { byRank in try (0..<count).compactMap { try byRank[$0]?.get() } }
}

private final class RankResults<Value: Sendable>: Sendable {
    let byRank = Mutex<[Int: Swift.Result<Value, any Error>]>([:])
}
