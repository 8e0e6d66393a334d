import Synchronization
import Testing

@testable import Tabular

@Suite("Reading ahead")
struct ReadAheadTests {
    @Test("Elements come in order, and no more are in being than the capacity", arguments: [1, 2, 3])
    func order(capacity: Int) throws {
        let made = Mutex(0)
        let reader = ReadAhead<Int>(capacity: capacity) { number throws(TableError) in
            made.withLock { $0 = number + 1 }
            return number < 50 ? number * number : nil
        }
        var taken = 0
        while let element = try reader.next() {
            #expect(element == taken * taken)
            taken += 1
            // The one in hand and those made ahead of it.
            #expect(made.withLock { $0 } <= taken - 1 + capacity)
        }
        #expect(taken == 50)
        reader.cancel()
    }

    @Test("An error comes after the elements before it")
    func failure() throws {
        let reader = ReadAhead<Int>(capacity: 2) { number throws(TableError) in
            guard number < 3 else { throw TableError(.badData, file: "t", "is torn") }
            return number
        }
        for expected in 0..<3 { #expect(try reader.next() == expected) }
        #expect(throws: TableError(.badData, file: "t", "is torn")) { try reader.next() }
        reader.cancel()
    }

    @Test("Nothing is made after it was cancelled", arguments: [0, 1, 5])
    func cancel(taken: Int) throws {
        let made = Mutex(0)
        let reader = ReadAhead<Int>(capacity: 2) { number throws(TableError) in
            made.withLock { $0 += 1 }
            return number
        }
        for _ in 0..<taken { _ = try reader.next() }
        reader.cancel()
        let count = made.withLock { $0 }
        #expect(count <= taken + 2)
        #expect(made.withLock { $0 } == count)
    }
}
