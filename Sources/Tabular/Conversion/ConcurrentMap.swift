internal import Dispatch

extension Array where Element: Sendable {
    /// What `body` makes of every element, in order, several at a time.
    package func concurrentMap<Result: Sendable>(_ body: @Sendable (Element) -> Result) -> [Result] {
        guard count > 1 else { return map(body) }
        var results = [Result?](repeating: nil, count: count)
        results.withUnsafeMutableBufferPointer { results in
            // Every index is one iteration's alone, and all are done on return.
            nonisolated(unsafe) let results = results
            DispatchQueue.concurrentPerform(iterations: count) { results[$0] = body(self[$0]) }
        }
        return results.compactMap { $0 }
    }
}
