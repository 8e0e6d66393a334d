internal import LinearAlgebra
public import NeuralNetwork
public import Tabular

/// What a network is to do with a table: which outputs it needs for a loss, and targets in the form that loss takes.
public struct TrainingTask: Sendable {
    public let loss: Loss
    public let meaning: Scorer.Meaning
    /// The outputs that the network must have.
    public let outputCount: Int

    /// - Throws: `TrainingError` when the loss does not fit the target.
    public init(_ encoding: TableEncoding, loss: Loss) throws(TrainingError) {
        self.loss = loss
        switch (encoding.schema.target, loss) {
        case (.classes(_, let labels), .binaryCrossEntropy) where labels.count == 2:
            meaning = .secondClass
            outputCount = 1
        case (.classes(_, let labels), _):
            meaning = .classes(labels.count)
            outputCount = labels.count
        case (.labels, .softmaxCrossEntropy):
            throw TrainingError(
                "softmax cross-entropy chooses one of several classes; for independent yes-or-no targets use binary cross-entropy"
            )
        case (.labels(let columns), _):
            meaning = .labels(columns.count)
            outputCount = columns.count
        case (.values, .softmaxCrossEntropy), (.values, .binaryCrossEntropy), (.values, .crossEntropy):
            throw TrainingError(
                "cross-entropy needs classes, and the target is a number; use mse, mae or huber, or --task classification"
            )
        case (.values(let columns), _):
            meaning = .values(means: encoding.targetMeans, deviations: encoding.targetDeviations)
            outputCount = columns.count
        }
    }

    /// The loss for a target when the user names none.
    public static func defaultLoss(for target: Schema.Target, labelSmoothing: Float = 0) -> Loss {
        switch target {
        case .classes: .softmaxCrossEntropy(labelSmoothing: labelSmoothing)
        case .labels: .binaryCrossEntropy(labelSmoothing: labelSmoothing)
        case .values: .meanSquaredError
        }
    }

    /// How outputs become predictions and scores.
    public var scorer: Scorer { Scorer(meaning, outputActivation: loss.outputActivation) }

    /// Rows with targets as the loss takes them: class indices for softmax cross-entropy, else values, smoothed.
    public func adapt(_ selection: SampleSelection) -> SampleSelection {
        SampleSelection(adapt(selection.samples), rows: selection.rows)
    }

    /// Rows with targets as the loss takes them.
    public func adapt(_ samples: Samples) -> Samples {
        switch samples.targets {
        case .none:
            return samples
        case .values(let values, let columns):
            guard case .binaryCrossEntropy(let smoothing) = loss, smoothing > 0 else { return samples }
            let smoothed = SharedBuffer(loss.smooth(values.elements))
            return samples.with(targets: .values(smoothed, columns: columns))
        case .labels(let labels, let classes):
            if case .softmaxCrossEntropy = loss { return samples }
            let columns = outputCount
            var values = [Float](repeating: 0, count: samples.rowCount * columns)
            for row in 0..<samples.rowCount {
                let label = Int(labels[row])
                if columns == 1 {
                    values[row] = Float(label)
                } else if label < classes {
                    values[row * columns + label] = 1
                }
            }
            let targets = SharedBuffer(loss.smooth(values))
            return samples.with(targets: .values(targets, columns: columns))
        }
    }
}

/// What a row counts by its class.
public enum ClassWeights: Sendable, Hashable {
    /// rows / (classes · rows of the class): every class weighs the same.
    case balanced
    /// A weight per class, by label; 1 for a class that is not named.
    case weights([String: Double])
}

extension ClassWeights {
    fileprivate static let needClasses = TrainingError("class weights need classes, and the target is not one")

    /// The weight of every class.
    ///
    /// - Parameter counts: The rows of every class that train.
    /// - Throws: `TrainingError` when there are no classes, or a weight names none.
    public func perClass(_ target: Schema.Target, counts: [Int]) throws(TrainingError) -> [Float] {
        guard case .classes(_, let names) = target else { throw Self.needClasses }
        var perClass = [Double](repeating: 1, count: names.count)
        switch self {
        case .balanced:
            let count = counts.reduce(0, +)
            for index in names.indices where counts[index] > 0 {
                perClass[index] = Double(count) / (Double(names.count) * Double(counts[index]))
            }
        case .weights(let weights):
            for (name, weight) in weights {
                guard let index = names.firstIndex(of: name) else {
                    throw TrainingError(
                        "a class weight names '\(name)', and the classes are \(names.joined(separator: ", "))")
                }
                guard weight >= 0, Float(weight).isFinite else {
                    throw TrainingError("the weight of class '\(name)' is \(weight)")
                }
                perClass[index] = weight
            }
        }
        return perClass.map(Float.init)
    }
}

extension Samples {
    /// The same rows with their weights multiplied by their class's; as they are where there are no classes.
    public func weighted(perClass: [Float]) -> Samples {
        guard case .labels(let labels, _) = targets else { return self }
        let own = SharedBuffer<Float>(count: rowCount)
        for row in 0..<rowCount { own[row] = (weights?[row] ?? 1) * perClass[Int(labels[row])] }
        return with(weights: own)
    }
}

extension SampleSelection {
    /// The same rows with their weights multiplied by their class's.
    ///
    /// - Throws: `TrainingError` when there are no classes, or a weight names none.
    public func weighted(_ classWeights: ClassWeights, schema: Schema) throws(TrainingError) -> SampleSelection {
        guard case .labels(let labels, _) = samples.targets else { throw ClassWeights.needClasses }
        var counts = [Int](repeating: 0, count: schema.target.classCount)
        for position in 0..<count { counts[Int(labels[row(position)])] += 1 }
        let perClass = try classWeights.perClass(schema.target, counts: counts)
        return SampleSelection(samples.weighted(perClass: perClass), rows: rows)
    }
}
