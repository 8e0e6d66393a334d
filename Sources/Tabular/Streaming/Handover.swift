internal import Dispatch
internal import Synchronization

/// Passes things in order from a thread that makes them to one that takes them, a bounded number in between.
package final class Handover<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Result<Element?, TableError>] = []
        var isCancelled = false
    }

    private let state = Mutex(State())
    /// Counts the places for things that nobody has taken yet.
    private let room = DispatchSemaphore(value: 0)
    private let available = DispatchSemaphore(value: 0)
    private let finished = DispatchGroup()

    /// - Parameters:
    ///   - capacity: The things that may wait to be taken.
    ///   - make: Runs on a thread of its own and puts one thing after another, until `put` returns `false`: nobody takes any
    ///     more.
    package init(
        capacity: Int,
        _ make: @escaping @Sendable (_ put: (Element) -> Bool) throws(TableError) -> Void
    ) {
        // A semaphore must not go below the value it began with.
        for _ in 0..<capacity { room.signal() }
        DispatchQueue(label: "descent.handover").async(group: finished) { [self] in
            do throws(TableError) {
                try make { element in
                    room.wait()
                    let isWanted = state.withLock { state in
                        if !state.isCancelled { state.waiting.append(.success(element)) }
                        return !state.isCancelled
                    }
                    if isWanted { available.signal() }
                    return isWanted
                }
                state.withLock { $0.waiting.append(.success(nil)) }
            } catch {
                state.withLock { $0.waiting.append(.failure(error)) }
            }
            available.signal()
        }
    }

    /// The next thing; `nil` after the last. Not to be called again after that, or after it has thrown.
    package func next() throws(TableError) -> Element? {
        available.wait()
        let result = state.withLock { $0.waiting.removeFirst() }
        room.signal()
        return try result.get()
    }

    /// Stops, and returns when nothing is being made any more.
    package func cancel() {
        state.withLock { $0.isCancelled = true }
        room.signal()
        finished.wait()
    }
}
