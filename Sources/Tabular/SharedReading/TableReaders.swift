public import LinearAlgebra

/// The ranks that read one table together, as one of them sees them: each reads a part of the rows, and tells the others
/// what it found there.
///
/// All ranks call the same methods in the same order. Where there is one rank, nothing is ever copied or sent.
public protocol TableReaders: Sendable {
    /// This rank's number, from 0.
    var rank: Int { get }
    /// The number of ranks.
    var rankCount: Int { get }

    /// Returns when every rank has all of a buffer, of which each rank has made a part.
    ///
    /// - Parameter parts: The elements that each rank has made, by rank.
    func share<Element>(_ buffer: SharedBuffer<Element>, parts: [Range<Int>])
}

/// A rank that reads all rows by itself.
public struct SoleReader: TableReaders {
    public let rank = 0
    public let rankCount = 1

    public init() {}

    public func share<Element>(_ buffer: SharedBuffer<Element>, parts: [Range<Int>]) {}
}

extension TableReaders {
    /// What every rank has to tell, by rank.
    func gather(_ own: PackedValues) -> [PackedValues] {
        guard rankCount > 1 else { return [own] }
        let counts = SharedBuffer<Int>(count: rankCount)
        counts[rank] = own.bytes.count
        share(counts, parts: (0..<rankCount).map { $0..<$0 + 1 })
        let parts = counts.elements.consecutiveRanges
        let all = SharedBuffer<UInt8>(count: parts[rankCount - 1].upperBound)
        own.bytes.withUnsafeBufferPointer { bytes in
            guard let source = bytes.baseAddress else { return }
            (all.base + parts[rank].lowerBound).update(from: source, count: bytes.count)
        }
        share(all, parts: parts)
        return parts.map { part in
            PackedValues(bytes: Array(UnsafeBufferPointer(start: all.base + part.lowerBound, count: part.count)))
        }
    }

    /// What every rank has, as much as it has, by rank.
    package func gather<Value: BitwiseCopyable>(_ own: [Value]) -> [[Value]] {
        guard rankCount > 1 else { return [own] }
        var packed = PackedValues()
        packed.append(own)
        return gather(packed).map { values in
            var values = values
            return values.next()
        }
    }

    /// Compares tables before their rows are shared out.
    ///
    /// - Parameter shape: What all ranks must have in common.
    /// - Throws: where that is not as on the first rank.
    func check(_ shape: String, of table: String) throws(TableError) {
        let expected = String(decoding: gather(Array(shape.utf8))[0], as: UTF8.self)
        guard shape == expected else {
            throw TableError(
                .badData, file: table,
                "it holds other data here than on rank 0, \(shape) instead of \(expected): let all ranks read the same file"
            )
        }
    }

    /// Place by place the sums of every rank's counts, of which each has as many.
    func sum(_ counts: [Int]) -> [Int] {
        gather(counts).reduce(counts.map { _ in 0 }) { zip($0, $1).map(+) }
    }
}

extension [Int] {
    /// Ranges of so many elements that follow one another, the first from 0.
    var consecutiveRanges: [Range<Int>] {
        var first = 0
        return map { count in
            defer { first += count }
            return first..<first + count
        }
    }
}
