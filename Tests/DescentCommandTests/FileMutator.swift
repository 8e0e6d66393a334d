import Foundation
import LinearAlgebra
import TestSupport

/// Changes a file as damage and malice do. The same number always makes the same mutant.
struct FileMutator {
    private let original: Data
    /// Where there are bytes other than 0: most of a small file is room for more.
    private let filled: [Int]

    init(_ original: Data) {
        self.original = Data(original)
        filled = original.indices.filter { original[$0] != 0 }
    }

    func mutant(_ number: Int) -> Data {
        var random = CounterRandom.test(100_000 + number)
        var bytes = original
        for _ in 0...random.int(in: 0...2) { change(&bytes, &random) }
        return bytes
    }

    private func change(_ bytes: inout Data, _ random: inout CounterRandom) {
        guard bytes.count > 64 else { return }
        switch random.int(in: 0...9) {
        case 0...1: bytes[place(bytes, 1, &random)] ^= UInt8(1 << random.int(in: 0...7))
        case 2: bytes[place(bytes, 1, &random)] = UInt8(random.int(in: 0...255))
        case 3: write(random.element(of: Self.values), size: 2, &bytes, &random)
        case 4: write(random.element(of: Self.values), size: 4, &bytes, &random)
        case 5: write(random.element(of: Self.values), size: 8, &bytes, &random)
        case 6:
            let count = random.int(in: 1...min(512, bytes.count / 2))
            let start = place(bytes, count, &random)
            bytes.replaceSubrange(start..<start + count, with: Data(count: count))
        case 7:
            // One block takes the place of another, or both change places.
            let count =
                8 << random.int(in: 0...min(5, (bytes.count / 4).bitWidth - (bytes.count / 4).leadingZeroBitCount - 4))
            let (a, b) = (place(bytes, count, &random), place(bytes, count, &random))
            let (first, second) = (bytes.subdata(in: a..<a + count), bytes.subdata(in: b..<b + count))
            bytes.replaceSubrange(b..<b + count, with: first)
            if random.int(in: 0...1) == 0 { bytes.replaceSubrange(a..<a + count, with: second) }
        case 8:
            // A reference to another place in the file.
            write(UInt64(random.int(in: 0...bytes.count)) & ~7, size: 8, &bytes, &random)
        default:
            guard random.int(in: 0...2) == 0 else { return change(&bytes, &random) }
            bytes.removeSubrange(random.int(in: 64...bytes.count - 1)..<bytes.count)
        }
    }

    /// What counts, sizes and addresses are made of that mean harm.
    private static let values: [UInt64] = [
        0, 1, 2, 255, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 40, 1 << 60, .max, .max - 1, 1 << 63,
        64,
        4096,
    ]

    private func write(_ value: UInt64, size: Int, _ bytes: inout Data, _ random: inout CounterRandom) {
        let start = place(bytes, 8, &random) & ~(size == 2 ? 1 : 3)
        for index in 0..<size { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// Where a change of so many bytes may begin, mostly where there is something to change.
    private func place(_ bytes: Data, _ count: Int, _ random: inout CounterRandom) -> Int {
        let last = bytes.count - count
        guard random.int(in: 0...9) < 8 else { return random.int(in: 0...last) }
        return min(random.element(of: filled), last)
    }
}
