import LinearAlgebra
import NeuralNetwork

/// Parameters under an optimizer, step by step: what a trainer does, for one worker.
final class OptimizerRun {
    let optimizer: Optimizer
    let parameters: SharedBuffer<Float>
    let moments: [SharedBuffer<Float>]
    private(set) var steps: UInt64 = 0

    init(_ optimizer: Optimizer, parameters: SharedBuffer<Float>) {
        self.optimizer = optimizer
        self.parameters = parameters
        moments = optimizer.moments.map { moment in
            SharedBuffer(Array(repeating: moment.initialValue, count: parameters.count))
        }
    }

    convenience init(_ optimizer: Optimizer, start: [Float]) {
        self.init(optimizer, parameters: SharedBuffer(start))
    }

    /// One step, for the whole buffer or in slices of at most `slice` elements.
    func step(_ gradient: [Float], rateFactor: Double = 1, slice: Int = .max) {
        let gradient = SharedBuffer(gradient)
        var factor: Float = 1
        if case .norm(let limit) = optimizer.clipping {
            let norm = norms(gradient.base, count: gradient.count).square.squareRoot()
            if norm > limit { factor = Float(limit / norm) }
        }
        let step = UpdateStep(
            learningRate: optimizer.learningRate * rateFactor, index: steps, gradientFactor: factor)
        for offset in stride(from: 0, to: parameters.count, by: min(slice, parameters.count)) {
            let part = UpdateSlice(
                count: min(slice, parameters.count - offset), parameters: parameters.base + offset,
                gradient: gradient.base + offset)
            optimizer.update(part, moments: { moments[$0].base + offset }, step: step)
        }
        steps += 1
    }
}
