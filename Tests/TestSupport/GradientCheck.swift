public import LinearAlgebra
public import NeuralNetwork

/// Backpropagation in single precision against central differences of the reference in double precision: the one
/// checker for every layer, every loss and every graph.
public struct GradientCheck {
    public let graph: Graph
    public let inputs: [Matrix]
    public let parameters: Parameters
    public let mode: PassMode
    /// The magnitude below which the elements of a gradient are as inexact as if they had it: that of the terms they are
    /// sums of, where those cancel.
    public let leastMagnitude: Double

    public init(
        _ graph: Graph, inputs: [Matrix], parameters: Parameters, mode: PassMode = .inference,
        leastMagnitude: Double = 0.1
    ) {
        self.leastMagnitude = leastMagnitude
        self.graph = graph
        self.inputs = inputs
        self.parameters = parameters
        self.mode = mode
    }

    /// The error that single precision explains, as a share of the largest element of the same gradient, or of a tenth
    /// where all are smaller.
    ///
    /// An element is a sum of products that may cancel, so its error is that of the largest terms, not its own; and a
    /// loss sends back differences such as p - t, which are known to the last place of 1 however small they are. Single
    /// layers reach 2e-7, or three roundings, the random graphs 5e-7, and two layers of dropout that multiply what they
    /// keep by 25 reach 1.4e-6 on processors without fused multiplication. The difference quotient is good to about
    /// 1e-9, so what is left is the error of the kernels.
    public static let tolerance = 2e-6

    /// The largest error that is let pass in a gradient.
    public static func allowance(for gradient: [Double], leastMagnitude: Double = 0.1) -> Tolerance {
        Tolerance(absolute: tolerance * max(leastMagnitude, gradient.map(abs).max() ?? 0))
    }

    /// What is wrong with the gradients of the mean loss, or `nil`.
    public func disagreement(targets: Targets, loss: Loss, weights: [Float]? = nil) -> String? {
        let found = graph.gradients(
            inputs, targets: targets, loss: loss, parameters: parameters, weights: weights, mode: mode)
        let objective = { (point: Reference) in
            loss.exactMean(of: point.output, columns: graph.outputSize, targets: targets, weights: weights)
        }
        let point = reference
        if loss.kinkDistance(of: point.output, columns: graph.outputSize, targets: targets) < Self.margin {
            return "the test is badly made: an output is at a kink of the loss"
        }
        let exact = objective(point)
        guard abs(Double(found.loss) - exact) <= Self.tolerance * max(1, abs(exact)) else {
            return "the loss is \(found.loss) instead of \(exact)"
        }
        return disagreement(of: found, objective)
    }

    /// What is wrong with the gradients of Σ G ⊙ y for a given G, or `nil`.
    public func disagreement(outputGradient: Matrix) -> String? {
        let found = graph.gradients(inputs, outputGradient: outputGradient, parameters: parameters, mode: mode)
        return disagreement(of: found) { point in
            zip(point.output, outputGradient.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
    }

    /// The reference at the same point.
    public var reference: Reference { Reference(graph, inputs: inputs, parameters: parameters, mode: mode) }

    /// The distance that arguments keep from kinks: far more than the step of a difference or a rounding error.
    public static let margin = 1e-3

    private func disagreement(of found: Gradients, _ objective: (Reference) -> Double) -> String? {
        var point = reference
        guard point.kinkDistance >= Self.margin else {
            return "the test is badly made: an argument is at a kink of its activation"
        }
        for slice in parameters.layout.slices where slice.isTrainable {
            let exact = differences(&point, count: slice.count, objective) { point, index, value in
                point.parameters[slice.path, default: []].exchange(index, value)
            }
            if let problem = compare(found.parameters.elements(of: slice), exact) { return "\(slice.path): \(problem)" }
        }
        for (number, input) in inputs.enumerated() {
            let exact = differences(&point, count: input.elements.count, objective) { point, index, value in
                point.inputs[number].exchange(index, value)
            }
            if let problem = compare(found.inputs[number].elements, exact) { return "input \(number): \(problem)" }
        }
        return nil
    }

    private func compare(_ found: [Float], _ exact: [Double]) -> String? {
        Self.allowance(for: exact, leastMagnitude: leastMagnitude).disagreement(of: found, with: exact)
    }

    /// (J(x + h) - J(x - h)) / 2h for each element in turn. `exchange` puts a value in its place and returns the old.
    private func differences(
        _ point: inout Reference, count: Int, _ objective: (Reference) -> Double,
        exchange: (inout Reference, Int, (Double) -> Double) -> Double
    ) -> [Double] {
        (0..<count).map { index in
            let x = exchange(&point, index) { $0 }
            let step = 1e-6 * max(1, abs(x))
            _ = exchange(&point, index) { _ in x + step }
            let above = objective(point)
            _ = exchange(&point, index) { _ in x - step }
            let below = objective(point)
            _ = exchange(&point, index) { _ in x }
            return (above - below) / ((x + step) - (x - step))
        }
    }
}

extension [Double] {
    /// Changes one element and returns what it was.
    fileprivate mutating func exchange(_ index: Int, _ change: (Double) -> Double) -> Double {
        let old = self[index]
        self[index] = change(old)
        return old
    }
}

extension Graph {
    /// `gradient` for any number of inputs up to three.
    public func gradients(
        _ inputs: [Matrix], targets: Targets, loss: Loss, parameters: Parameters, weights: [Float]? = nil,
        mode: PassMode = .inference
    ) -> Gradients {
        switch inputs.count {
        case 1:
            gradient(inputs[0], targets: targets, loss: loss, parameters: parameters, weights: weights, mode: mode)
        case 2:
            gradient(
                inputs[0], inputs[1], targets: targets, loss: loss, parameters: parameters, weights: weights, mode: mode
            )
        case 3:
            gradient(
                inputs[0], inputs[1], inputs[2], targets: targets, loss: loss, parameters: parameters, weights: weights,
                mode: mode)
        default: preconditionFailure("Tests have up to three inputs, not \(inputs.count)")
        }
    }

    /// `backward` for any number of inputs up to three.
    public func gradients(
        _ inputs: [Matrix], outputGradient: Matrix, parameters: Parameters, mode: PassMode = .inference
    ) -> Gradients {
        switch inputs.count {
        case 1: backward(inputs[0], parameters: parameters, outputGradient: outputGradient, mode: mode)
        case 2: backward(inputs[0], inputs[1], parameters: parameters, outputGradient: outputGradient, mode: mode)
        case 3:
            backward(
                inputs[0], inputs[1], inputs[2], parameters: parameters, outputGradient: outputGradient, mode: mode)
        default: preconditionFailure("Tests have up to three inputs, not \(inputs.count)")
        }
    }

    /// `forward` for any number of inputs up to three.
    public func outputs(_ inputs: [Matrix], parameters: Parameters, mode: PassMode = .inference) -> Matrix {
        switch inputs.count {
        case 1: forward(inputs[0], parameters: parameters, mode: mode)
        case 2: forward(inputs[0], inputs[1], parameters: parameters, mode: mode)
        case 3: forward(inputs[0], inputs[1], inputs[2], parameters: parameters, mode: mode)
        default: preconditionFailure("Tests have up to three inputs, not \(inputs.count)")
        }
    }
}
