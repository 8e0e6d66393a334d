import Foundation
public import LinearAlgebra
public import NeuralNetwork

/// A graph evaluated in double precision by plain loops: what the kernels are held against.
///
/// Inputs and parameters are data that a test may move, element by element; dropout masks stay what they are.
public struct Reference: Sendable {
    public let graph: Graph
    public let rows: Int
    /// The elements of each input, row by row.
    public var inputs: [[Double]]
    /// The elements of each parameter, by path.
    public var parameters: [String: [Double]]
    /// The mask of each dropout layer by the layer's name; a layer without one passes its input through.
    public var masks: [String: [Double]]
    /// Whether batch normalization takes the statistics of the batch.
    private let trains: Bool

    public init(_ graph: Graph, inputs: [Matrix], parameters: Parameters, mode: PassMode = .inference) {
        self.graph = graph
        rows = inputs[0].rows
        self.inputs = inputs.map { $0.elements.map(Double.init) }
        self.parameters = Dictionary(
            uniqueKeysWithValues: parameters.layout.slices.map { slice in
                (slice.path, parameters.elements(of: slice).map(Double.init))
            })
        masks = dropoutMasks(of: graph, rows: rows, mode: mode)
        trains = mode != .inference
    }

    /// The elements of the graph's output, row by row.
    public var output: [Double] { values()[graph.output] }

    /// The elements of every value: the inputs, then each node's output.
    public func values() -> [[Double]] {
        var values = inputs
        for node in graph.nodes { values.append(value(of: node, among: values)) }
        return values
    }

    private func value(of node: Graph.Node, among values: [[Double]]) -> [Double] {
        let x = values[node.inputs[0]]
        switch node.operation {
        case .dense(let dense):
            return weightedSums(node, dense, x).map(dense.activation.exact)
        case .activation(let activation):
            return x.map(activation.exact)
        case .softmax:
            let columns = graph.sizes[node.inputs[0]]
            var y: [Double] = []
            for row in 0..<rows {
                let logits = x[row * columns..<(row + 1) * columns]
                let largest = logits.max() ?? 0
                let total = logits.reduce(0) { $0 + exp($1 - largest) }
                y += logits.map { exp($0 - largest) / total }
            }
            return y
        case .dropout:
            guard let mask = masks[node.name] else { return x }
            return zip(x, mask).map { $0 * $1 }
        case .add:
            return node.inputs.dropFirst().reduce(x) { sum, input in zip(sum, values[input]).map { $0 + $1 } }
        case .multiply:
            return node.inputs.dropFirst().reduce(x) { product, input in
                zip(product, values[input]).map { $0 * $1 }
            }
        case .concatenate:
            return (0..<rows).flatMap { row in
                node.inputs.flatMap { input in
                    let columns = graph.sizes[input]
                    return values[input][row * columns..<(row + 1) * columns]
                }
            }
        case .rescaling(let rescaling):
            return columnwise(x, columns: graph.sizes[node.inputs[0]]) { value, column in
                value * rescaling.scale.exact(column) + rescaling.offset.exact(column)
            }
        case .normalization(let normalization):
            return columnwise(x, columns: graph.sizes[node.inputs[0]]) { value, column in
                (value - normalization.mean.exact(column))
                    / max(normalization.variance.exact(column).squareRoot(), 1e-7)
            }
        case .layerNormalization(let layer):
            let columns = graph.sizes[node.inputs[0]]
            let rowMoments = (0..<rows).map { row in moments(x[row * columns..<(row + 1) * columns]) }
            return x.enumerated().map { index, value in
                let (mean, variance) = rowMoments[index / columns]
                let standard = (value - mean) / (variance + Double(layer.epsilon)).squareRoot()
                return standard * number("gamma", of: node, at: index % columns, or: 1)
                    + number("beta", of: node, at: index % columns, or: 0)
            }
        case .batchNormalization(let layer):
            let columns = graph.sizes[node.inputs[0]]
            let columnMoments = (0..<columns).map { column -> (Double, Double) in
                guard trains, node.isTrainable else {
                    return (
                        number("moving_mean", of: node, at: column, or: 0),
                        number("moving_variance", of: node, at: column, or: 1)
                    )
                }
                return moments((0..<rows).map { x[$0 * columns + column] })
            }
            return columnwise(x, columns: columns) { value, column in
                let (mean, variance) = columnMoments[column]
                let standard = (value - mean) / (variance + Double(layer.epsilon)).squareRoot()
                return standard * number("gamma", of: node, at: column, or: 1)
                    + number("beta", of: node, at: column, or: 0)
            }
        }
    }

    private func moments(_ values: some Collection<Double>) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }

    private func number(_ parameter: String, of node: Graph.Node, at index: Int, or missing: Double) -> Double {
        parameters["\(node.name)/\(parameter)"]?[index] ?? missing
    }

    private func columnwise(_ x: [Double], columns: Int, _ function: (Double, Int) -> Double) -> [Double] {
        x.enumerated().map { index, value in function(value, index % columns) }
    }

    /// x W + b.
    private func weightedSums(_ node: Graph.Node, _ dense: Dense, _ x: [Double]) -> [Double] {
        let columns = graph.sizes[node.inputs[0]]
        guard let kernel = parameters["\(node.name)/kernel"] else { preconditionFailure("\(node.name) has no kernel") }
        let bias = parameters["\(node.name)/bias"]
        var y: [Double] = []
        y.reserveCapacity(rows * dense.units)
        for row in 0..<rows {
            for unit in 0..<dense.units {
                var sum = bias?[unit] ?? 0
                for column in 0..<columns { sum += x[row * columns + column] * kernel[column * dense.units + unit] }
                y.append(sum)
            }
        }
        return y
    }

    /// How far the nearest argument of an activation is from the activation's kink. Gradients jump there, so a test
    /// that compares them keeps its distance.
    public var kinkDistance: Double {
        let values = values()
        var nearest = Double.infinity
        for node in graph.nodes {
            switch node.operation {
            case .dense(let dense) where dense.activation.hasKink:
                nearest = min(nearest, weightedSums(node, dense, values[node.inputs[0]]).map(abs).min() ?? .infinity)
            case .activation(let activation) where activation.hasKink:
                // Zeros that stand there whatever the parameters are (a dropped element) do not move across the kink.
                let arguments = values[node.inputs[0]].filter { $0 != 0 }
                nearest = min(nearest, arguments.map(abs).min() ?? .infinity)
            default: break
            }
        }
        return nearest
    }
}

extension [Float] {
    /// The number for a column: its own, or the one that stands for all.
    fileprivate func exact(_ column: Int) -> Double { Double(self[count == 1 ? 0 : column]) }
}
