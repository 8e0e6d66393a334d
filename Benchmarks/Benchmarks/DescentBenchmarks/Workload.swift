import LinearAlgebra
import NeuralNetwork
import Tabular
import Training

/// A reference workload: a network, a batch size, and an epoch of made-up rows.
struct Workload {
    let name: String
    /// From inputs to classes.
    let sizes: [Int]
    let batchSize: Int
    /// The rows of an epoch.
    let rows: Int

    static let all = [
        Workload(name: "mnist", sizes: [784, 256, 128, 10], batchSize: 128, rows: 12_800),
        Workload(name: "higgs", sizes: [28, 300, 300, 300, 300, 300, 2], batchSize: 1024, rows: 51_200),
        Workload(name: "small", sizes: [16, 64, 64, 2], batchSize: 32, rows: 128_000),
        Workload(name: "wide", sizes: [1024, 4096, 4096, 1000], batchSize: 512, rows: 2048),
    ]

    /// Dense layers with ReLU between them.
    var graph: Graph {
        Graph(inputs: sizes[0]) {
            for units in sizes[1..<sizes.count - 1] { Dense(units, activation: .relu) }
            Dense(sizes[sizes.count - 1])
        }
    }

    var configuration: TrainingConfiguration {
        TrainingConfiguration(
            loss: .softmaxCrossEntropy(), optimizer: .sgd(learningRate: 1e-3), batchSize: batchSize, shuffles: false,
            dropsLastBatch: true, seed: 1)
    }

    /// The rows that a worker computes at a time.
    var shardRows: Int { configuration.shardPlan(for: graph).rows }

    /// A dense layer of the network.
    struct LayerShape: Hashable {
        var inputs: Int
        var outputs: Int
        /// Whether it reads the network's inputs, which need no gradient.
        var isFirst: Bool
    }

    /// The dense layers, each shape once.
    var layerShapes: [LayerShape] {
        var shapes: [LayerShape] = []
        for (index, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
            let shape = LayerShape(inputs: inputs, outputs: outputs, isFirst: index == 0)
            if !shapes.contains(shape) { shapes.append(shape) }
        }
        return shapes
    }

    /// Rows of features of mean 0 and deviation 1, each with a class.
    func samples(rows: Int) -> SampleSelection {
        SampleSelection(
            Samples(
                rowCount: rows, featureCount: sizes[0],
                features: RandomNumbers.buffer(rows * sizes[0], in: -1.7320508..<1.7320508),
                targets: .labels(
                    RandomNumbers.labels(rows, classes: sizes[sizes.count - 1]), classes: sizes[sizes.count - 1])))
    }
}
