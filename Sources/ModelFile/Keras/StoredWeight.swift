internal import HDF5
internal import LinearAlgebra
internal import NeuralNetwork

/// A weight as a file keeps it.
struct StoredWeight {
    /// Where its numbers are: large ones are written from where they lie.
    enum Elements {
        case part(of: SharedBuffer<Float>, offset: Int)
        case constants([Float])
    }

    /// `kernel`, `bias`, `gamma`, …
    var name: String
    var shape: [Int]
    var elements: Elements

    /// Writes it as a dataset.
    func write(to name: String, of group: Group) throws(HDF5Error) {
        switch elements {
        case .part(let buffer, let offset):
            let dataset = try group.createDataset(name, shape: shape, of: Float.self)
            try dataset.write(UnsafeBufferPointer(start: buffer.base + offset, count: dataset.elementCount))
        case .constants(let values):
            _ = try group.createDataset(name, shape: shape, values: values)
        }
    }
}

extension Model {
    /// The weights of a layer of a graph with these parameters, in Keras' order.
    func storedWeights(of node: Int, in graph: Graph, _ layout: ParameterLayout) -> [StoredWeight] {
        let name = graph.nodes[node].name
        if case .normalization(let layer) = graph.nodes[node].operation, layer.isAdapted {
            let isPerColumn = layer.mean.count > 1 || graph.sizes[graph.inputSizes.count + node] == 1
            let shape = isPerColumn ? [layer.mean.count] : []
            return [
                StoredWeight(name: "mean", shape: shape, elements: .constants(layer.mean)),
                StoredWeight(name: "variance", shape: shape, elements: .constants(layer.variance)),
                // From how many rows they are matters only to a further `adapt`.
                StoredWeight(name: "count", shape: [], elements: .constants([0])),
            ]
        }
        return layout.slices.filter { $0.node == node }.map { slice in
            StoredWeight(
                name: String(slice.path.dropFirst(name.count + 1)), shape: slice.shape,
                elements: .part(of: parameters.values, offset: slice.offset))
        }
    }
}
