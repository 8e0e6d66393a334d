internal import CKernels
internal import Dispatch

/// What this machine's processors can do at most, measured: the yardstick for a training rate.
public enum ProcessorPeak {
    /// Floating-point operations per second of fused multiply-adds in registers, on so many threads at once, in
    /// GFLOP/s.
    ///
    /// - Precondition: `threads` is positive.
    public static func multiplyAddRate(threads: Int) -> Double {
        max(
            rate(threads: threads) { _ in descent_multiply_add_512(1_000_000) },
            rate(threads: threads) { _ in descent_multiply_add_256(1_000_000) })
    }

    /// The rate of OpenBLAS on a product of two 1024 x 1024 matrices per thread, so many threads at once, each with one
    /// BLAS thread, in GFLOP/s: what a network of large layers may hope for.
    ///
    /// - Precondition: `threads` is positive.
    public static func productRate(threads: Int) -> Double {
        let size = 1024
        let factors = (0..<2 * threads).map { _ in
            SharedBuffer(Array(repeating: Float(0.5), count: size * size))
        }
        let products = (0..<threads).map { _ in SharedBuffer<Float>(count: size * size) }
        return rate(threads: threads) { thread in
            multiply(
                MatrixView(factors[2 * thread].base, rows: size, columns: size), .no,
                MatrixView(factors[2 * thread + 1].base, rows: size, columns: size), .no,
                into: MutableMatrixView(products[thread].base, rows: size, columns: size), tiling: nil)
            return 2 * Double(size) * Double(size) * Double(size)
        }
    }

    /// The best of several rounds: other programs can only take time away.
    private static func rate(threads: Int, _ body: @Sendable (Int) -> Double) -> Double {
        precondition(threads > 0, "A rate is measured on at least one thread")
        let clock = ContinuousClock()
        let operations = SharedBuffer<Double>(count: threads * 8)
        var best = 0.0
        for _ in 0..<5 {
            let time = clock.measure {
                DispatchQueue.concurrentPerform(iterations: threads) { operations.base[$0 * 8] = body($0) }
            }
            let total = operations.elements.reduce(0, +)
            best = max(best, total / (time / .nanoseconds(1)))
        }
        return best
    }
}
