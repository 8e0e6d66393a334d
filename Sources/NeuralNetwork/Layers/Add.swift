internal import LinearAlgebra

/// The sum of two or more values of one size, `z = x + y + …`. Backward: every input receives g.
public struct Add: Layer, Hashable, Codable {
    public init() {}

    public var operation: Operation { .add(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        try commonSize(inputSizes, "Add")
    }

    public func forward(_ call: borrowing LayerCall) {
        add(call.input(0), call.input(1), into: call.output)
        for index in 2..<max(2, call.inputCount) {
            add(call.output.readOnly, call.input(index), into: call.output)
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        for index in 0..<call.inputCount {
            guard let inputGradient = call.inputGradient(index) else { continue }
            inputGradient.copy(from: call.outputGradient.readOnly)
        }
    }
}
