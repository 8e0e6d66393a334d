package import LinearAlgebra

/// The numbers of one step that every slice shares.
package struct UpdateStep: Sendable {
    /// The learning rate of this step, after the schedule.
    package var learningRate: Double
    /// Steps before this one, from 0.
    package var index: UInt64
    /// Scales the gradient: 1, or what clipping by norm found.
    package var gradientFactor: Float

    package init(learningRate: Double, index: UInt64, gradientFactor: Float = 1) {
        self.learningRate = learningRate
        self.index = index
        self.gradientFactor = gradientFactor
    }
}

extension Optimizer {
    /// Updates one slice: clips, decays, applies the rule.
    ///
    /// `moments` holds a pointer per buffer of `moments`, already moved to the slice.
    package func update(
        _ slice: UpdateSlice, moments: (Int) -> UnsafeMutablePointer<Float>, step: UpdateStep
    ) {
        let rate = step.learningRate
        switch clipping {
        case .none: break
        case .norm: if step.gradientFactor != 1 { slice.scaleGradient(by: step.gradientFactor) }
        case .value(let limit): slice.clipGradient(to: Float(limit))
        }
        if weightDecay != 0 { slice.decay(by: Float(weightDecay * rate)) }
        switch rule {
        case .sgd(momentum: .none):
            slice.descend(rate: Float(rate))
        case .sgd(momentum: .heavyBall(let momentum)):
            slice.descend(rate: Float(rate), momentum: Float(momentum), nesterov: false, velocity: moments(0))
        case .sgd(momentum: .nesterov(let momentum)):
            slice.descend(rate: Float(rate), momentum: Float(momentum), nesterov: true, velocity: moments(0))
        case .adam(let beta1, let beta2, let epsilon):
            let count = step.index + 1
            let correction = (1 - power(beta2, count)).squareRoot() / (1 - power(beta1, count))
            slice.adam(
                rate: Float(rate * correction), beta1: beta1, beta2: beta2, epsilon: Float(epsilon),
                first: moments(0), second: moments(1))
        case .rmsprop(let rho, let momentum, let epsilon, let centered):
            slice.rmsprop(
                rate: Float(rate), rho: rho, momentum: Float(momentum), epsilon: Float(epsilon),
                square: moments(0), average: centered ? moments(1) : nil,
                velocity: momentum > 0 ? moments(centered ? 2 : 1) : nil)
        case .adagrad(_, let epsilon):
            slice.adagrad(rate: Float(rate), epsilon: Float(epsilon), accumulator: moments(0))
        }
    }
}

/// x to a whole power, by squaring: the same bits on every machine.
private func power(_ x: Double, _ exponent: UInt64) -> Double {
    var result = 1.0
    var base = x
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result *= base }
        base *= base
        rest >>= 1
    }
    return result
}
