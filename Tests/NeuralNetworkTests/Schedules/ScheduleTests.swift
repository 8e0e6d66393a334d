import Foundation
import NeuralNetwork
import TestSupport
import Testing

@Suite("Learning rate schedules")
struct ScheduleTests {
    struct File: Decodable {
        var cases: [Case]
    }

    struct Case: Decodable {
        var name: String
        var rates: [Float]
    }

    /// A schedule here for each case that Keras (or, for one-cycle, PyTorch's formula) computed at steps 0...60.
    struct Counterpart: Sendable, CustomTestStringConvertible {
        var name: String
        var schedule: Schedule
        var rate = 0.1
        var totalSteps = 61
        var warmup = 0
        /// The first step from which the two mean the same.
        var from = 0

        var testDescription: String { name }
    }

    static let counterparts = [
        Counterpart(name: "exponential", schedule: .exponential(every: 20, factor: 0.5)),
        Counterpart(name: "staircase", schedule: .step(every: 20, factor: 0.5)),
        Counterpart(name: "cosine", schedule: .cosine(), totalSteps: 50),
        Counterpart(name: "cosine to a floor", schedule: .cosine(floor: 0.1), totalSteps: 50),
        // Keras climbs from its initial rate at step 0; ours reaches the full rate one step earlier, in its last
        // step of warm-up. Afterwards they agree.
        Counterpart(name: "cosine after warm-up", schedule: .cosine(), totalSteps: 50, warmup: 10, from: 10),
        Counterpart(
            name: "cosine after warm-up from a rate", schedule: .cosine(floor: 0.05), totalSteps: 45, warmup: 15,
            from: 15),
        Counterpart(name: "one cycle", schedule: .oneCycle()),
        Counterpart(name: "one cycle, late peak", schedule: .oneCycle(rise: 0.45)),
    ]

    @Test("Rates are those of Keras", arguments: counterparts)
    func keras(_ counterpart: Counterpart) throws {
        let file = try KerasFixtures.load(File.self, from: "schedules.json")
        let example = try #require(file.cases.first { $0.name == counterpart.name })
        let found = (counterpart.from...60).map { step in
            let factor = counterpart.schedule.factor(
                at: step, of: counterpart.totalSteps, warmup: counterpart.warmup)
            return Float(counterpart.rate * factor)
        }
        // The fixture is rounded to Float at every operation.
        let tolerance = Tolerance(absolute: 1e-8, relative: 2e-6)
        #expect(tolerance.disagreement(of: found, with: Array(example.rates[counterpart.from...])) == nil)
    }

    @Test("Keras' warm-up from nothing is ours one step later")
    func kerasWarmup() throws {
        let file = try KerasFixtures.load(File.self, from: "schedules.json")
        let example = try #require(file.cases.first { $0.name == "cosine after warm-up" })
        let found = (0..<10).map { Float(0.1 * Schedule.cosine().factor(at: $0, of: 50, warmup: 10)) }
        #expect(Tolerance(relative: 1e-6).disagreement(of: found, with: Array(example.rates[1...10])) == nil)
    }

    static let schedules: [Schedule] = [
        .constant, .step(every: 10, factor: 0.5), .exponential(every: 10, factor: 0.9), .cosine(), .cosine(floor: 0.2),
        .oneCycle(), .oneCycle(rise: 0.1, start: 10, end: 100), .plateau(),
    ]

    @Test("Warm-up climbs linearly to 1, whatever follows", arguments: schedules)
    func warmup(schedule: Schedule) {
        let factors = (0..<4).map { schedule.factor(at: $0, of: 100, warmup: 4) }
        #expect(factors == [0.25, 0.5, 0.75, 1])
    }

    @Test("Factors lie in [0, 1] for every length of a run, and past its end", arguments: schedules)
    func range(schedule: Schedule) {
        for total in [0, 1, 2, 3, 4, 7, 50] {
            for step in 0..<60 {
                let factor = schedule.factor(at: step, of: total)
                #expect(factor >= 0 && factor <= 1, "step \(step) of \(total)")
            }
        }
    }

    @Test("Schedules start and end where they should")
    func ends() {
        #expect(Schedule.constant.factor(at: 99, of: 100) == 1)
        #expect(Schedule.step(every: 10, factor: 0.5).factor(at: 9, of: 100) == 1)
        #expect(Schedule.step(every: 10, factor: 0.5).factor(at: 10, of: 100) == 0.5)
        #expect(Schedule.step(every: 10, factor: 0.5).factor(at: 35, of: 100) == 0.125)
        #expect(Schedule.cosine().factor(at: 0, of: 100) == 1)
        #expect(abs(Schedule.cosine().factor(at: 50, of: 100) - 0.5) < 1e-12)
        #expect(Schedule.cosine(floor: 0.1).factor(at: 100, of: 100) == 0.1)
        let cycle = (0..<101).map { Schedule.oneCycle().factor(at: $0, of: 101) }
        #expect(abs(cycle[0] - 1 / 25.0) < 1e-12)
        #expect(abs((cycle.max() ?? 0) - 1) < 1e-3)
        #expect(abs(cycle[100] - 1 / 25e4) < 1e-12)
        #expect(Schedule.plateau(factor: 0.5).factor(at: 70, of: 100, reductions: 3) == 0.125)
        #expect(Schedule.plateau(factor: 0.5).factor(at: 70, of: 100) == 1)
    }

    @Test("Schedules survive coding", arguments: schedules)
    func coding(schedule: Schedule) throws {
        let data = try JSONEncoder().encode(schedule)
        #expect(try JSONDecoder().decode(Schedule.self, from: data) == schedule)
    }
}
