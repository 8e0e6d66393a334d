internal import Dispatch
internal import Synchronization

/// Makes things on a thread of its own, a bounded number of them ahead of whoever takes them.
final class ReadAhead<Element: Sendable>: Sendable {
    private struct State {
        var ready: [Result<Element?, TableError>] = []
        var isCancelled = false
        var hasLent = false
    }

    private let state = Mutex(State())
    /// Counts the elements that may be in being: made and not taken, or taken and not given back.
    private let room = DispatchSemaphore(value: 0)
    private let available = DispatchSemaphore(value: 0)
    private let finished = DispatchGroup()

    /// - Parameters:
    ///   - capacity: The elements that may be in being at once, the one that was taken last among them.
    ///   - make: Makes the element of a number, from 0 up; `nil` ends the sequence. Not called again after that, or after it has thrown.
    init(capacity: Int, _ make: @escaping @Sendable (Int) throws(TableError) -> Element?) {
        // A semaphore must not go below the value it began with.
        for _ in 0..<capacity { room.signal() }
        // A queue of one's own has a thread of its own, however many workers are at work.
        DispatchQueue(label: "descent.read-ahead").async(group: finished) { [self] in
            var number = 0
            while true {
                room.wait()
                if state.withLock({ $0.isCancelled }) { break }
                let result: Result<Element?, TableError>
                do throws(TableError) { result = .success(try make(number)) } catch { result = .failure(error) }
                state.withLock { $0.ready.append(result) }
                available.signal()
                guard case .success(.some) = result else { break }
                number += 1
            }
        }
    }

    /// The next element, which is good until the next call; `nil` after the last.
    func next() throws(TableError) -> Element? {
        let hadLent = state.withLock { state in
            defer { state.hasLent = true }
            return state.hasLent
        }
        if hadLent { room.signal() }
        available.wait()
        return try state.withLock { $0.ready.removeFirst() }.get()
    }

    /// Stops, and returns when nothing is being made any more.
    func cancel() {
        state.withLock { $0.isCancelled = true }
        room.signal()
        finished.wait()
    }
}
