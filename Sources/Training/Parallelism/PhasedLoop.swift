internal import Dispatch
internal import LinearAlgebra
internal import Synchronization

/// A sequence of phases, each a number of independent items, run by several workers in one `concurrentPerform`.
///
/// Every item of a phase may rely on all items of the phases before it. Each worker goes through the phases in order,
/// waits until the items before a phase are *done*, and then claims what nobody has claimed, its own share first: the
/// same worker meets the same slices of memory step after step, while they are in its cache. Whoever waits therefore
/// waits for items that somebody is running: a worker that comes late, or never, holds none, and one worker alone
/// finishes everything. The number of workers decides who computes what, and nothing else.
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
            forEachPhase { round, phase, items in
                for item in 0..<items { body(round, phase, item, 0) }
            }
        } else {
            let done = Counter()
            let claims = (0..<max(repeating.max() ?? 0, last.max() ?? 0)).map { _ in Counter() }
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                var number = 0
                var before = 0
                forEachPhase { round, phase, items in
                    done.wait(for: before)
                    number += 1
                    before += items
                    let first = worker * items / workers
                    for offset in 0..<items {
                        let item = first + offset < items ? first + offset : first + offset - items
                        if claims[item].claim(number) {
                            body(round, phase, item, worker)
                            done.value.add(1, ordering: .releasing)
                        }
                    }
                }
            }
        }
    }

    private func forEachPhase(_ body: (_ round: Int, _ phase: Int, _ items: Int) -> Void) {
        for round in 0..<repetitions + (last.isEmpty ? 0 : 1) {
            let phases = round < repetitions ? repeating : last
            for phase in phases.indices { body(round, phase, phases[phase]) }
        }
    }
}

/// A number that workers share: how many items are done, or the last phase in which an item was claimed.
private final class Counter: Sendable {
    let value = Atomic<Int>(0)
    /// Keeps counters two cache lines apart, the unit in which neighbouring lines are fetched: workers that write one
    /// do not disturb those that read another.
    private let padding = InlineArray<14, Int>(repeating: 0)

    /// Waits until the counter has reached `count`, and sees what was written before it did.
    func wait(for count: Int) {
        var round: UInt32 = 0
        while value.load(ordering: .acquiring) < count {
            pause(round: round)
            round &+= 1
        }
    }

    /// Whether nobody claimed this phase before. Phases are numbered from 1 and only go up.
    func claim(_ phase: Int) -> Bool {
        let last = value.load(ordering: .relaxed)
        return last < phase && value.compareExchange(expected: last, desired: phase, ordering: .relaxed).exchanged
    }
}
