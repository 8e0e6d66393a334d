internal import CKernels

/// What a random number is drawn for. Each purpose has a stream of its own, so that changing one use of randomness
/// never moves another.
public enum RandomPurpose: UInt32, Sendable, Hashable {
    case initialization = 1
    case shuffling = 2
    case dropout = 3
    case splitting = 4
    case blockShuffling = 5
    case windowShuffling = 6
    case sampling = 7
    case testing = 15
}

/// A stream of random numbers in which every number is a function of (seed, purpose, stream, position).
///
/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011): ten rounds of a keyed bijection on a 128-bit counter. Nothing
/// is carried from draw to draw but the position, so any thread can compute any number, and a stream can be entered at
/// any place.
public struct CounterRandom: RandomNumberGenerator, Sendable, Hashable {
    private let key: (UInt32, UInt32)
    private let purpose: RandomPurpose
    private let stream: UInt64
    /// The number of 64-bit draws made so far.
    public private(set) var position: UInt64

    /// The stream number `stream` (an epoch, a step, the index of a parameter) of a purpose.
    ///
    /// - Precondition: `stream < 2^48`.
    public init(seed: UInt64, purpose: RandomPurpose, stream: UInt64 = 0, position: UInt64 = 0) {
        precondition(stream < 1 << 48, "A random stream is numbered with 48 bits")
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.purpose = purpose
        self.stream = stream
        self.position = position
    }

    public mutating func next() -> UInt64 {
        let block = position >> 1
        let words = philox(
            (
                UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
                UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32) | purpose.rawValue << 28
            ), key: key)
        let odd = position & 1 == 1
        position += 1
        return odd ? UInt64(words.2) | UInt64(words.3) << 32 : UInt64(words.0) | UInt64(words.1) << 32
    }

    /// A number uniform in [0, 1), with 53 random bits.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// An integer uniform in 0..<bound, without bias (Lemire 2019).
    public mutating func integer(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "There is no integer below 0")
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// Shuffles in place (Fisher and Yates 1938, Durstenfeld 1964).
    ///
    /// Specialized for row numbers, which other modules shuffle by the million: the generic form allocates at each swap.
    @_specialize(where Element == UInt32)
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        let ahead = 32
        elements.withUnsafeMutableBufferPointer { elements in
            guard let base = elements.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: Int.self, capacity: ahead) { drawn in
                // Drawn some at a time, so that their places are on their way from memory when they are exchanged.
                for last in stride(from: elements.count - 1, to: 0, by: -ahead) {
                    let count = min(ahead, last)
                    for index in 0..<count {
                        drawn[index] = Int(integer(below: UInt64(last - index + 1)))
                        descent_prefetch(base + drawn[index])
                    }
                    for index in 0..<count { elements.swapAt(last - index, drawn[index]) }
                }
            }
        }
    }

    public static func == (left: CounterRandom, right: CounterRandom) -> Bool {
        left.key == right.key && left.purpose == right.purpose && left.stream == right.stream
            && left.position == right.position
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(key.0)
        hasher.combine(key.1)
        hasher.combine(purpose)
        hasher.combine(stream)
        hasher.combine(position)
    }
}

/// Four words of Philox4x32-10.
package func philox(
    _ counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
) -> (UInt32, UInt32, UInt32, UInt32) {
    var words = (counter, key, (UInt32(0), UInt32(0), UInt32(0), UInt32(0)))
    withUnsafeMutableBytes(of: &words) { bytes in
        guard let base = bytes.bindMemory(to: UInt32.self).baseAddress else { return }
        descent_philox(base, base + 4, base + 6)
    }
    return words.2
}

/// A dropout mask: 0 with the drop probability, otherwise 1 / (1 - probability).
///
/// The value for (row, column) depends on (seed, step, layer, row in the batch, column) alone.
///
/// - Precondition: `layer < 2^12`, `step < 2^48`, `0 <= probability < 1`.
package func fillDropoutMask(
    _ mask: MutableMatrixView, probability: Double, seed: UInt64, step: UInt64, layer: Int, firstRow: Int
) {
    precondition(layer < 1 << 12 && step < 1 << 48, "A dropout mask is keyed by 12 bits of layer and 48 of step")
    precondition(probability >= 0 && probability < 1, "A drop probability lies in [0, 1)")
    let threshold = UInt32((probability * 0x1p32).rounded(.down))
    let scale = Float(1 / (1 - probability))
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2) { key in
        key[0] = UInt32(truncatingIfNeeded: seed)
        key[1] = UInt32(truncatingIfNeeded: seed >> 32)
        descent_dropout_mask(
            key.baseAddress, UInt32(truncatingIfNeeded: step),
            UInt32(truncatingIfNeeded: step >> 32) << 12 | UInt32(layer) | RandomPurpose.dropout.rawValue << 28,
            firstRow, mask.rows, mask.columns, threshold, scale, mask.base)
    }
}
