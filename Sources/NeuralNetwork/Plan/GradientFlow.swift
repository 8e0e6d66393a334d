/// Which values of a graph need a gradient, and where each consumer puts what it sends back.
///
/// The chain rule sums over consumers: the first to run in a backward pass writes the value's gradient, every later one
/// writes a place of its own, from where the plan adds it. Layers never know.
struct GradientFlow {
    /// What one node sends back to one of its inputs.
    struct Edge {
        /// Where the node writes; `nil` when the input needs no gradient.
        var target: Slot?
        /// The sum that the target is added to, when the target is not that sum itself.
        var sum: Slot?
    }

    private let graph: Graph
    /// Whether each value depends on a trainable parameter (or on an input whose gradient was asked for).
    private(set) var required: [Bool]
    /// Where each value's gradient is summed.
    private(set) var slots: [Slot?]
    /// For each node, an edge for each of its inputs.
    private(set) var edges: [[Edge]]

    init(_ graph: Graph, layout: ParameterLayout, includingInputs: Bool) {
        self.graph = graph
        var required = graph.inputSizes.map { _ in includingInputs }
        for (index, node) in graph.nodes.enumerated() {
            let learns = layout.slices.contains { $0.node == index && $0.isTrainable }
            required.append(learns || node.inputs.contains { required[$0] })
        }
        self.required = required
        slots = graph.sizes.map { _ in nil }
        edges = graph.nodes.map { node in node.inputs.map { _ in Edge() } }
    }

    /// - Parameter order: The order in which the nodes are computed.
    mutating func assignSlots(_ allocator: inout SlotAllocator, order: [Int]) {
        var consumers = [Int](repeating: 0, count: graph.sizes.count)
        for node in graph.nodes {
            for input in node.inputs { consumers[input] += 1 }
        }
        // The loss writes the output's gradient before anybody else.
        slots[graph.output] = allocator.slot(columns: graph.outputSize)
        for index in order.reversed() {
            let node = graph.nodes[index]
            let value = graph.inputSizes.count + index
            guard required[value], let own = slots[value] else { continue }
            for (position, input) in node.inputs.enumerated() where required[input] {
                if let sum = slots[input] {
                    edges[index][position] = Edge(target: allocator.slot(columns: graph.sizes[input]), sum: sum)
                } else if node.operation.worksInPlace && consumers[input] == 1 {
                    slots[input] = own
                    edges[index][position] = Edge(target: own)
                } else {
                    let slot = allocator.slot(columns: graph.sizes[input])
                    slots[input] = slot
                    edges[index][position] = Edge(target: slot)
                }
            }
        }
    }
}
