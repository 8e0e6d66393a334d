internal import NeuralNetwork

/// The order in which Keras lists the layers of a graph.
///
/// Keras matches weights to layers by position, whatever order a file lists them in: by depth (the longest path to the
/// output), deepest first; layers of equal depth by the first visit of a depth-first walk from the output that marks a
/// layer before its inputs and takes inputs in order. Layers that the output does not need are left out.
enum KerasOrder {
    /// - Parameters:
    ///   - output: The layer that gives the result.
    ///   - inputs: For each layer, the layers that it takes its inputs from.
    static func order(output: Int, inputs: [[Int]]) -> [Int] {
        var visits: [Int?] = Array(repeating: nil, count: inputs.count)
        var visited = 0
        var finished: [Int] = []
        // An explicit stack: a graph from a file may be deeper than the machine's.
        var stack: [(layer: Int, next: Int)] = []
        func enter(_ layer: Int) {
            guard visits[layer] == nil else { return }
            visits[layer] = visited
            visited += 1
            stack.append((layer, 0))
        }
        enter(output)
        while let top = stack.last {
            if top.next < inputs[top.layer].count {
                stack[stack.count - 1].next += 1
                enter(inputs[top.layer][top.next])
            } else {
                finished.append(top.layer)
                stack.removeLast()
            }
        }
        var depth = Array(repeating: 0, count: inputs.count)
        for layer in finished.reversed() {
            for source in inputs[layer] { depth[source] = max(depth[source], depth[layer] + 1) }
        }
        return finished.sorted { (-depth[$0], visits[$0] ?? 0) < (-depth[$1], visits[$1] ?? 0) }
    }
}

extension Graph {
    /// The nodes in the order in which Keras lists the layers of a graph.
    var kerasOrder: [Int] {
        guard output >= inputSizes.count else { return [] }
        return KerasOrder.order(
            output: output - inputSizes.count,
            inputs: nodes.map { node in node.inputs.filter { $0 >= inputSizes.count }.map { $0 - inputSizes.count } })
    }
}
