/// How the learning rate changes: a factor for the optimizer's rate as a function of the step.
///
/// With s the step from 0, after the warm-up, and T the steps of the whole run less the warm-up.
public enum Schedule: Sendable, Hashable, Codable {
    /// Always 1.
    case constant
    /// factor^⌊s / every⌋.
    case step(every: Int, factor: Double)
    /// factor^(s / every): Keras' `ExponentialDecay`.
    case exponential(every: Int, factor: Double)
    /// ½ (1 + cos(π s / T)), falling to `floor` (Loshchilov and Hutter 2016).
    case cosine(floor: Double = 0)
    /// From 1 / `start` up to 1 over the first `rise` of the run, then down to 1 / (`start` `end`), both by half a
    /// cosine (Smith and Topin 2017; PyTorch's form and defaults).
    case oneCycle(rise: Double = 0.3, start: Double = 25, end: Double = 1e4)
    /// `factor` for each time that the monitored metric did not improve over `patience` epochs; the trainer counts.
    case plateau(factor: Double = 0.5, patience: Int = 5)

    /// The factor at a step.
    ///
    /// - Parameters:
    ///   - step: From 0, over the whole run.
    ///   - totalSteps: The steps of the whole run.
    ///   - warmup: Steps over which the factor climbs linearly to 1: (step + 1) / warmup.
    ///   - reductions: How often a plateau was met.
    public func factor(at step: Int, of totalSteps: Int, warmup: Int = 0, reductions: Int = 0) -> Double {
        if step < warmup { return Double(step + 1) / Double(warmup) }
        let elapsed = Double(step - warmup)
        let length = Double(max(1, totalSteps - warmup))
        let progress = min(1, elapsed / length)
        switch self {
        case .constant:
            return 1
        case .step(let every, let factor):
            return platformPower(factor, Double((step - warmup) / max(1, every)))
        case .exponential(let every, let factor):
            return platformPower(factor, elapsed / Double(max(1, every)))
        case .cosine(let floor):
            return floor + (1 - floor) * fall(progress)
        case .oneCycle(let rise, let start, let end):
            // The peak and the end are met exactly on steps.
            let peak = rise * length - 1
            if elapsed <= peak {
                return 1 / start + (1 - 1 / start) * (1 - fall(elapsed / max(peak, 1)))
            }
            let lowest = 1 / (start * end)
            return lowest + (1 - lowest) * fall(min(1, (elapsed - peak) / max(length - 1 - peak, 1)))
        case .plateau(let factor, _):
            return platformPower(factor, Double(reductions))
        }
    }

    /// Half a cosine, from 1 at 0 to 0 at 1.
    private func fall(_ progress: Double) -> Double {
        0.5 * (1 + platformCosine(.pi * progress))
    }
}
