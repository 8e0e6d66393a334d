import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("Loss kernels")
struct LossKernelTests {
    /// Losses and gradient of one call.
    private struct Outcome {
        var losses: [Float]
        var gradient: Matrix
    }

    /// Calls a kernel with the gradient in memory of its own, then over the predictions, then not at all: all three
    /// agree in every bit.
    private func evaluate(
        _ predictions: Matrix, weights: [Float]? = nil, scale: Float = 1, _ body: (LossCall) -> Void
    ) -> Outcome {
        func call(_ input: MatrixView, _ gradient: MutableMatrixView?) -> [Float] {
            written(1, predictions.rows) { losses in
                let weights = weights.map { SharedBuffer($0) }
                withExtendedLifetime(weights) {
                    body(
                        LossCall(
                            predictions: input, weights: weights.map { UnsafePointer($0.base) }, gradientScale: scale,
                            losses: losses.base, gradient: gradient))
                }
            }
            .elements
        }
        var losses: [Float] = []
        let gradient = written(predictions.rows, predictions.columns) { view in
            losses = predictions.withView { call($0, view) }
        }
        var again: [Float] = []
        let inPlace = changed(predictions) { again = call($0.readOnly, $0) }
        #expect(bitDifference(inPlace.elements, gradient.elements) == nil, "the gradient over the predictions")
        #expect(bitDifference(again, losses) == nil)
        #expect(bitDifference(predictions.withView { call($0, nil) }, losses) == nil, "without a gradient")
        return Outcome(losses: losses, gradient: gradient)
    }

    private func softmaxLoss(
        _ logits: Matrix, labels: [Int], weights: [Float]? = nil, smoothing: Float = 0, scale: Float = 1
    ) -> Outcome {
        evaluate(logits, weights: weights, scale: scale) { call in
            call.softmaxCrossEntropy(labels: labels.map(Int32.init), smoothing: smoothing)
        }
    }

    private func softmaxLoss(
        _ logits: Matrix, targets: Matrix, weights: [Float]? = nil, smoothing: Float = 0, scale: Float = 1
    ) -> Outcome {
        evaluate(logits, weights: weights, scale: scale) { call in
            call.softmaxCrossEntropy(distributions: targets.elements, smoothing: smoothing)
        }
    }

    private func oneHot(_ labels: [Int], columns: Int) -> Matrix {
        var result = Matrix(rows: labels.count, columns: columns)
        for (row, label) in labels.enumerated() { result[row, label] = 1 }
        return result
    }

    /// Softmax cross-entropy in double precision: -Σ t log p, gradient p - t.
    private func exact(
        _ logits: Matrix, _ targets: Matrix, weights: [Float]?, smoothing: Float, scale: Float
    ) -> (losses: [Double], gradient: [Double]) {
        var losses: [Double] = []
        var gradient: [Double] = []
        for row in 0..<logits.rows {
            let z = logits.row(row).map(Double.init)
            let s = Double(smoothing)
            let t = targets.row(row).map { Double($0) * (1 - s) + s / Double(logits.columns) }
            let largest = z.max() ?? 0
            let normalizer = largest + log(z.reduce(0) { $0 + exp($1 - largest) })
            let weight = weights.map { Double($0[row]) } ?? 1
            losses.append(weight * zip(z, t).reduce(0) { $0 + $1.1 * (normalizer - $1.0) })
            gradient += zip(z, t).map { Double(scale) * weight * (exp($0 - normalizer) - $1) }
        }
        return (losses, gradient)
    }

    static let columnCounts = [1, 2, 10, 17, 1000]

    @Test("Softmax cross-entropy agrees with double precision", arguments: columnCounts, [Float(0), 0.1])
    func softmaxCrossEntropy(columns: Int, smoothing: Float) {
        var random = CounterRandom.test(columns)
        for range: ClosedRange<Float> in [-2...2, -40...40] {
            let logits = random.matrix(6, columns, in: range)
            let targets = random.distributions(6, columns)
            let weights: [Float] = [1, 0.5, 2, 0, 1, 3]
            let found = softmaxLoss(logits, targets: targets, weights: weights, smoothing: smoothing, scale: 0.25)
            let expected = exact(logits, targets, weights: weights, smoothing: smoothing, scale: 0.25)
            // The largest logit, the logarithm and <t, z> are each rounded: ulps of the largest logit. The float rows
            // sum to 1 only to rounding, which multiplies the normaliser.
            let size = Double(range.upperBound) + log(Double(columns))
            let losses = Tolerance(absolute: 3 * size * 2 * 0x1p-22, relative: 0x1p-21)
            #expect(losses.disagreement(of: found.losses, with: expected.losses) == nil)
            // e^(z - max) is off by the rounding of z - max, up to half an ulp of 80, beside its own.
            let gradient = Tolerance(absolute: 0.75 * 4 * 0x1p-24, relative: Double(range.upperBound) * 0x1p-22)
            #expect(gradient.disagreement(of: found.gradient.elements, with: expected.gradient) == nil)
        }
    }

