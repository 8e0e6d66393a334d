internal import LinearAlgebra

/// Softmax as a layer of its own: `y_i = e^(x_i - m) / Σ_k e^(x_k - m)` in each row, m = max x.
///
/// Backward applies the Jacobian J_ij = y_i (1{i=j} - y_j) without building it: dx = y ⊙ (g - <g, y>).
/// For training a classifier, end the network in logits instead and use `Loss.softmaxCrossEntropy`.
public struct Softmax: Layer, Hashable, Codable {
    public init() {}

    public var operation: Operation { .softmax(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        try singleInput(inputSizes, "Softmax")
    }

    public func forward(_ call: borrowing LayerCall) {
        softmax(call.input(0), into: call.output)
    }

    public func backward(_ call: borrowing LayerCall) {
        guard let inputGradient = call.inputGradient(0) else { return }
        softmaxBackward(
            output: call.output.readOnly, outputGradient: call.outputGradient.readOnly, inputGradient: inputGradient)
    }
}
