public import LinearAlgebra

/// Gradients as backpropagation delivers them.
public struct Gradients: Sendable {
    /// The value of the loss; 0 when the caller supplied the output's gradient.
    public var loss: Float
    /// The gradient of every parameter.
    public var parameters: Parameters
    /// The gradient of every input.
    public var inputs: [Matrix]
    /// The Euclidean norm of the gradient at each layer's output, first layer first: where it shrinks from layer to
    /// layer, it vanishes.
    public var layerNorms: [(layer: String, norm: Double)]
}

extension Graph {
    /// The outputs for a batch; one matrix per input.
    ///
    /// - Precondition: the matrices have the inputs' sizes and equally many rows.
    public func forward(_ inputs: Matrix..., parameters: Parameters, mode: PassMode = .inference) -> Matrix {
        forward(inputs, parameters: parameters, mode: mode)
    }

    /// The outputs for a batch, the inputs in an array.
    public func forward(_ inputs: [Matrix], parameters: Parameters, mode: PassMode = .inference) -> Matrix {
        run(inputs, parameters: parameters, mode: mode, trains: false) { plan, memory, rows in
            plan.output(memory, rows: rows).matrix
        }
    }

    /// The gradients of a scalar J, given ∂J/∂output.
    public func backward(
        _ inputs: Matrix..., parameters: Parameters, outputGradient: Matrix, mode: PassMode = .inference
    ) -> Gradients {
        backward(inputs, parameters: parameters, outputGradient: outputGradient, mode: mode)
    }

    /// The gradients of a scalar J, given ∂J/∂output, the inputs in an array.
    public func backward(
        _ inputs: [Matrix], parameters: Parameters, outputGradient: Matrix, mode: PassMode = .inference
    ) -> Gradients {
        gradients(inputs, parameters: parameters, mode: mode) { _, gradient in
            precondition(
                outputGradient.rows == gradient.rows && outputGradient.columns == gradient.columns,
                "The gradient of a \(gradient.rows) x \(gradient.columns) output is not \(outputGradient.rows) x \(outputGradient.columns)"
            )
            outputGradient.withView { gradient.copy(from: $0) }
            return 0
        }
    }

    /// The mean loss of a batch and its gradients, without penalties.
    ///
    /// - Precondition: the targets fit the loss and the output: class indices within the outputs for
    ///   `softmaxCrossEntropy`, otherwise a value for every output.
    public func gradient(
        _ inputs: Matrix..., targets: Targets, loss: Loss, parameters: Parameters, weights: [Float]? = nil,
        mode: PassMode = .inference
    ) -> Gradients {
        gradient(inputs, targets: targets, loss: loss, parameters: parameters, weights: weights, mode: mode)
    }

    /// The mean loss of a batch and its gradients, the inputs in an array.
    public func gradient(
        _ inputs: [Matrix], targets: Targets, loss: Loss, parameters: Parameters, weights: [Float]? = nil,
        mode: PassMode = .inference
    ) -> Gradients {
        gradients(inputs, parameters: parameters, mode: mode) { output, gradient in
            loss.mean(of: output, targets: targets, weights: weights, gradient: gradient)
        }
    }

    /// The mean loss of a batch.
    public func loss(
        _ inputs: Matrix..., targets: Targets, loss: Loss, parameters: Parameters, weights: [Float]? = nil
    ) -> Float {
        run(inputs, parameters: parameters, mode: .inference, trains: false) { plan, memory, rows in
            loss.mean(of: plan.output(memory, rows: rows), targets: targets, weights: weights, gradient: nil)
        }
    }

    /// The share of rows whose largest output is at the target's class. Targets are class indices or one-hot rows.
    public func accuracy(_ inputs: Matrix..., targets: Targets, parameters: Parameters) -> Double {
        run(inputs, parameters: parameters, mode: .inference, trains: false) { plan, memory, rows in
            let output = plan.output(memory, rows: rows).matrix
            let correct = (0..<rows).count { row in
                switch targets {
                case .labels(let labels): output.row(row).largestIndex == labels[row]
                case .values(let values): output.row(row).largestIndex == values.row(row).largestIndex
                }
            }
            return Double(correct) / Double(rows)
        }
    }