    @Test("A one-hot row has the bits of its index", arguments: columnCounts, [Float(0), 0.1, 0.35])
    func oneHotTargets(columns: Int, smoothing: Float) {
        var random = CounterRandom.test(100 + columns)
        for range: ClosedRange<Float> in [-1...1, -90...90, -1e-3...1e-3, 1e4...2e4] {
            let logits = random.matrix(9, columns, in: range)
            let labels = (0..<9).map { row in row == 0 ? 0 : row == 1 ? columns - 1 : random.int(in: 0...columns - 1) }
            let weights = random.floats(9, in: 0...2)
            for weights in [nil, weights] {
                let byIndex = softmaxLoss(
                    logits, labels: labels, weights: weights, smoothing: smoothing, scale: 1 / 9)
                let byRow = softmaxLoss(
                    logits, targets: oneHot(labels, columns: columns), weights: weights, smoothing: smoothing,
                    scale: 1 / 9)
                #expect(bitDifference(byIndex.losses, byRow.losses) == nil)
                #expect(bitDifference(byIndex.gradient.elements, byRow.gradient.elements) == nil)
            }
        }
    }

    @Test("The log-sum-exp of two logits is within 1.5 ulp of 1 over the whole range", arguments: [2, 16, 17, 300])
    func logSumExp(columns: Int) {
        // log(1 + e^-d): d from 0 to where e^-d vanishes; the other logits are too small to count.
        let distances = (0..<2_000).map { Float($0) * 0.055 }
        var logits = Matrix(rows: distances.count, columns: columns, repeating: -1_000)
        for (row, distance) in distances.enumerated() {
            logits[row, 0] = 0
            logits[row, columns - 1] = -distance
        }
        let found = softmaxLoss(logits, labels: Array(repeating: 0, count: distances.count))
        let exact = distances.map { log1p(exp(-Double($0))) }
        #expect(Tolerance(absolute: 1.5 * 0x1p-23).disagreement(of: found.losses, with: exact) == nil)
    }

    @Test("Large logits neither overflow nor lose the loss")
    func largeLogits() {
        let logits: Matrix = [[1000, 0], [1000, 0], [-1e30, 1e30], [88, -88], [3e38, 3e38]]
        let found = softmaxLoss(logits, labels: [0, 1, 1, 1, 0])
        #expect(found.losses == [0, 1000, 0, 176, 0] || found.losses == [0, 1000, 0, 176, 0.6931472])
        #expect(found.gradient == [[0, 0], [1, -1], [0, 0], [1, -1], [-0.5, 0.5]])
    }

    @Test("The gradient of a confident right answer keeps its digits")
    func confidentAnswers() {
        // p - 1 for p near 1 is known to the last place of 1, p for p near 0 to its own.
        let found = softmaxLoss([[12, 0, 0]], labels: [0])
        let exact = exp(-12.0) / (1 + 2 * exp(-12.0))
        #expect(Tolerance(ulps: 4).disagreement(of: Array(found.gradient.elements[1...]), with: [exact, exact]) == nil)
        #expect(Tolerance(absolute: 0x1p-23).disagreement(of: [found.gradient[0, 0]], with: [-2 * exact]) == nil)
    }

    @Test("NaN among the logits makes the loss and the row's gradient NaN", arguments: [2, 17, 40])
    func notANumber(columns: Int) {
        for position in 0..<columns {
            var logits = Matrix(rows: 2, columns: columns, repeating: 0.5)
            logits[1, position] = .nan
            let found = softmaxLoss(logits, labels: [0, 0])
            #expect(!found.losses[0].isNaN && found.losses[1].isNaN)
            #expect(found.gradient.row(1).allSatisfy { $0.isNaN } && !found.gradient.row(0).contains(where: \.isNaN))
        }
    }

    /// An element-wise loss with its definition.
    struct Definition: Sendable, CustomTestStringConvertible {
        var loss: ElementwiseLoss
        var predictions: ClosedRange<Float>
        var targets: ClosedRange<Float>
        var value: @Sendable (Double, Double) -> Double
        var slope: @Sendable (Double, Double) -> Double

        var testDescription: String { "\(loss)" }
    }

