internal import LinearAlgebra

/// Standardises each column, `y = (x - μ) / √(σ² + ε) ⊙ γ + β` (Ioffe and Szegedy 2015).
///
/// In training μ and σ² are those of the whole batch, over all its shards; in inference, and where the layer is not
/// trained, the moving averages of earlier batches, `m ← momentum m + (1 - momentum) μ`. Backward in training, with
/// x̂ = (x - μ) / √(σ² + ε) and means over the batch: dγ = Σ g ⊙ x̂, dβ = Σ g, dx = γ (g - mean(g) - x̂ mean(g ⊙ x̂)) /
/// √(σ² + ε).
///
/// What the batch sums up is summed in double precision: Σx and Σx² then lose nothing that a float could hold.
public struct BatchNormalization: Layer, Hashable, Codable {
    /// How much of the moving averages a step keeps. Keras' default.
    public var momentum: Float
    /// Keeps the division finite. Keras' default.
    public var epsilon: Float
    /// Whether γ is there.
    public var scales: Bool
    /// Whether β is there.
    public var centers: Bool
    public var gammaRegularizer: Regularizer
    public var betaRegularizer: Regularizer

    public init(
        momentum: Float = 0.99, epsilon: Float = 1e-3, scales: Bool = true, centers: Bool = true,
        gammaRegularizer: Regularizer = .none, betaRegularizer: Regularizer = .none
    ) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.scales = scales
        self.centers = centers
        self.gammaRegularizer = gammaRegularizer
        self.betaRegularizer = betaRegularizer
    }

    public var operation: Operation { .batchNormalization(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        guard epsilon > 0, epsilon.isFinite else {
            throw GraphError("the epsilon of BatchNormalization is positive, not \(epsilon)")
        }
        guard momentum >= 0, momentum <= 1 else {
            throw GraphError("the momentum of BatchNormalization lies in [0, 1], not at \(momentum)")
        }
        return try singleInput(inputSizes, "BatchNormalization")
    }

    public func parameters(for inputSizes: [Int]) -> [ParameterSpecification] {
        let shape = [inputSizes[0]]
        let gamma = ParameterSpecification(
            name: "gamma", shape: shape, initializer: .constant(1), regularizer: gammaRegularizer)
        let beta = ParameterSpecification(
            name: "beta", shape: shape, initializer: .zeros, regularizer: betaRegularizer)
        let mean = ParameterSpecification(name: "moving_mean", shape: shape, initializer: .zeros, isTrainable: false)
        let variance = ParameterSpecification(
            name: "moving_variance", shape: shape, initializer: .constant(1), isTrainable: false)
        return (scales ? [gamma] : []) + (centers ? [beta] : []) + [mean, variance]
    }

    private var betaIndex: Int { scales ? 1 : 0 }
    private var meanIndex: Int { betaIndex + (centers ? 1 : 0) }

    // MARK: What is kept from forward to backward

    /// Rows of `passMemory`.
    private enum Kept: Int, CaseIterable {
        case mean
        /// 1 / √(σ² + ε).
        case inverse
        /// γ / √(σ² + ε).
        case factor
        /// mean(g) over the batch.
        case meanGradient
        /// mean(g ⊙ x̂) over the batch.
        case meanProduct
    }

    public func passMemorySize(for inputSizes: [Int]) -> Int { Kept.allCases.count * inputSizes[0] }

    private func kept(_ row: Kept, _ call: borrowing LayerCall) -> UnsafeMutablePointer<Float> {
        call.passMemory + row.rawValue * call.output.columns
    }

    /// Sums that a shard contributes, and the memory for their total: per column Σx, Σx²; Σg, Σ g ⊙ x̂.
    static func batchSumCount(columns: Int) -> Int { 4 * columns }

    // MARK: Forward

    /// Adds up this shard's part of the batch's statistics.
    func gather(_ call: borrowing LayerCall) {
        columnMoments(call.input(0), into: call.shardSums)
    }

    public func forward(_ call: borrowing LayerCall) {
        let columns = call.output.columns
        let mean = kept(.mean, call)
        let inverse = kept(.inverse, call)
        if let batch = call.batch {
            Self.forEachMoment(batch, offset: call.batchOffset, columns: columns) { column, average, variance in
                mean[column] = Float(average)
                inverse[column] = Float(1 / (variance + Double(epsilon)).squareRoot())
            }
        } else {
            let movingVariance = call.parameter(meanIndex + 1).base
            mean.update(from: call.parameter(meanIndex).base, count: columns)
            for column in 0..<columns { inverse[column] = 1 / (movingVariance[column] + epsilon).squareRoot() }
        }
        let factor = kept(.factor, call)
        factor.update(from: inverse, count: columns)
        if scales {
            multiplyElements(
                MatrixView(factor, rows: 1, columns: columns), call.parameter(0),
                into: MutableMatrixView(factor, rows: 1, columns: columns))
        }
        shiftAndScale(
            call.input(0), center: mean, factor: factor, offset: centers ? call.parameter(betaIndex).base : nil,
            isPerColumn: true, into: call.output)
    }

    // MARK: Backward

    /// Adds up this shard's part of the sums over the gradient, which are its gradients of γ and β.
    func gatherGradient(_ call: borrowing LayerCall) {
        let columns = call.output.columns
        let sums = call.shardSums + 2 * columns
        standardizedSums(
            call.input(0), mean: kept(.mean, call), inverse: kept(.inverse, call),
            gradient: call.outputGradient.readOnly, into: sums)
        if scales {
            let gradient = call.parameterGradient(0).base
            for column in 0..<columns { gradient[column] = Float(sums[columns + column]) }
        }
        if centers {
            let gradient = call.parameterGradient(betaIndex).base
            for column in 0..<columns { gradient[column] = Float(sums[column]) }
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        guard let inputGradient = call.inputGradient(0) else { return }
        let columns = call.output.columns
        guard let batch = call.batch else {
            return shiftAndScale(
                call.outputGradient.readOnly, factor: kept(.factor, call), isPerColumn: true, into: inputGradient)
        }
        let meanGradient = kept(.meanGradient, call)
        let meanProduct = kept(.meanProduct, call)
        Self.forEachMean(batch, offset: call.batchOffset + 2 * columns, columns: columns) { column, first, second in
            meanGradient[column] = Float(first)
            meanProduct[column] = Float(second)
        }
        batchNormalizeBackward(
            call.input(0), mean: kept(.mean, call), inverse: kept(.inverse, call), factor: kept(.factor, call),
            meanGradient: meanGradient, meanProduct: meanProduct, outputGradient: call.outputGradient.readOnly,
            inputGradient: inputGradient)
    }

    // MARK: The whole batch

    /// Moves the averages towards the batch's statistics. `parameters` are the layer's own, in its order.
    func updateMovingStatistics(
        mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>, batch: BatchMemory, offset: Int,
        columns: Int
    ) {
        let kept = Double(momentum)
        Self.forEachMoment(batch, offset: offset, columns: columns) { column, batchMean, batchVariance in
            mean[column] = Float(kept * Double(mean[column]) + (1 - kept) * batchMean)
            variance[column] = Float(kept * Double(variance[column]) + (1 - kept) * batchVariance)
        }
    }

    /// The index of the moving mean among the layer's parameters; the moving variance follows.
    var movingMeanIndex: Int { meanIndex }

    /// Calls `body` with each column's mean and variance over the batch.
    private static func forEachMoment(
        _ batch: BatchMemory, offset: Int, columns: Int, _ body: (Int, Double, Double) -> Void
    ) {
        forEachMean(batch, offset: offset, columns: columns) { column, mean, meanSquare in
            body(column, mean, max(0, meanSquare - mean * mean))
        }
    }

    /// Calls `body` with two means over the batch's rows for each column, of what stands `columns` apart in the sums.
    private static func forEachMean(
        _ batch: BatchMemory, offset: Int, columns: Int, _ body: (Int, Double, Double) -> Void
    ) {
        let share = 1 / Double(batch.rows)
        let width = 32
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width) { totals in
            guard let total = totals.baseAddress else { return }
            for first in Swift.stride(from: 0, to: columns, by: width) {
                let count = min(width, columns - first)
                for (part, distance) in [(total, 0), (total + width, columns)] {
                    sumShards(
                        batch.sums + offset + distance + first, stride: batch.stride, shards: batch.shards,
                        count: count, into: part)
                }
                for column in 0..<count { body(first + column, total[column] * share, total[width + column] * share) }
            }
        }
    }
}
