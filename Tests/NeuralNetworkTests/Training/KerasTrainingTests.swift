import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Small networks train as in Keras")
struct KerasTrainingTests {
    struct File: Decodable {
        var batch_size: Int
        var epochs: Int
        var x: [[Float]]
        var classes: [Int]
        var targets: [[Float]]
        var sample_weights: [Float]
        var initial_weights: [String: [[Float]]]
        var cases: [Case]
    }

    struct Case: Decodable {
        var name: String
        var task: String
        var activation: String
        var loss: String
        var label_smoothing: Float
        var l1: Float
        var l2: Float
        var sample_weights: Bool
        var optimizer: KerasOptimizer
        var epoch_losses: [Float]
        var final_weights: [[Float]]

        var here: Loss? {
            switch loss {
            case "sparse_categorical_crossentropy", "categorical_crossentropy":
                .softmaxCrossEntropy(labelSmoothing: label_smoothing)
            case "mean_squared_error": .meanSquaredError
            case "mean_absolute_error": .meanAbsoluteError
            case "huber": .huber()
            default: nil
            }
        }
    }

    @Test("Three epochs of gradients, penalties and updates end in Keras' weights")
    func training() throws {
        let file = try KerasFixtures.load(File.self, from: "training.json")
        #expect(file.cases.count == 17)
        for example in file.cases {
            let found = try train(example, file)
            for (slice, expected) in zip(found.layout.slices, example.final_weights) {
                // Keras' own sums are in single precision, in an order of its own.
                let problem = Tolerance(absolute: 1e-5, relative: 1e-5)
                    .disagreement(of: found.elements(of: slice), with: expected)
                #expect(problem == nil, "\(example.name): \(slice.path)")
            }
        }
    }

    private func train(_ example: Case, _ file: File) throws -> Parameters {
        let regularizer = Regularizer(l1: example.l1, l2: example.l2)
        let graph = Graph(inputs: 4) {
            Dense(5, activation: example.activation == "relu" ? .relu : .tanh, kernelRegularizer: regularizer)
            Dense(example.task == "classification" ? 3 : 2, kernelRegularizer: regularizer)
        }
        let parameters = Parameters(layout: ParameterLayout(graph))
        let start = try #require(file.initial_weights[example.task])
        for (slice, elements) in zip(parameters.layout.slices, start) { parameters.setElements(elements, of: slice) }
        let run = OptimizerRun(try example.optimizer.optimizer, parameters: parameters.values)
        let loss = try #require(example.here)
        for _ in 0..<file.epochs {
            for first in stride(from: 0, to: file.x.count, by: file.batch_size) {
                let rows = first..<min(first + file.batch_size, file.x.count)
                let targets: Targets =
                    example.task == "classification"
                    ? .labels(Array(file.classes[rows])) : .values(Matrix(Array(file.targets[rows])))
                let gradient = graph.gradient(
                    Matrix(Array(file.x[rows])), targets: targets, loss: loss, parameters: parameters,
                    weights: example.sample_weights ? Array(file.sample_weights[rows]) : nil
                ).parameters
                for slice in parameters.layout.slices {
                    UpdateSlice(
                        count: slice.count, parameters: parameters.values.base + slice.offset,
                        gradient: gradient.values.base + slice.offset
                    ).regularize(l1: slice.regularizer.l1, l2: slice.regularizer.l2)
                }
                run.step(gradient.values.elements)
            }
        }
        return parameters
    }
}
