internal import LinearAlgebra

/// The element-wise product of two or more values of one size, `z = x ⊙ y ⊙ …`. Backward: each input receives g times
/// the product of the others, dx = g ⊙ y and dy = g ⊙ x.
public struct Multiply: Layer, Hashable, Codable {
    public init() {}

    public var operation: Operation { .multiply(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        try commonSize(inputSizes, "Multiply")
    }

    public func forward(_ call: borrowing LayerCall) {
        multiplyElements(call.input(0), call.input(1), into: call.output)
        for index in 2..<max(2, call.inputCount) {
            multiplyElements(call.output.readOnly, call.input(index), into: call.output)
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        for index in 0..<call.inputCount {
            guard let inputGradient = call.inputGradient(index) else { continue }
            inputGradient.copy(from: call.outputGradient.readOnly)
            // Dividing z by x would save a product and fail at 0.
            for other in 0..<call.inputCount where other != index {
                multiplyElements(inputGradient.readOnly, call.input(other), into: inputGradient)
            }
        }
    }
}
