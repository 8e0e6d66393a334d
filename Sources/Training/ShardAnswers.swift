internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

/// Room for the targets and weights of one shard whose rows are not visited in order.
final class AnswerMemory: Sendable {
    let values: SharedBuffer<Float>
    let labels: SharedBuffer<Int32>
    let weights: SharedBuffer<Float>

    init(rows: Int, columns: Int) {
        values = SharedBuffer(count: rows * columns)
        labels = SharedBuffer(count: rows)
        weights = SharedBuffer(count: rows)
    }
}

/// The targets and weights of one shard, where a loss can read them: where they lie, or gathered.
struct ShardAnswers {
    let targets: TargetView
    let weights: UnsafePointer<Float>?

    /// - Parameter areGathered: Whether they are in `memory` already.
    init(
        _ samples: Samples, order: SharedBuffer<UInt32>?, rows: Range<Int>, memory: AnswerMemory,
        areGathered: Bool = false
    ) {
        guard let order else {
            weights = samples.weights.map { UnsafePointer($0.base + rows.lowerBound) }
            switch samples.targets {
            case .labels(let labels, _): targets = .labels(labels.base + rows.lowerBound)
            case .values(let values, let columns): targets = .values(values.base + rows.lowerBound * columns)
            case .none: preconditionFailure("Rows without targets cannot be compared with anything")
            }
            return
        }
        func gather<Element: BitwiseCopyable>(
            _ source: SharedBuffer<Element>, columns: Int, into target: SharedBuffer<Element>
        ) {
            guard !areGathered else { return }
            gatherRows(
                order, from: rows.lowerBound, rows: rows.count, columns: columns, of: source.base, into: target.base)
        }
        if let source = samples.weights {
            gather(source, columns: 1, into: memory.weights)
            weights = UnsafePointer(memory.weights.base)
        } else {
            weights = nil
        }
        switch samples.targets {
        case .labels(let labels, _):
            gather(labels, columns: 1, into: memory.labels)
            targets = .labels(memory.labels.base)
        case .values(let values, let columns):
            gather(values, columns: columns, into: memory.values)
            targets = .values(memory.values.base)
        case .none:
            preconditionFailure("Rows without targets cannot be compared with anything")
        }
    }
}
