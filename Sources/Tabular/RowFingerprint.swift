internal import LinearAlgebra

/// Tells tables apart: changes when a feature, a target, a weight or the share of rows that train changes, whichever way
/// the rows come in. It does not protect against forgery.
///
/// 64-bit FNV-1a (Fowler, Noll and Vo 1991) by 32-bit words, over features, targets, weights and shares each.
struct RowFingerprint {
    private struct Hash {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func mix(_ word: UInt32) { value = (value ^ UInt64(word)) &* 0x100_0000_01B3 }

        mutating func mix<Element>(_ buffer: SharedBuffer<Element>) {
            // A local copy stays in a register.
            var own = self
            buffer.base.withMemoryRebound(to: UInt32.self, capacity: buffer.count) { words in
                for index in 0..<buffer.count { own.mix(words[index]) }
            }
            self = own
        }
    }

    private var features = Hash()
    private var targets = Hash()
    private var weights = Hash()
    private var shares = Hash()

    /// Adds rows as they were encoded, before they were scaled.
    mutating func add(_ samples: Samples) {
        features.mix(samples.features)
        switch samples.targets {
        case .labels(let labels, _): targets.mix(labels)
        case .values(let values, _): targets.mix(values)
        case .none: break
        }
        if let own = samples.weights { weights.mix(own) }
    }

    /// Adds whether the next row trains.
    mutating func add(isTraining: Bool) { shares.mix(isTraining ? 1 : 0) }

    /// Sixteen hexadecimal digits.
    var text: String {
        var total = Hash()
        for hash in [features, targets, weights, shares] {
            total.mix(UInt32(truncatingIfNeeded: hash.value))
            total.mix(UInt32(truncatingIfNeeded: hash.value >> 32))
        }
        let digits = String(total.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
