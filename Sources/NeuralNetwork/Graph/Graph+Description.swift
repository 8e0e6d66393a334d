/// A line of the table of a network's layers.
public struct LayerSummary: Sendable, Hashable {
    public var name: String
    /// The layer in a word or two: `dense, relu`.
    public var kind: String
    /// The names of the layers whose outputs it takes.
    public var inputs: [String]
    /// The numbers that it gives for each row.
    public var outputSize: Int
    public var parameterCount: Int
}

extension Graph: CustomStringConvertible {
    /// The inputs, then the layers in their order.
    public var summary: [LayerSummary] {
        let layout = ParameterLayout(self)
        let inputs = inputSizes.enumerated().map { index, size in
            LayerSummary(name: valueName(index), kind: "input", inputs: [], outputSize: size, parameterCount: 0)
        }
        let layers = nodes.enumerated().map { index, node in
            LayerSummary(
                name: node.name, kind: node.operation.summary, inputs: node.inputs.map(valueName),
                outputSize: sizes[inputSizes.count + index],
                parameterCount: layout.slices.filter { $0.node == index }.reduce(0) { $0 + $1.count })
        }
        return inputs + layers
    }

    /// A table: layer, what it takes, output shape, parameters, and the total.
    public var description: String {
        let summary = summary
        let header = ["layer", "kind", "from", "output shape", "parameters"]
        let rows =
            [header]
            + summary.map { layer in
                [
                    layer.name, layer.kind, layer.inputs.joined(separator: ", "), "rows x \(layer.outputSize)",
                    "\(layer.parameterCount)",
                ]
            }
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column < 3 ? text + padding : padding + text
            }
            .joined(separator: "  ")
        }
        return (lines + ["\(summary.reduce(0) { $0 + $1.parameterCount }) parameters"]).joined(separator: "\n")
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
