internal import Dispatch
internal import LinearAlgebra
internal import Synchronization

/// A sequence of phases, each a number of independent items, run by several workers in one `concurrentPerform`.
///
/// Every item of a phase may rely on all items of the phases before it. Items are claimed in order from one counter; the
/// claimer of an item waits until the items before its phase are *done*. Whoever waits therefore waits for items that
/// somebody is running: a worker that comes late, or never, holds none, and one worker alone finishes everything. The
/// number of workers decides who computes what, and nothing else.
struct PhasedLoop: Sendable {
    /// The items of the phases that repeat.
    let repeating: [Int]
    /// How often they repeat.
    let repetitions: Int
    /// The items of the phases of a last, different round; empty where there is none.
    let last: [Int]

    /// Runs all items on up to `workers` threads and returns when all are done.
    ///
    /// `body` receives the round, the phase in the round, the item in the phase and the worker.
    func run(workers: Int, _ body: @Sendable (_ round: Int, _ phase: Int, _ item: Int, _ worker: Int) -> Void) {
        if workers <= 1 {
            runAlone(body)
        } else {
            let progress = Progress()
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                while let item = claim(progress) {
                    wait(for: item.before, progress)
                    body(item.round, item.phase, item.index, worker)
                    progress.done.add(1, ordering: .releasing)
                }
            }
        }
    }

    /// The counters that workers share.
    private final class Progress: Sendable {
        let claimed = Atomic<Int>(0)
        let done = Atomic<Int>(0)
    }

    private struct Item {
        var round: Int
        var phase: Int
        var index: Int
        /// The items of all earlier phases.
        var before: Int
    }

    private func runAlone(_ body: (Int, Int, Int, Int) -> Void) {
        for round in 0..<repetitions + (last.isEmpty ? 0 : 1) {
            let phases = round < repetitions ? repeating : last
            for (phase, items) in phases.enumerated() {
                for item in 0..<items { body(round, phase, item, 0) }
            }
        }
    }

    private func claim(_ progress: Progress) -> Item? {
        let number = progress.claimed.add(1, ordering: .relaxed).oldValue
        let perRound = repeating.reduce(0, +)
        let repeated = perRound * repetitions
        let (round, phases) = number < repeated ? (number / perRound, repeating) : (repetitions, last)
        var before = perRound * round
        for (phase, items) in phases.enumerated() {
            if number < before + items {
                return Item(round: round, phase: phase, index: number - before, before: before)
            }
            before += items
        }
        return nil
    }

    private func wait(for count: Int, _ progress: Progress) {
        var round: UInt32 = 0
        while progress.done.load(ordering: .acquiring) < count {
            pause(round: round)
            round &+= 1
        }
    }
}
