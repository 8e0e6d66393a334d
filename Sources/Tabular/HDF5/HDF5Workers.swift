internal import Dispatch
internal import HDF5
import Synchronization

/// The threads that read and decode a file's tiles, each with memory of its own.
struct HDF5Workers: Sendable {
    private let workspaces: [TileWorkspace]

    var count: Int { workspaces.count }

    /// - Precondition: `count` is at least 1.
    init(_ count: Int) {
        precondition(count > 0, "Somebody has to do the work")
        workspaces = (0..<count).map { _ in TileWorkspace() }
    }

    /// Calls `body` once for every index below `count`, on at most `limit` threads at once.
    ///
    /// - Throws: The error of the lowest index that has one, so that the number of workers does not show.
    func perform(
        _ count: Int, atMost limit: Int = .max, _ body: @Sendable (Int, TileWorkspace) throws(TableError) -> Void
    ) throws(TableError) {
        let used = min(workspaces.count, count, max(limit, 1))
        guard used > 1 else {
            for index in 0..<count { try body(index, workspaces[0]) }
            return
        }
        let next = Atomic(0)
        let failure = Mutex<(index: Int, error: TableError)?>(nil)
        withoutActuallyEscaping(body) { body in
            DispatchQueue.concurrentPerform(iterations: used) { worker in
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    // Indices are claimed in order: all below one that failed were claimed before.
                    guard index < count, failure.withLock({ $0 == nil }) else { return }
                    do throws(TableError) {
                        try body(index, workspaces[worker])
                    } catch {
                        failure.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
                    }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
    }
}
