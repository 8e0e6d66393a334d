import LinearAlgebra
import TestSupport
import Testing

@testable import Tabular

@Suite("The rows of a window that are kept")
struct WindowVisitsTests {
    @Test("Needed visits find their rows among those kept, whatever the order", arguments: [false, true])
    func needed(isShuffled: Bool) {
        var random = CounterRandom.test(1)
        for count in [1, 2, 7, 64, 65, 200] {
            var order = Array(0..<UInt32(count))
            if isShuffled { random.shuffle(&order) }
            for ranges in [[0..<count], [], [count / 3..<count], [0..<count / 4, count / 2..<count / 2 + 1]] {
                let visits = WindowVisits(isShuffled ? order : nil, count: count, needed: ranges)
                #expect(visits.neededCount == ranges.reduce(0) { $0 + $1.count })
                let kept = (0..<count).filter { visits.needed?.contains($0) ?? true }
                #expect(kept.count == visits.neededCount)
                for visit in ranges.joined() {
                    #expect(kept[Int(visits.order?[visit] ?? .max)] == Int(order[visit]))
                }
            }
        }
    }

    @Test("Where nobody says what is needed, all rows are kept in the order there is")
    func all() {
        let order: [UInt32] = [2, 0, 1]
        let visits = WindowVisits(order, count: 3, needed: nil)
        #expect(visits.order == order && visits.needed == nil && visits.neededCount == 3)
        #expect(WindowVisits(nil, count: 3, needed: nil).order == nil)
    }
}
