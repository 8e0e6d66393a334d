internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

/// Room for the targets and weights of one shard whose rows are not visited in order.
struct AnswerMemory: Sendable {
    let values: SharedBuffer<Float>
    let labels: SharedBuffer<Int32>
    let weights: SharedBuffer<Float>
}

/// The targets and weights of one shard, where a loss can read them: where they lie, or gathered.
struct ShardAnswers {
    let targets: TargetView
    let weights: UnsafePointer<Float>?

    init(_ samples: Samples, order: SharedBuffer<UInt32>?, rows: Range<Int>, memory: AnswerMemory) {
        guard let order else {
            weights = samples.weights.map { UnsafePointer($0.base + rows.lowerBound) }
            switch samples.targets {
            case .labels(let labels, _): targets = .labels(labels.base + rows.lowerBound)
            case .values(let values, let columns): targets = .values(values.base + rows.lowerBound * columns)
            case .none: preconditionFailure("Rows without targets cannot be compared with anything")
            }
            return
        }
        let indices = UnsafePointer(order.base + rows.lowerBound)
        if let source = samples.weights {
            for row in 0..<rows.count { memory.weights.base[row] = source.base[Int(indices[row])] }
            weights = UnsafePointer(memory.weights.base)
        } else {
            weights = nil
        }
        switch samples.targets {
        case .labels(let labels, _):
            for row in 0..<rows.count { memory.labels.base[row] = labels.base[Int(indices[row])] }
            targets = .labels(memory.labels.base)
        case .values(let values, let columns):
            gatherRows(
                indices, from: values.base,
                into: MutableMatrixView(memory.values.base, rows: rows.count, columns: columns))
            targets = .values(memory.values.base)
        case .none:
            preconditionFailure("Rows without targets cannot be compared with anything")
        }
    }
}
