import LinearAlgebra

/// Numbers made up by the counter-based generator: the same in every run.
enum RandomNumbers {
    /// `count` numbers uniform in [lower, upper).
    static func buffer(_ count: Int, in range: Range<Float> = -1..<1, stream: UInt64 = 0) -> SharedBuffer<Float> {
        var random = CounterRandom(seed: 1, purpose: .testing, stream: stream)
        let buffer = SharedBuffer<Float>(count: count)
        let width = Double(range.upperBound - range.lowerBound)
        for index in 0..<count { buffer.base[index] = range.lowerBound + Float(width * random.uniform()) }
        return buffer
    }

    /// `count` class indices.
    static func labels(_ count: Int, classes: Int) -> SharedBuffer<Int32> {
        var random = CounterRandom(seed: 2, purpose: .testing)
        let labels = SharedBuffer<Int32>(count: count)
        for index in 0..<count { labels.base[index] = Int32(random.integer(below: UInt64(classes))) }
        return labels
    }
}

extension SharedBuffer<Float> {
    /// The buffer's first elements as a matrix.
    func matrix(_ rows: Int, _ columns: Int) -> MutableMatrixView {
        precondition(rows * columns <= count, "\(count) elements are too few for \(rows) x \(columns)")
        return MutableMatrixView(base, rows: rows, columns: columns)
    }
}
