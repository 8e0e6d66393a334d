import LinearAlgebra
public import NeuralNetwork

/// One dropout mask by its definition: the element at (row, column) is decided by word (column / 16) % 4 of the Philox
/// block (16 (column / 64) + column % 16, row, low half of step, high half of step | layer | purpose).
public func dropoutMask(
    rows: Int, columns: Int, probability: Double, seed: UInt64, step: UInt64, layer: Int, firstRow: Int
) -> [Float] {
    let key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let last = UInt32(step >> 32) * 4096 + UInt32(layer) + 3 * 0x1000_0000
    var mask: [Float] = []
    for row in firstRow..<firstRow + rows {
        for column in 0..<columns {
            let block = UInt32(16 * (column / 64) + column % 16)
            let words = philox((block, UInt32(row), UInt32(truncatingIfNeeded: step), last), key: key)
            let word = [words.0, words.1, words.2, words.3][column / 16 % 4]
            mask.append(Double(word) < (probability * 0x1p32).rounded(.down) ? 0 : Float(1 / (1 - probability)))
        }
    }
    return mask
}

/// The masks of every dropout layer of a graph, by the layer's name; none in inference.
public func dropoutMasks(of graph: Graph, rows: Int, mode: PassMode) -> [String: [Double]] {
    guard case .training(let seed, let step, let firstRow) = mode else { return [:] }
    // A layer's number counts the layers that are left once activations have moved into their dense layers.
    let order = computedLayers(of: graph)
    var masks: [String: [Double]] = [:]
    for node in graph.nodes {
        guard case .dropout(let dropout) = node.operation, let layer = order.firstIndex(of: node.name) else { continue }
        let mask = dropoutMask(
            rows: rows, columns: graph.sizes[node.inputs[0]], probability: dropout.probability, seed: seed, step: step,
            layer: layer, firstRow: firstRow)
        masks[node.name] = mask.map(Double.init)
    }
    return masks
}

/// The names of the layers that a compiled graph computes one after another.
public func computedLayers(of graph: Graph) -> [String] {
    Plan(graph, capacity: 1, trains: false).layerNames
}
