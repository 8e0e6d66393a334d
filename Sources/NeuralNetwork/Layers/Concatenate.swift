internal import LinearAlgebra

/// Two or more values side by side, `z = [x, y, …]`. Backward: each input receives its own columns of g.
public struct Concatenate: Layer, Hashable, Codable {
    public init() {}

    public var operation: Operation { .concatenate(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        guard inputSizes.count >= 2 else {
            throw GraphError("Concatenate takes at least two inputs, not \(inputSizes.count)")
        }
        // Each is below 2^31, so the sum overflows for no number of inputs that fits memory; the graph checks it.
        return inputSizes.reduce(0, +)
    }

    public func forward(_ call: borrowing LayerCall) {
        let output = call.output
        var column = 0
        for index in 0..<call.inputCount {
            let input = call.input(index)
            for row in 0..<input.rows {
                (output.base + row * output.columns + column).update(
                    from: input.base + row * input.columns, count: input.columns)
            }
            column += input.columns
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        let gradient = call.outputGradient
        var column = 0
        for index in 0..<call.inputCount {
            let columns = call.input(index).columns
            if let inputGradient = call.inputGradient(index) {
                for row in 0..<gradient.rows {
                    (inputGradient.base + row * columns).update(
                        from: gradient.base + row * gradient.columns + column, count: columns)
                }
            }
            column += columns
        }
    }
}