    private func gradients(
        _ inputs: [Matrix], parameters: Parameters, mode: PassMode,
        outputGradient: (MatrixView, MutableMatrixView) -> Float
    ) -> Gradients {
        let result = Parameters(layout: parameters.layout)
        return run(inputs, parameters: parameters, gradients: result, mode: mode, trains: true) { plan, memory, rows in
            let loss = outputGradient(plan.output(memory, rows: rows), plan.outputGradient(memory, rows: rows))
            var layerNorms: [(layer: String, norm: Double)] = []
            plan.backward(memory, rows: rows, mode: mode) { name, values in
                layerNorms.append((name, norms(values.base, count: values.count).square.squareRoot()))
            }
            let inputGradients = plan.inputGradients.enumerated().map { index, slot in
                slot.map { memory.view($0, rows: rows).matrix } ?? Matrix(rows: rows, columns: inputSizes[index])
            }
            return Gradients(
                loss: loss, parameters: result, inputs: inputGradients, layerNorms: layerNorms.reversed())
        }
    }

    private func run<Result>(
        _ inputs: [Matrix], parameters: Parameters, gradients: Parameters? = nil, mode: PassMode, trains: Bool,
        _ body: (Plan, PlanMemory, Int) -> Result
    ) -> Result {
        let rows = inputs.first?.rows ?? 0
        precondition(
            inputs.map(\.columns) == inputSizes && inputs.allSatisfy { $0.rows == rows } && rows > 0,
            "The inputs are to have \(inputSizes) columns and the same number of rows, at least one")
        precondition(
            parameters.layout.bufferCount == ParameterLayout(self).bufferCount, "The parameters are another network's")
        let plan = Plan(self, capacity: rows, trains: trains, needsInputGradients: trains)
        let activations = SharedBuffer<Float>(count: plan.memoryCount)
        let sums = SharedBuffer<Double>(count: plan.batchSumCount)
        return inputs[0].withView { first in
            let memory = PlanMemory(
                activations: activations.base, input: first.base, parameters: parameters.values.base,
                parameterGradients: gradients?.values.base,
                batch: BatchMemory(sums: sums.base, stride: plan.batchSumCount, shard: 0, shards: 1, rows: rows))
            if inputs.count > 1 {
                for (slot, input) in zip(plan.inputs, inputs) {
                    input.withView { memory.mutableView(slot, rows: rows).copy(from: $0) }
                }
            }
            plan.forward(memory, rows: rows, mode: mode)
            return body(plan, memory, rows)
        }
    }
}

extension Loss {
    /// The mean loss over the rows, and its gradient.
    func mean(
        of output: MatrixView, targets: Targets, weights: [Float]?, gradient: MutableMatrixView?
    ) -> Float {
        precondition(targets.rows == output.rows, "\(targets.rows) targets do not fit \(output.rows) rows")
        precondition(weights.map { $0.count == output.rows } ?? true, "There is one weight per row, or none")
        var losses = [Float](repeating: 0, count: output.rows)
        let allWeights = weights ?? Array(repeating: 1, count: output.rows)
        losses.withUnsafeMutableBufferPointer { lossBuffer in
            allWeights.withUnsafeBufferPointer { weightBuffer in
                guard let lossBase = lossBuffer.baseAddress, let weightBase = weightBuffer.baseAddress else { return }
                let call = LossCall(
                    predictions: output, weights: weightBase, gradientScale: 1 / Float(output.rows), losses: lossBase,
                    gradient: gradient)
                switch targets {
                case .labels(let labels):
                    precondition(
                        labels.allSatisfy { $0 >= 0 && $0 < output.columns },
                        "A class index lies in 0..<\(output.columns)")
                    labels.map(Int32.init).withUnsafeBufferPointer { buffer in
                        guard let base = buffer.baseAddress else { return }
                        evaluate(call, targets: .labels(base))
                    }
                case .values(let values):
                    precondition(
                        values.columns == output.columns,
                        "Targets of \(values.columns) columns do not fit \(output.columns) outputs")
                    let smoothed = smooth(values.elements)
                    smoothed.withUnsafeBufferPointer { buffer in
                        guard let base = buffer.baseAddress else { return }
                        evaluate(call, targets: .values(base))
                    }
                }
            }
        }
        return Float(losses.reduce(0.0) { $0 + Double($1) } / Double(output.rows))
    }

    /// Targets with label smoothing applied, where the kernel leaves that to the caller: t (1 - s) + s / 2.
    package func smooth(_ targets: [Float]) -> [Float] {
        guard case .binaryCrossEntropy(let smoothing) = self, smoothing > 0 else { return targets }
        return targets.map { $0 * (1 - smoothing) + 0.5 * smoothing }
    }
}

extension [Float] {
    /// The index of the first largest element.
    package var largestIndex: Int {
        var best = 0
        for index in indices where self[index] > self[best] { best = index }
        return best
    }
}
