internal import LinearAlgebra

extension Table {
    /// Sixteen hexadecimal digits that change when a feature, a target, a weight or the split changes: 64-bit FNV-1a
    /// (Fowler, Noll and Vo 1991) over their words. It tells data apart; it does not protect against forgery.
    public var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x100_0000_01B3 }
        let samples = training.samples
        mix(UInt32(truncatingIfNeeded: samples.rowCount))
        mix(UInt32(truncatingIfNeeded: samples.featureCount))
        for index in 0..<samples.features.count { mix(samples.features.base[index].bitPattern) }
        switch samples.targets {
        case .labels(let labels, _): for index in 0..<labels.count { mix(UInt32(bitPattern: labels.base[index])) }
        case .values(let values, _): for index in 0..<values.count { mix(values.base[index].bitPattern) }
        case .none: break
        }
        if let weights = samples.weights {
            for index in 0..<weights.count { mix(weights.base[index].bitPattern) }
        }
        for row in training.rows ?? [] { mix(row) }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
