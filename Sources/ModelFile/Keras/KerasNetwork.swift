internal import HDF5
internal import NeuralNetwork

/// A network as a Keras configuration describes it, before it has weights.
struct KerasNetwork: Sendable {
    /// A layer as Keras counts them.
    struct Layer: Sendable {
        var className: String
        var name: String
        /// The node that has its weights; `nil` for an input.
        var node: Int?
        /// Whether mean and variance of a `Normalization` are among the weights.
        var isAdapted = false
    }

    /// From inputs to logits where the last activation is softmax or sigmoid.
    var graph: Graph
    var outputActivation: OutputActivation
    /// In the order in which Keras lists them.
    var layers: [Layer]

    /// - Throws: `ModelError` when a layer cannot do without weights from a file.
    func checkNeedsNoWeights() throws(ModelError) {
        guard let layer = layers.first(where: \.isAdapted) else { return }
        throw ModelError(
            "layer '\(layer.name)' has its mean and variance among its weights, and a description has none; give the model with --init-from, or leave the layer out: features are scaled by --scale"
        )
    }

    /// What one weight of a file becomes.
    private enum Role {
        case parameter(ParameterLayout.Slice)
        case mean
        case variance
        /// How many rows mean and variance were computed from: of no use here.
        case count
    }

    /// The parameters from the weights of all layers one after another: Keras matches them by position.
    ///
    /// Means and variances of adapted layers become constants of the graph.
    ///
    /// - Throws: `ModelError` when number, shapes or values are not those of this network's weights.
    mutating func takeWeights(_ datasets: [Dataset]) throws -> Parameters {
        let layout = ParameterLayout(graph)
        let expected = layers.flatMap { expectedWeights(of: $0, layout) }
        guard datasets.count == expected.count else {
            throw ModelError("holds \(datasets.count) weights for a network that has \(expected.count)")
        }
        for (weight, dataset) in zip(expected, datasets) {
            guard weight.shapes.contains(dataset.shape), dataset.elementType.isNumeric else {
                throw ModelError(
                    "holds the weight \(dataset.path) of shape \(dataset.shape); '\(weight.path)' needs \(weight.shapes[0])"
                )
            }
        }
        let parameters = Parameters(layout: layout)
        var statistics: [Int: (mean: [Float], variance: [Float])] = [:]
        for (weight, dataset) in zip(expected, datasets) {
            let elements = try dataset.read(as: Float.self)
            guard elements.allSatisfy(\.isFinite) else {
                throw ModelError("holds weights in \(dataset.path) that are not finite numbers")
            }
            switch weight.role {
            case .parameter(let slice): parameters.setElements(elements, of: slice)
            case .mean: statistics[weight.node, default: ([], [])].mean = elements
            case .variance: statistics[weight.node, default: ([], [])].variance = elements
            case .count: break
            }
        }
        guard !statistics.isEmpty else { return parameters }
        var nodes = graph.nodes
        for (node, (mean, variance)) in statistics {
            nodes[node].operation = .normalization(Normalization(mean: mean, variance: variance, isAdapted: true))
        }
        graph = try Graph(inputSizes: graph.inputSizes, nodes: nodes, output: graph.output)
        return parameters
    }

    private func expectedWeights(
        of layer: Layer, _ layout: ParameterLayout
    ) -> [(path: String, shapes: [[Int]], node: Int, role: Role)] {
        // The last activation is a layer in Keras and none here.
        guard let node = layer.node, node < graph.nodes.count else { return [] }
        if layer.isAdapted {
            // One for all columns where the layer has no axis.
            let shapes = [[graph.sizes[graph.inputSizes.count + node]], []]
            return [
                ("\(layer.name)/mean", shapes, node, .mean), ("\(layer.name)/variance", shapes, node, .variance),
                ("\(layer.name)/count", [[], [1]], node, .count),
            ]
        }
        return layout.slices.filter { $0.node == node }.map { ($0.path, [$0.shape], node, .parameter($0)) }
    }
}
