import LinearAlgebra
import Testing

@Suite("Counter-based random numbers")
struct CounterRandomTests {
    @Test("Philox gives the known answers of its authors' library")
    func knownAnswers() {
        let zeros = philox((0, 0, 0, 0), key: (0, 0))
        #expect(zeros == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        let ones = philox((.max, .max, .max, .max), key: (.max, .max))
        #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        let pi = philox((0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
        #expect(pi == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test("A draw is two words of the block at half its position")
    func positions() {
        let seed: UInt64 = 0x0123_4567_89ab_cdef
        let stream: UInt64 = 0x9876_5432_1098
        let key: (UInt32, UInt32) = (0x89ab_cdef, 0x0123_4567)
        var random = CounterRandom(seed: seed, purpose: .splitting, stream: stream)
        for position in 0..<6 {
            #expect(random.position == UInt64(position))
            let words = philox((UInt32(position / 2), 0, 0x5432_1098, 0x4000_9876), key: key)
            let expected = position % 2 == 0 ? (words.0, words.1) : (words.2, words.3)
            #expect(random.next() == UInt64(expected.0) + UInt64(expected.1) << 32)
        }
    }

    @Test("A stream can be entered at any position")
    func entering() {
        var whole = CounterRandom(seed: 5, purpose: .testing)
        let numbers = (0..<40).map { _ in whole.next() }
        for start in [1, 2, 7, 38] {
            var part = CounterRandom(seed: 5, purpose: .testing, position: UInt64(start))
            #expect((start..<40).map { _ in part.next() } == Array(numbers[start...]))
            #expect(part == whole)
        }
        var far = CounterRandom(seed: 5, purpose: .testing, position: 1 << 33)
        let words = philox((0, 1, 0, 0xf000_0000), key: (5, 0))
        #expect(far.next() == UInt64(words.0) + UInt64(words.1) << 32)
    }

    @Test("Seeds, purposes and streams do not share numbers")
    func independence() {
        let purposes: [RandomPurpose] = [.initialization, .shuffling, .dropout, .splitting, .testing]
        var seen: Set<UInt64> = []
        var drawn = 0
        for seed: UInt64 in [0, 1, 1 << 32, .max] {
            for purpose in purposes {
                for stream: UInt64 in [0, 1, 1 << 32, 1 << 48 - 1] {
                    var random = CounterRandom(seed: seed, purpose: purpose, stream: stream)
                    for _ in 0..<8 {
                        seen.insert(random.next())
                        drawn += 1
                    }
                }
            }
        }
        #expect(seen.count == drawn)
    }

    @Test("Uniform numbers lie in [0, 1) and have the moments of the uniform distribution")
    func uniformity() {
        var random = CounterRandom(seed: 1, purpose: .testing)
        let count = 20_000
        let numbers = (0..<count).map { _ in random.uniform() }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = numbers.reduce(0, +) / Double(count)
        let variance = numbers.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(count)
        // Four standard errors: 1 / √(12 n), and √(1 / 180 n).
        #expect(abs(mean - 0.5) < 4 / (12 * Double(count)).squareRoot())
        #expect(abs(variance - 1.0 / 12) < 4 / (180 * Double(count)).squareRoot())
        var counts = [Int](repeating: 0, count: 64)
        for number in numbers { counts[Int(number * 64)] += 1 }
        // Chi-squared with 63 degrees of freedom exceeds 103 once in a thousand seeds.
        let expected = Double(count) / 64
        #expect(counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } < 103)
    }

    @Test("Every bit is set half of the time")
    func bits() {
        var random = CounterRandom(seed: 2, purpose: .testing)
        let count = 4096
        var ones = [Int](repeating: 0, count: 64)
        for _ in 0..<count {
            let number = random.next()
            for bit in 0..<64 { ones[bit] += Int(number >> UInt64(bit) & 1) }
        }
        // Four and a half standard deviations of 32: 64 bits stay within them in all but one of 2000 seeds.
        #expect(ones.allSatisfy { abs($0 - count / 2) < 144 })
    }

    @Test("Integers below a bound are even over it", arguments: [1, 2, 3, 10, 1000])
    func integers(bound: Int) {
        var random = CounterRandom(seed: 3, purpose: .testing, stream: UInt64(bound))
        let share = 200_0
        let count = min(bound, 10) * share
        var counts = [Int](repeating: 0, count: min(bound, 10))
        for _ in 0..<count {
            let number = Int(random.integer(below: UInt64(bound)))
            #expect(number < bound)
            counts[number * counts.count / bound] += 1
        }
        #expect(counts.allSatisfy { abs($0 - share) < 4 * 45 })
    }

    @Test("The largest bounds work, and draw again instead of favouring some numbers")
    func largeBounds() {
        var random = CounterRandom(seed: 4, purpose: .testing)
        let bound = UInt64(1) << 63 + 1
        var low = 0
        for _ in 0..<1000 {
            let number = random.integer(below: bound)
            #expect(number < bound)
            if number < bound / 2 { low += 1 }
        }
        // About half of the draws are refused: the numbers accepted would otherwise not be even.
        #expect(random.position > 1800 && random.position < 2200)
        #expect(abs(low - 500) < 64)
        #expect((0..<100).allSatisfy { _ in random.integer(below: .max) < .max })
    }

    @Test("Shuffling gives a permutation", arguments: [0, 1, 2, 3, 10, 1000])
    func permutation(count: Int) {
        var random = CounterRandom(seed: 6, purpose: .shuffling, stream: UInt64(count))
        var elements = Array(0..<count)
        random.shuffle(&elements)
        #expect(elements.sorted() == Array(0..<count))
        #expect(count < 10 || elements != Array(0..<count))
    }

    @Test("Shuffles are equally likely")
    func fairness() {
        var counts: [[Int]: Int] = [:]
        var random = CounterRandom(seed: 7, purpose: .shuffling)
        for _ in 0..<6000 {
            var elements = [0, 1, 2]
            random.shuffle(&elements)
            counts[elements, default: 0] += 1
        }
        #expect(counts.count == 6)
        // Four standard deviations of 29.
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 116 })
    }

    @Test("These numbers are part of the format: a run started by one version continues in the next")
    func golden() {
        // Computed once more by an implementation of Philox, Lemire and Durstenfeld in Python.
        var random = CounterRandom(seed: 42, purpose: .shuffling, stream: 3)
        var elements = Array(0..<12)
        random.shuffle(&elements)
        #expect(elements == [11, 0, 7, 6, 8, 5, 9, 4, 2, 1, 10, 3])
        #expect(random.position == 11)
        var uniform = CounterRandom(seed: 42, purpose: .initialization)
        let numbers = (0..<3).map { _ in uniform.uniform() }
        #expect(numbers == [0.005555596033606003, 0.21424266463386799, 0.6443831572627161])
    }
}
