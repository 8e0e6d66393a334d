import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing
import Training

@Suite("A step of training")
struct TrainerTests {
    /// Single precision rounds each product and sum by 6e-8 of numbers around 1; a weight gathers some ten of these.
    static let tolerance = Tolerance(absolute: 6e-7)

    @Test(
        "An epoch of a small network is what plain loops in double precision make of it",
        arguments: [(1, 1), (2, 3), (4, 4), (3, 32)])
    func epoch(workers: Int, shards: Int) throws {
        let samples = RandomRows.values(rows: 22, features: 3, columns: 2, weighted: true)
        let data = RecordedData(samples)
        let graph = Graph(inputs: 3) {
            Dense(5, activation: .tanh, kernelRegularizer: Regularizer(l2: 0.02))
            Dense(2)
        }
        var random = CounterRandom.test(40)
        let parameters = random.parameters(of: graph)
        var reference = DoubleNetwork(parameters, samples)
        let training = try Training(
            of: graph, on: data,
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), batchSize: 8, shards: shards),
            epochs: 1, parameters: parameters, workers: workers)
        let record = try #require(try training.nextEpoch())

        let order = try #require(data.visits.first).map(Int.init)
        var losses = 0.0
        for first in [0, 8, 16] {
            let rows = Array(order[first..<min(first + 8, 22)])
            losses += reference.step(rows, rate: 0.1, l2: 0.02) * Double(rows.count)
        }
        #expect(abs(try #require(record["loss"]) - losses / 22) < 1e-6)
        for (path, exact) in [
            ("dense/kernel", reference.kernel1), ("dense/bias", reference.bias1), ("dense_1/kernel", reference.kernel2),
            ("dense_1/bias", reference.bias2),
        ] {
            #expect(Self.tolerance.disagreement(of: parameters[path].elements, with: exact) == nil, "\(path)")
        }
    }

    @Test("A step without regularizer, weights or momentum is w - rate · gradient")
    func singleStep() throws {
        let graph = Graph(inputs: 2) { Dense(1) }
        let parameters = Parameters(layout: ParameterLayout(graph))
        parameters["dense/kernel"] = [[0.5], [-1]]
        let samples = Samples(
            rowCount: 2, featureCount: 2, features: SharedBuffer([1, 2, 3, 4]),
            targets: .values(SharedBuffer([0, 1]), columns: 1))
        let training = try Training(
            of: graph, on: SampleSelection(samples),
            configuration: TrainingConfiguration(
                loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.125), batchSize: 2, shuffles: false),
            epochs: 1, parameters: parameters)
        // y = -1.5, -2.5; y - t = -1.5, -3.5; the gradient is the mean of 2 (y - t) x.
        let record = try #require(try training.nextEpoch())
        #expect(record["loss"] == (2.25 + 12.25) / 2)
        #expect(parameters["dense/kernel"].elements == [0.5 + 0.125 * 12, -1 + 0.125 * 17])
        #expect(parameters["dense/bias"].elements == [0.125 * 5])
    }
}

/// Dense(tanh), Dense, mean squared error, an L2 penalty on the first kernel and gradient descent, written out.
private struct DoubleNetwork {
    var kernel1: [Double]
    var bias1: [Double]
    var kernel2: [Double]
    var bias2: [Double]
    private let x: [[Double]]
    private let t: [[Double]]
    private let weights: [Double]

    init(_ parameters: Parameters, _ samples: Samples) {
        kernel1 = parameters["dense/kernel"].elements.map(Double.init)
        bias1 = parameters["dense/bias"].elements.map(Double.init)
        kernel2 = parameters["dense_1/kernel"].elements.map(Double.init)
        bias2 = parameters["dense_1/bias"].elements.map(Double.init)
        let features = samples.featureCount
        let rows = 0..<samples.rowCount
        x = rows.map { row in (0..<features).map { Double(samples.features[row * features + $0]) } }
        guard case .values(let values, let columns) = samples.targets else { preconditionFailure("values are wanted") }
        t = rows.map { row in (0..<columns).map { Double(values[row * columns + $0]) } }
        weights = rows.map { Double(samples.weights?[$0] ?? 1) }
    }

    /// Takes a step over some rows; returns their mean loss, penalty included, before it.
    mutating func step(_ rows: [Int], rate: Double, l2: Double) -> Double {
        let hidden = bias1.count
        let outputs = bias2.count
        var gradient1 = kernel1.map { 2 * l2 * $0 }
        var gradientBias1 = [Double](repeating: 0, count: hidden)
        var gradient2 = [Double](repeating: 0, count: kernel2.count)
        var gradientBias2 = [Double](repeating: 0, count: outputs)
        var loss = 0.0
        for row in rows {
            let h = (0..<hidden).map { unit in
                hyperbolicTangent(
                    bias1[unit] + x[row].indices.reduce(0) { $0 + x[row][$1] * kernel1[$1 * hidden + unit] })
            }
            var sentBack = [Double](repeating: 0, count: hidden)
            for output in 0..<outputs {
                let y = bias2[output] + (0..<hidden).reduce(0) { $0 + h[$1] * kernel2[$1 * outputs + output] }
                let error = y - t[row][output]
                loss += weights[row] * error * error / Double(outputs) / Double(rows.count)
                let slope = weights[row] * 2 * error / Double(outputs) / Double(rows.count)
                gradientBias2[output] += slope
                for unit in 0..<hidden {
                    gradient2[unit * outputs + output] += slope * h[unit]
                    sentBack[unit] += slope * kernel2[unit * outputs + output]
                }
            }
            for unit in 0..<hidden {
                let slope = sentBack[unit] * (1 - h[unit] * h[unit])
                gradientBias1[unit] += slope
                for feature in x[row].indices { gradient1[feature * hidden + unit] += slope * x[row][feature] }
            }
        }
        loss += l2 * kernel1.reduce(0) { $0 + $1 * $1 }
        for index in kernel1.indices { kernel1[index] -= rate * gradient1[index] }
        for index in bias1.indices { bias1[index] -= rate * gradientBias1[index] }
        for index in kernel2.indices { kernel2[index] -= rate * gradient2[index] }
        for index in bias2.indices { bias2[index] -= rate * gradientBias2[index] }
        return loss
    }

    private func hyperbolicTangent(_ x: Double) -> Double { 2 * ReferenceFunction.sigmoid(2 * x) - 1 }
}
