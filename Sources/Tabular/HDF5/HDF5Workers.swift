internal import Dispatch
internal import HDF5
import Synchronization

/// The threads that read and decode a file's tiles, each with memory of its own.
final class HDF5Workers: Sendable {
    let count: Int
    /// Memory that nobody uses now. Several readers may be at work, each with all its threads.
    private let spare = Mutex<[TileWorkspace]>([])

    /// - Precondition: `count` is at least 1.
    init(_ count: Int) {
        precondition(count > 0, "Somebody has to do the work")
        self.count = count
    }

    /// Calls `body` once for every index below `count`, on at most `limit` threads at once.
    ///
    /// - Throws: The error of the lowest index that has one, so that the number of workers does not show.
    func perform(
        _ count: Int, atMost limit: Int = .max, _ body: @Sendable (Int, TileWorkspace) throws(TableError) -> Void
    ) throws(TableError) {
        let used = min(self.count, count, max(limit, 1))
        guard used > 1 else {
            let workspace = take()
            defer { give(workspace) }
            for index in 0..<count { try body(index, workspace) }
            return
        }
        let next = Atomic(0)
        let failure = Mutex<(index: Int, error: TableError)?>(nil)
        withoutActuallyEscaping(body) { body in
            DispatchQueue.concurrentPerform(iterations: used) { _ in
                let workspace = take()
                defer { give(workspace) }
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    // Indices are claimed in order: all below one that failed were claimed before.
                    guard index < count, failure.withLock({ $0 == nil }) else { return }
                    do throws(TableError) {
                        try body(index, workspace)
                    } catch {
                        failure.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
                    }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
    }

    private func take() -> TileWorkspace { spare.withLock { $0.popLast() } ?? TileWorkspace() }

    private func give(_ workspace: TileWorkspace) { spare.withLock { $0.append(workspace) } }
}
