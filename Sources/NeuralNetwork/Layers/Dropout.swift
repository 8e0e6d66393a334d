internal import LinearAlgebra

/// Inverted dropout: in training `y = x ⊙ mask / (1 - p)` with mask = 0 with probability p, otherwise y = x
/// (Srivastava et al. 2014). Backward: dx = g ⊙ mask / (1 - p).
///
/// The mask is a function of (seed, step, layer, row in the batch, column), whatever worker computes it.
public struct Dropout: Layer, Hashable, Codable {
    /// The probability p that an element is *dropped*.
    public var probability: Double

    /// - Precondition: `0 <= probability < 1`.
    public init(_ probability: Double) {
        precondition(probability >= 0 && probability < 1, "A drop probability lies in [0, 1), not at \(probability)")
        self.probability = probability
    }

    public var operation: Operation { .dropout(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        guard probability >= 0 && probability < 1 else {
            throw GraphError("a drop probability lies in [0, 1), not at \(probability)")
        }
        return try singleInput(inputSizes, "Dropout")
    }

    /// The mask, already divided by 1 - p.
    public func memorySize(for inputSizes: [Int]) -> Int { inputSizes[0] }

    public func forward(_ call: borrowing LayerCall) {
        switch call.mode {
        case .inference:
            Activation.linear.forward(call)
        case .training(let seed, let step, let firstRow):
            fillDropoutMask(
                call.kept, probability: probability, seed: seed, step: step, layer: call.layerIndex, firstRow: firstRow)
            multiplyElements(call.input(0), call.kept.readOnly, into: call.output)
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        switch call.mode {
        case .inference:
            Activation.linear.backward(call)
        case .training:
            guard let inputGradient = call.inputGradient(0) else { return }
            multiplyElements(call.outputGradient.readOnly, call.kept.readOnly, into: inputGradient)
        }
    }
}
