import LinearAlgebra
import NeuralNetwork

/// Each loss with its gradient, on the outputs of a shard.
///
/// Half squared and squared error are the kernel of the mean squared error with another factor.
///
/// Bytes are the predictions and the gradient, and the targets where there is one per output.
func registerLosses() {
    let values: [(name: String, loss: Loss)] = [
        ("softmax cross-entropy of distributions", .softmaxCrossEntropy()),
        ("binary cross-entropy", .binaryCrossEntropy()), ("cross-entropy", .crossEntropy),
        ("mean squared error", .meanSquaredError), ("mean absolute error", .meanAbsoluteError), ("huber", .huber()),
    ]
    for (rows, columns) in [(64, 10), (256, 1000)] {
        let bytes = 4 * rows * columns
        Rate.megabytes.benchmark("Loss softmax cross-entropy of labels \(rows)x\(columns)", amount: 2 * bytes) {
            LossMemory(rows: rows, columns: columns)
        } call: {
            Loss.softmaxCrossEntropy().evaluate($0.call, targets: .labels($0.labels.base))
        }
        for (name, loss) in values {
            Rate.megabytes.benchmark("Loss \(name) \(rows)x\(columns)", amount: 3 * bytes) {
                LossMemory(rows: rows, columns: columns)
            } call: {
                loss.evaluate($0.call, targets: .values($0.targets.base))
            }
        }
    }
}

/// Predictions and targets in (0, 1), which every loss takes.
private struct LossMemory {
    let labels: SharedBuffer<Int32>
    let targets: SharedBuffer<Float>
    let call: LossCall
    private let buffers: [SharedBuffer<Float>]

    init(rows: Int, columns: Int) {
        labels = RandomNumbers.labels(rows, classes: columns)
        targets = RandomNumbers.buffer(rows * columns, in: 0..<1, stream: 0)
        let predictions = RandomNumbers.buffer(rows * columns, in: 0..<1, stream: 1)
        let gradient = SharedBuffer<Float>(count: rows * columns)
        let losses = SharedBuffer<Float>(count: rows)
        buffers = [predictions, gradient, losses]
        call = LossCall(
            predictions: predictions.matrix(rows, columns).readOnly, weights: nil, gradientScale: 1 / Float(rows),
            losses: losses.base, gradient: gradient.matrix(rows, columns))
    }
}
