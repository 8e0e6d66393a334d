import Foundation
import LinearAlgebra
import Synchronization
import Tabular
import Testing

@testable import Training

@Suite("A loop of phases")
struct PhasedLoopTests {
    static let workers = [1, 2, 3, 5, 8, 16]

    static let loops = [
        PhasedLoop(repeating: [1], repetitions: 1, last: []),
        PhasedLoop(repeating: [4, 3], repetitions: 25, last: []),
        PhasedLoop(repeating: [7, 1, 5], repetitions: 11, last: [3, 1, 5]),
        PhasedLoop(repeating: [2, 9], repetitions: 0, last: [1, 4]),
        PhasedLoop(repeating: [0, 5, 0, 0, 2], repetitions: 6, last: [0, 1, 0]),
        PhasedLoop(repeating: [0], repetitions: 3, last: [2]),
        PhasedLoop(repeating: [], repetitions: 4, last: [1, 1]),
        PhasedLoop(repeating: [3], repetitions: 2, last: [0, 0]),
        PhasedLoop(repeating: [17, 1, 33], repetitions: 3, last: [64]),
    ]

    @Test("Every item runs once, and only when all items of the phases before are done", arguments: workers)
    func order(workers: Int) {
        for loop in Self.loops {
            let record = RunRecord(loop)
            loop.run(workers: workers) { round, phase, item, worker in
                record.run(round: round, phase: phase, item: item, worker: worker, workers: workers)
            }
            #expect(record.runs == record.phases.flatMap { Array(repeating: 1, count: $0) }, "\(loop)")
            #expect(record.early == 0, "\(loop)")
            #expect(record.strangers == 0, "\(loop)")
        }
    }

    @Test("A slow worker holds up the phases after its item and nothing else", arguments: [2, 3, 8])
    func slowWorker(workers: Int) {
        let loop = PhasedLoop(repeating: [5, 2], repetitions: 4, last: [3, 2])
        let record = RunRecord(loop)
        loop.run(workers: workers) { round, phase, item, worker in
            if worker == 1 { Thread.sleep(forTimeInterval: 0.003) }
            record.run(round: round, phase: phase, item: item, worker: worker, workers: workers)
        }
        #expect(record.runs == Array(repeating: 1, count: 4 * 7 + 5))
        #expect(record.early == 0)
    }

    @Test("A slow item is waited for by the items of the next phase", arguments: [2, 3, 8])
    func slowItem(workers: Int) {
        let loop = PhasedLoop(repeating: [4, 4], repetitions: 5, last: [])
        let record = RunRecord(loop)
        loop.run(workers: workers) { round, phase, item, worker in
            if phase == 0, item == round % 4 { Thread.sleep(forTimeInterval: 0.002) }
            record.run(round: round, phase: phase, item: item, worker: worker, workers: workers)
        }
        #expect(record.runs == Array(repeating: 1, count: 40))
        #expect(record.early == 0)
    }

    @Test("What one phase writes the next one reads", arguments: workers)
    func visibility(workers: Int) {
        let items = 13
        let written = SharedBuffer<Double>(count: items)
        let sums = SharedBuffer<Double>(count: items)
        PhasedLoop(repeating: [items, items], repetitions: 40, last: []).run(workers: workers) {
            round, phase, item, _ in
            if phase == 0 {
                written[item] = sums[item] + Double(item + round)
            } else {
                sums[item] = written.elements.reduce(0, +) / Double(items)
            }
        }
        // The mean grows by the mean of item + round: 6 + round.
        let expected = (0..<40).reduce(0.0) { $0 + Double(6 + $1) }
        for sum in sums.elements { #expect(abs(sum - expected) < 1e-9) }
    }

    @Test("One worker runs everything in order and calls itself 0")
    func alone() {
        let seen = Mutex<[[Int]]>([])
        PhasedLoop(repeating: [2, 1], repetitions: 2, last: [1, 0, 2]).run(workers: 1) { round, phase, item, worker in
            seen.withLock { $0.append([round, phase, item, worker]) }
        }
        #expect(
            seen.withLock { $0 } == [
                [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [2, 0, 0, 0],
                [2, 2, 0, 0], [2, 2, 1, 0],
            ])
    }

    @Test("Several workers take part where there are processors for them", .enabled(if: Processors.scheduled > 1))
    func sharing() {
        let seen = Mutex<Set<Int>>([])
        // A busy machine may send the second worker late, and then the first has done all the work of a loop.
        for _ in 0..<500 where seen.withLock({ $0.count < 2 }) {
            PhasedLoop(repeating: [4], repetitions: 1, last: []).run(workers: 2) { _, _, _, worker in
                seen.withLock { _ = $0.insert(worker) }
                Thread.sleep(forTimeInterval: 0.001)
            }
        }
        #expect(seen.withLock { $0 } == [0, 1])
    }
}

/// Counts what a loop runs, item by item, and what it runs too early.
private final class RunRecord: Sendable {
    /// The items of every phase of the run, one phase after another.
    let phases: [Int]
    private let phasesPerRound: Int
    private let counts: [Counter]
    private let finished: [Counter]
    private let tooEarly = Counter()
    private let unknownWorkers = Counter()

    init(_ loop: PhasedLoop) {
        phases = Array(repeating: loop.repeating, count: loop.repetitions).flatMap { $0 } + loop.last
        phasesPerRound = loop.repeating.count
        counts = (0..<phases.reduce(0, +)).map { _ in Counter() }
        finished = phases.map { _ in Counter() }
    }

    func run(round: Int, phase: Int, item: Int, worker: Int, workers: Int) {
        let index = round * phasesPerRound + phase
        if worker < 0 || worker >= workers { unknownWorkers.add() }
        for earlier in 0..<index where finished[earlier].value < phases[earlier] {
            tooEarly.add()
            break
        }
        counts[phases[..<index].reduce(0, +) + item].add()
        finished[index].add()
    }

    var runs: [Int] { counts.map(\.value) }
    var early: Int { tooEarly.value }
    var strangers: Int { unknownWorkers.value }
}

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func add() { count.add(1, ordering: .sequentiallyConsistent) }

    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}