    static let definitions = [
        Definition(
            loss: .squared, predictions: -3...3, targets: -3...3, value: { ($0 - $1) * ($0 - $1) },
            slope: { 2 * ($0 - $1) }),
        Definition(
            loss: .absolute, predictions: -3...3, targets: -3...3, value: { abs($0 - $1) },
            slope: { $0 > $1 ? 1 : $0 < $1 ? -1 : 0 }),
        Definition(
            loss: .huber(delta: 1), predictions: -3...3, targets: -3...3,
            value: { abs($0 - $1) <= 1 ? ($0 - $1) * ($0 - $1) / 2 : abs($0 - $1) - 0.5 },
            slope: { min(max($0 - $1, -1), 1) }),
        Definition(
            loss: .huber(delta: 0.25), predictions: -3...3, targets: -3...3,
            value: { abs($0 - $1) <= 0.25 ? ($0 - $1) * ($0 - $1) / 2 : 0.25 * (abs($0 - $1) - 0.125) },
            slope: { min(max($0 - $1, -0.25), 0.25) }),
        Definition(
            loss: .binaryCrossEntropy, predictions: -30...30, targets: 0...1,
            value: { ReferenceFunction.softplus($0) - $0 * $1 }, slope: { ReferenceFunction.sigmoid($0) - $1 }),
        Definition(
            loss: .crossEntropy(epsilon: 1e-7), predictions: 0.001...0.999, targets: 0...1,
            value: { -$1 * log($0) }, slope: { -$1 / $0 }),
    ]

    @Test("Element-wise losses agree with their definitions", arguments: definitions)
    func elementwise(_ definition: Definition) {
        for (rows, columns) in [(5, 1), (37, 1), (5, 2), (5, 15), (5, 16), (5, 17), (5, 40)] {
            var random = CounterRandom.test(200 + columns)
            let predictions = random.matrix(rows, columns, in: definition.predictions)
            let targets = random.matrix(rows, columns, in: definition.targets)
            let weights = (0..<rows).map { [Float(1), 0.5, 2, 0, 3][$0 % 5] }
            for (weights, factor, scale) in [(nil, 1, 1), (weights, 0.5, 0.2)] as [([Float]?, Float, Float)] {
                let found = evaluate(predictions, weights: weights, scale: scale) { call in
                    definition.loss.apply(call, targets: targets.elements, factor: factor)
                }
                var losses: [Double] = []
                var gradient: [Double] = []
                for row in 0..<rows {
                    let weight = Double((weights?[row] ?? 1) * factor)
                    let pairs = zip(predictions.row(row), targets.row(row)).map { (Double($0), Double($1)) }
                    losses.append(weight * pairs.reduce(0) { $0 + definition.value($1.0, $1.1) })
                    gradient += pairs.map { weight * Double(scale) * definition.slope($0.0, $0.1) }
                }
                // Differences of the arguments are rounded once; everything else is a few roundings.
                let size = Double(definition.predictions.upperBound) * Double(columns)
                #expect(
                    Tolerance(absolute: size * 3 * 0x1p-23, relative: 0x1p-21)
                        .disagreement(of: found.losses, with: losses) == nil)
                #expect(
                    Tolerance(absolute: 9 * 0x1p-24, relative: 0x1p-22)
                        .disagreement(of: found.gradient.elements, with: gradient) == nil)
            }
        }
    }

    @Test("At the corners: equal arguments, the width of Huber, clipped probabilities")
    func corners() {
        func gradient(_ loss: ElementwiseLoss, _ y: [Float], _ t: [Float]) -> Outcome {
            evaluate(Matrix(rows: 1, columns: y.count, elements: y)) { loss.apply($0, targets: t, factor: 1) }
        }
        #expect(gradient(.absolute, [1, -1, 0], [1, -1, 0]).gradient == [[0, 0, 0]])
        #expect(gradient(.huber(delta: 1), [1, -1, 1.5, 0], [0, 0, 0, 0]).gradient == [[1, -1, 1, 0]])
        #expect(gradient(.huber(delta: 1), [3], [0]).losses == [2.5])
        let clipped = gradient(.crossEntropy(epsilon: 1e-7), [0, 1, 1e-8, 0.5], [1, 1, 1, 0])
        #expect(clipped.gradient == [[0, 0, 0, 0]])
        let expected = -2 * log(Double(Float(1e-7))) - log(Double(1 - Float(1e-7)))
        #expect(Tolerance(relative: 1e-6).disagreement(of: clipped.losses, with: [expected]) == nil)
        let extreme = gradient(.binaryCrossEntropy, [1000, -1000, 1000, -1000], [1, 0, 0, 1])
        #expect(extreme.losses == [2000])
        #expect(extreme.gradient == [[0, 0, 1, -1]])
    }

    @Test(
        "A NaN prediction shows in the loss and in the gradient",
        arguments: [
            ElementwiseLoss.squared, .absolute, .huber(delta: 1), .binaryCrossEntropy, .crossEntropy(epsilon: 1e-7),
        ])
    func notANumber(_ loss: ElementwiseLoss) {
        for columns in [1, 16, 19] {
            for position in 0..<columns {
                var predictions = Matrix(rows: 1, columns: columns, repeating: 0.5)
                predictions[0, position] = .nan
                let targets = [Float](repeating: 0.25, count: columns)
                let found = evaluate(predictions) { loss.apply($0, targets: targets, factor: 1) }
                #expect(found.losses[0].isNaN && found.gradient[0, position].isNaN)
            }
        }
    }
}
