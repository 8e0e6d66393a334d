internal import NeuralNetwork

extension Graph {
    /// The nodes in the order in which Keras lists the layers of a graph.
    ///
    /// Keras matches weights to layers by position, so the file must follow it: by depth (the longest path to the output),
    /// deepest first; layers of equal depth by the first visit of a depth-first walk from the output that marks a layer
    /// before its inputs and takes inputs in order.
    var kerasOrder: [Int] {
        var visits: [Int: Int] = [:]
        var finished: [Int] = []
        // An explicit stack: a graph from a file may be deeper than the machine's.
        var stack: [(node: Int, next: Int)] = []
        func enter(_ value: Int) {
            let node = value - inputSizes.count
            guard node >= 0, visits[node] == nil else { return }
            visits[node] = visits.count
            stack.append((node, 0))
        }
        enter(output)
        while let top = stack.last {
            let inputs = nodes[top.node].inputs
            if top.next < inputs.count {
                stack[stack.count - 1].next += 1
                enter(inputs[top.next])
            } else {
                finished.append(top.node)
                stack.removeLast()
            }
        }
        var depth = Array(repeating: 0, count: nodes.count)
        for node in finished.reversed() {
            for input in nodes[node].inputs where input >= inputSizes.count {
                let source = input - inputSizes.count
                depth[source] = max(depth[source], depth[node] + 1)
            }
        }
        return finished.sorted { (-depth[$0], visits[$0] ?? 0) < (-depth[$1], visits[$1] ?? 0) }
    }
}
