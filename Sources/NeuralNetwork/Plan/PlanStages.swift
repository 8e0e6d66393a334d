/// How layers whose statistics are those of the whole batch cut a graph into stages.
///
/// All shards finish a stage before the next begins. A layer that looks at the batch adds up its part at the end of the
/// stage that computes its input, and its output starts the next stage. Nodes are put in order of their stages, such
/// layers first within each: backward then meets them last, when all that their outputs feed is done.
struct PlanStages {
    /// The nodes in the order in which they are computed: the graph's own where no layer looks at the batch.
    let order: [Int]
    /// The stage of each node.
    let stages: [Int]

    var count: Int { (stages.max() ?? 0) + 1 }

    init(_ graph: Graph) {
        var valueStages = graph.inputSizes.map { _ in 0 }
        for node in graph.nodes {
            let inputStage = node.inputs.map { valueStages[$0] }.max() ?? 0
            valueStages.append(inputStage + (node.looksAtBatch ? 1 : 0))
        }
        let stages = Array(valueStages[graph.inputSizes.count...])
        self.stages = stages
        func key(_ index: Int) -> (Int, Int, Int) { (stages[index], graph.nodes[index].looksAtBatch ? 0 : 1, index) }
        order = graph.nodes.indices.sorted { key($0) < key($1) }
    }
}

extension Graph {
    /// Whether training needs statistics of the whole batch.
    package var looksAtBatch: Bool { nodes.contains(where: \.looksAtBatch) }
}

extension Graph.Node {
    /// Whether training needs statistics of the whole batch for it; a frozen layer takes its moving averages.
    var looksAtBatch: Bool {
        guard case .batchNormalization = operation else { return false }
        return isTrainable
    }
}
