extension Graph: CustomStringConvertible {
    /// A table: layer, what it takes, output size, parameters, and the total.
    public var description: String {
        let layout = ParameterLayout(self)
        var rows = [["layer", "kind", "from", "outputs", "parameters"]]
        for (index, size) in inputSizes.enumerated() {
            rows.append([valueName(index), "input", "", "\(size)", "0"])
        }
        for (index, node) in nodes.enumerated() {
            let count = layout.slices.filter { $0.node == index }.reduce(0) { $0 + $1.count }
            rows.append([
                node.name, node.operation.summary, node.inputs.map(valueName).joined(separator: ", "),
                "\(sizes[inputSizes.count + index])", "\(count)",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column < 3 ? text + padding : padding + text
            }
            .joined(separator: "  ")
        }
        return (lines + ["\(layout.parameterCount) parameters"]).joined(separator: "\n")
    }

    private func valueName(_ value: Int) -> String {
        if value >= inputSizes.count { return nodes[value - inputSizes.count].name }
        return inputSizes.count == 1 ? "input" : "input_\(value)"
    }
}

extension Operation {
    /// The layer in a word or two: `dense, relu`, `dropout 0.2`.
    public var summary: String {
        switch self {
        case .dense(let dense):
            "dense" + (dense.activation == .linear ? "" : ", \(dense.activation.name)")
                + (dense.usesBias ? "" : ", no bias")
        case .activation(let activation): activation.name
        case .softmax: "softmax"
        case .dropout(let dropout): "dropout \(dropout.probability)"
        case .add: "add"
        case .multiply: "multiply"
        case .concatenate: "concatenate"
        case .rescaling(let rescaling): "rescaling" + (rescaling.scale.count == 1 ? " \(rescaling.scale[0])" : "")
        case .normalization: "normalization"
        case .layerNormalization: "layer normalization"
        case .batchNormalization: "batch normalization"
        }
    }
}

extension Activation {
    /// The name in the command's spelling.
    public var name: String {
        switch self {
        case .linear: "linear"
        case .relu: "relu"
        case .leakyReLU: "leaky-relu"
        case .sigmoid: "sigmoid"
        case .tanh: "tanh"
        case .elu: "elu"
        case .selu: "selu"
        case .softplus: "softplus"
        case .gelu: "gelu"
        case .silu: "silu"
        }
    }
}
