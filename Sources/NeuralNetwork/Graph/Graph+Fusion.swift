extension Graph {
    /// The same function with every activation that alone follows a linear dense layer moved into that layer.
    ///
    /// Bias, activation, derivative and bias gradient are then single passes. Names and order of the parameters stay.
    func fused() -> Graph {
        var consumers = [Int](repeating: 0, count: sizes.count)
        for node in nodes {
            for input in node.inputs { consumers[input] += 1 }
        }
        var renumbered = Array(0..<inputSizes.count)
        var kept: [Node] = []
        var keptSizes = inputSizes
        for (index, node) in nodes.enumerated() {
            if case .activation(let activation) = node.operation, let source = node.inputs.first,
                source >= inputSizes.count, consumers[source] == 1, source != output,
                case .dense(var dense) = nodes[source - inputSizes.count].operation, dense.activation == .linear,
                case .dense(let current) = kept[renumbered[source] - inputSizes.count].operation,
                current.activation == .linear
            {
                dense.activation = activation
                kept[renumbered[source] - inputSizes.count].operation = .dense(dense)
                renumbered.append(renumbered[source])
            } else {
                var renamed = node
                renamed.inputs = node.inputs.map { renumbered[$0] }
                kept.append(renamed)
                keptSizes.append(sizes[inputSizes.count + index])
                renumbered.append(inputSizes.count + kept.count - 1)
            }
        }
        return Graph(inputSizes: inputSizes, checked: kept, output: renumbered[output], sizes: keptSizes)
    }
}
