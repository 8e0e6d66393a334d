import LinearAlgebra
import TestSupport
import Testing

@Suite("Update kernels")
struct UpdateKernelTests {
    /// The memory of an update: parameters, gradient and three moments, with formulas in double precision beside it.
    private struct Update {
        let count: Int
        let start: [[Float]]

        init(count: Int) {
            var random = CounterRandom.test(count)
            self.count = count
            start = [
                random.floats(count), random.floats(count), random.floats(count), random.floats(count, in: 0.01...1),
                random.floats(count),
            ]
        }

        /// Runs a kernel and holds what it leaves in each of the five against a formula: (w, g, a, b, c) to the same.
        func disagreement(
            ulps: Double = 4, _ kernel: (UpdateSlice, [UnsafeMutablePointer<Float>]) -> Void,
            _ formula: ([Double]) -> [Double]
        ) -> String? {
            // The gap behind the slice belongs to nobody and keeps its values.
            let buffers = start.map { SharedBuffer($0 + [7, 7, 7]) }
            let slice = UpdateSlice(count: count, parameters: buffers[0].base, gradient: buffers[1].base)
            kernel(slice, buffers[2...].map(\.base))
            let exact = (0..<count).map { index in formula(start.map { Double($0[index]) }) }
            for (number, buffer) in buffers.enumerated() {
                let found = buffer.elements
                guard found[count...] == [7, 7, 7] else { return "buffer \(number) was written past its end" }
                // The operands are of order 1: an error is that of a few operations on them.
                let tolerance = Tolerance(absolute: ulps * 0x1p-24, relative: ulps * 0x1p-24)
                let problem = tolerance.disagreement(of: Array(found[..<count]), with: exact.map { $0[number] })
                if let problem { return "buffer \(number): \(problem)" }
            }
            return nil
        }
    }

    @Test("Penalties, scaling, clipping and decay", arguments: awkwardSizes)
    func preparation(count: Int) {
        let update = Update(count: count)
        let l1 = Double(Float(0.1))
        let l2 = Double(Float(0.03))
        #expect(
            update.disagreement { slice, _ in
                slice.regularize(l1: 0.1, l2: 0.03)
            } _: { x in
                [x[0], x[1] + l1 * (x[0] > 0 ? 1 : -1) + 2 * l2 * x[0], x[2], x[3], x[4]]
            } == nil)
        #expect(
            update.disagreement { slice, _ in
                slice.scaleGradient(by: 0.25)
            } _: { x in
                [x[0], x[1] / 4, x[2], x[3], x[4]]
            } == nil)
        #expect(
            update.disagreement(ulps: 0) { slice, _ in
                slice.clipGradient(to: 0.5)
            } _: { x in
                [x[0], min(max(x[1], -0.5), 0.5), x[2], x[3], x[4]]
            } == nil)
        #expect(
            update.disagreement { slice, _ in
                slice.decay(by: 0.125)
            } _: { x in
                [x[0] * 0.875, x[1], x[2], x[3], x[4]]
            } == nil)
    }

    @Test("Gradient descent, plain and with either momentum", arguments: awkwardSizes)
    func descent(count: Int) {
        let update = Update(count: count)
        let rate = Double(Float(0.1))
        let momentum = Double(Float(0.9))
        #expect(
            update.disagreement { slice, _ in
                slice.descend(rate: 0.1)
            } _: { x in
                [x[0] - rate * x[1], x[1], x[2], x[3], x[4]]
            } == nil)
        #expect(
            update.disagreement { slice, moments in
                slice.descend(rate: 0.1, momentum: 0.9, nesterov: false, velocity: moments[0])
            } _: { x in
                let m = momentum * x[2] - rate * x[1]
                return [x[0] + m, x[1], m, x[3], x[4]]
            } == nil)
        #expect(
            update.disagreement { slice, moments in
                slice.descend(rate: 0.1, momentum: 0.9, nesterov: true, velocity: moments[0])
            } _: { x in
                let m = momentum * x[2] - rate * x[1]
                return [x[0] + momentum * m - rate * x[1], x[1], m, x[3], x[4]]
            } == nil)
    }

    @Test("Adam and Adagrad", arguments: awkwardSizes)
    func adaptive(count: Int) {
        let update = Update(count: count)
        let rate = Double(Float(0.01))
        let epsilon = Double(Float(1e-3))
        let beta1 = Double(Float(0.9))
        let beta2 = Double(Float(0.99))
        #expect(
            update.disagreement { slice, moments in
                slice.adam(
                    rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, first: moments[0], second: moments[1])
            } _: { x in
                let m = beta1 * x[2] + (1 - beta1) * x[1]
                let v = beta2 * x[3] + (1 - beta2) * x[1] * x[1]
                return [x[0] - rate * m / (v.squareRoot() + epsilon), x[1], m, v, x[4]]
            } == nil)
        #expect(
            update.disagreement { slice, moments in
                slice.adagrad(rate: 0.01, epsilon: 1e-3, accumulator: moments[1])
            } _: { x in
                let a = x[3] + x[1] * x[1]
                return [x[0] - rate * x[1] / (a + epsilon).squareRoot(), x[1], x[2], a, x[4]]
            } == nil)
    }

    @Test("RMSprop, plain, centred and with momentum", arguments: awkwardSizes)
    func rmsprop(count: Int) {
        let update = Update(count: count)
        let rate = Double(Float(0.001))
        let rho = Double(Float(0.9))
        let momentum = Double(Float(0.5))
        // Large enough that the centred variance, which may come near 0 or below in this made-up state, has a root.
        let epsilon = 1.5
        for centered in [false, true] {
            for hasMomentum in [false, true] {
                #expect(
                    update.disagreement { slice, moments in
                        slice.rmsprop(
                            rate: 0.001, rho: 0.9, momentum: 0.5, epsilon: 1.5, square: moments[1],
                            average: centered ? moments[0] : nil, velocity: hasMomentum ? moments[2] : nil)
                    } _: { x in
                        let v = rho * x[3] + (1 - rho) * x[1] * x[1]
                        let a = centered ? rho * x[2] + (1 - rho) * x[1] : x[2]
                        let denominator = (v - (centered ? a * a : 0) + epsilon).squareRoot()
                        let step = rate * x[1] / denominator
                        let b = hasMomentum ? momentum * x[4] + step : x[4]
                        return [x[0] - (hasMomentum ? b : step), x[1], a, v, b]
                    } == nil)
            }
        }
    }

    @Test("The penalty's gradient is 0 for l1 at a weight of 0, and clipping keeps NaN")
    func corners() {
        let weights = SharedBuffer<Float>([0, -0.0, 2])
        let gradient = SharedBuffer<Float>([1, 1, 1])
        let slice = UpdateSlice(count: 3, parameters: weights.base, gradient: gradient.base)
        slice.regularize(l1: 0.5, l2: 0.25)
        #expect(gradient.elements == [1, 1, 2.5])
        let broken = SharedBuffer<Float>([.nan, .infinity, -.infinity])
        UpdateSlice(count: 3, parameters: weights.base, gradient: broken.base).clipGradient(to: 2)
        #expect(broken[0].isNaN && broken[1] == 2 && broken[2] == -2)
    }
}
