public import LinearAlgebra

/// What one layer sends back.
public struct LayerGradients: Sendable, Hashable {
    /// The gradient of each input.
    public var inputs: [Matrix]
    /// The gradient of each parameter, in the layer's order; a vector is one row.
    public var parameters: [Matrix]
}

extension Layer {
    /// The output of this layer by itself.
    ///
    ///     let y = Dense(2).forward(x, parameters: [[[1, -1], [-2, 1]], [[1, 0]]])
    ///
    /// - Parameters:
    ///   - inputs: N x size matrices.
    ///   - parameters: in the layer's order: kernel (inputs x units), then bias (1 x units).
    ///   - mode: `.training` activates dropout.
    public func forward(_ inputs: Matrix..., parameters: [Matrix] = [], mode: PassMode = .inference) -> Matrix {
        let graph = Graph(alone: self, inputs: inputs)
        return graph.forward(inputs, parameters: graph.parameters(parameters), mode: mode)
    }

    /// The gradients of a scalar J with respect to this layer's inputs and parameters, given ∂J/∂output.
    public func backward(
        _ inputs: Matrix..., parameters: [Matrix] = [], outputGradient: Matrix, mode: PassMode = .inference
    ) -> LayerGradients {
        let graph = Graph(alone: self, inputs: inputs)
        let gradients = graph.backward(
            inputs, parameters: graph.parameters(parameters), outputGradient: outputGradient, mode: mode)
        return LayerGradients(
            inputs: gradients.inputs, parameters: gradients.parameters.paths.map { gradients.parameters[$0] })
    }
}

extension Graph {
    fileprivate init(alone layer: some Layer, inputs: [Matrix]) {
        self.init(inputs: inputs.map(\.columns)) { values in Value(operation: layer.operation, inputs: values) }
    }

    fileprivate func parameters(_ matrices: [Matrix]) -> Parameters {
        let parameters = Parameters(layout: ParameterLayout(self))
        precondition(
            matrices.count == parameters.paths.count,
            "The layer has \(parameters.paths.count) parameters, not \(matrices.count)")
        for (path, matrix) in zip(parameters.paths, matrices) { parameters[path] = matrix }
        return parameters
    }
}
