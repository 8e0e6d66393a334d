internal import LinearAlgebra
internal import NeuralNetwork
internal import Tabular

/// A loss, an activation or a gradient that is not finite: training stopped before it could reach the weights.
public struct NumericalFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was not finite.
    public enum Place: Sendable, Hashable {
        case input
        case output(layer: String)
        case loss
        case gradient(layer: String)
        case gradientSum
        /// After an epoch's last step, found by the validation or by looking at the weights themselves.
        case validationLoss
        case parameter(path: String)
    }

    /// The epoch, from 1.
    public let epoch: Int
    /// The step of the run, from 1.
    public let step: Int
    public let place: Place
    /// The first offending row of the table, from 0; `nil` where the sum over rows overflowed.
    public let row: Int?
    public let learningRate: Double

    public var description: String {
        let what =
            switch place {
            case .input: "a feature is not a finite number"
            case .output(let layer): "the output of layer '\(layer)' is not a finite number"
            case .loss: "the loss is not a finite number"
            case .gradient(let layer): "the gradient at layer '\(layer)' is not a finite number"
            case .gradientSum: "the sum of the gradients over the batch is not a finite number"
            case .validationLoss: "the loss of the held-out rows is not a finite number"
            case .parameter(let path): "the parameter '\(path)' holds a number that is not finite"
            }
        let where_ = row.map { ", first for row \($0) of the data (from 0)" } ?? ""
        return "Training stopped in epoch \(epoch), step \(step): \(what)\(where_). The learning rate was "
            + "\(learningRate); try a smaller one, --clip-norm 1, or --scale standard."
    }
}

extension Trainer {
    /// Runs this rank's part of the failed step again, slowly, to find what first went wrong. The parameters are as they were
    /// before it.
    func diagnose(
        _ failed: FailedStep, epoch: Int, firstStepOfWindow: Int, window: TrainingWindow, learningRate: Double
    )
        -> NumericalFailure
    {
        let step = failed.step
        let windowStep = step - firstStepOfWindow
        let first = windowStep * shards.batchSize
        let batchRows = min(shards.batchSize, window.count - first)
        func failure(_ place: NumericalFailure.Place, position: Int?) -> NumericalFailure {
            let row = position.map { position in
                window.samples.tableRow(window.order.map { Int($0[first + position]) } ?? first + position)
            }
            return NumericalFailure(epoch: epoch, step: step + 1, place: place, row: row, learningRate: learningRate)
        }
        // Parts of the parameters are already updated then, and running the step again would tell of another one.
        if failed.inSum { return failure(.gradientSum, position: nil) }
        let lastStage = plan.stageCount - 1
        for phase in 0..<plan.phaseCount {
            let own = shares(rows: batchRows).range(of: communicator.rank)
            for shard in own {
                let range = shards.range(of: shard, batchRows: batchRows)
                let rows = range.count
                let pass = memory.pass(ownShard: shard - own.lowerBound, worker: 0)
                let batch = ShardRows(
                    window, rows: first + range.lowerBound..<first + range.upperBound, memory: pass,
                    areGathered: phase > 0)
                let planMemory = planMemory(
                    pass, features: batch.features, shard: shard, ownShard: shard - own.lowerBound,
                    batchRows: batchRows)
                let mode = PassMode.training(
                    seed: configuration.seed, step: UInt64(step), firstRow: range.lowerBound)
                if phase == 0,
                    let row = MatrixView(batch.features, rows: rows, columns: graph.inputSize).firstRowNotFinite
                {
                    return failure(.input, position: range.lowerBound + row)
                }
                if phase <= lastStage {
                    plan.forward(stage: phase, planMemory, rows: rows, mode: mode)
                    for (name, values) in plan.layerOutputs(stage: phase, planMemory, rows: rows) {
                        if let row = values.firstRowNotFinite {
                            return failure(.output(layer: name), position: range.lowerBound + row)
                        }
                    }
                }
                if phase == lastStage {
                    configuration.loss.evaluate(
                        LossCall(
                            predictions: plan.output(planMemory, rows: rows), weights: batch.weights,
                            gradientScale: 1 / Float(batchRows), losses: pass.losses.base,
                            gradient: plan.outputGradient(planMemory, rows: rows)), targets: batch.targets)
                    if let row = MatrixView(pass.losses.base, rows: rows, columns: 1).firstRowNotFinite {
                        return failure(.loss, position: range.lowerBound + row)
                    }
                }
                guard phase >= lastStage else { continue }
                var found: (layer: String, row: Int)?
                plan.backward(stage: 2 * lastStage - phase, planMemory, rows: rows, mode: mode) { name, values in
                    if found == nil, let row = values.firstRowNotFinite { found = (name, row) }
                }
                if let found { return failure(.gradient(layer: found.layer), position: range.lowerBound + found.row) }
            }
        }
        return failure(.gradientSum, position: nil)
    }
}

extension MatrixView {
    /// The first row that holds an infinity or a NaN.
    fileprivate var firstRowNotFinite: Int? {
        (0..<rows).first { !allFinite(base + $0 * columns, count: columns) }
    }
}
