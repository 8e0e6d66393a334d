public import LinearAlgebra
public import ModelFile
internal import NeuralNetwork
public import Tabular

/// What a model says of rows, in their order.
public struct Predictions: Sendable {
    public let rowCount: Int
    /// The network's outputs: logits or scaled values, rows x outputs.
    public let outputs: Matrix
    /// The index of the likeliest class; `nil` for other tasks.
    public let classes: [Int]?
    /// The classes as they are called in the data; `nil` where the model does not know.
    public let labels: [String]?
    /// Rows x classes (or questions); `nil` where the model does not end in softmax or sigmoid.
    public let probabilities: Matrix?
    /// Values in the data's units, rows x targets; `nil` for classifiers.
    public let values: [Double]?
    /// The names of the predicted columns.
    public let targetNames: [String]
}

extension Model {
    /// The meaning of the outputs, from the schema or, in a file that Keras wrote, from the last activation.
    public var scorer: Scorer {
        let outputs = graph.outputSize
        let meaning: Scorer.Meaning =
            switch encoding?.schema.target {
            case .classes(_, let labels): outputs == 1 && labels.count == 2 ? .secondClass : .classes(labels.count)
            case .labels(let columns): .labels(columns.count)
            case .values:
                .values(means: encoding?.targetMeans ?? [], deviations: encoding?.targetDeviations ?? [])
            case nil:
                switch outputActivation {
                case .softmax: .classes(outputs)
                case .sigmoid: outputs == 1 ? .secondClass : .labels(outputs)
                case .linear:
                    .values(
                        means: Array(repeating: 0, count: outputs), deviations: Array(repeating: 1, count: outputs))
                }
            }
        return Scorer(meaning, outputActivation: outputActivation)
    }

    /// Rows of a table as this model takes them, and sentences on what was odd about them.
    ///
    /// - Throws: `TableError` when the table lacks a column that the model needs.
    public func samples(
        of source: any TableSource, targets: Bool
    ) throws(TableError) -> (samples: Samples, notes: [String]) {
        try usedEncoding(of: source, targets: targets).samples(of: source, targets: targets)
    }

    /// The model's encoding, or, where it has none, one that takes columns as they come.
    func usedEncoding(of source: any TableSource, targets: Bool) throws(TableError) -> TableEncoding {
        if let encoding { return encoding }
        return try positionalEncoding(of: source, targets: targets)
    }

    /// Predictions for the rows of a table, matched by column name.
    public func predict(
        _ source: any TableSource, workers: Int = Processors.usable
    ) throws(TableError) -> (predictions: Predictions, notes: [String]) {
        let (samples, notes) = try samples(of: source, targets: false)
        return (predict(samples, workers: workers), notes)
    }

    /// Predictions for rows that are already encoded.
    public func predict(_ samples: Samples, workers: Int = Processors.usable) -> Predictions {
        predictions(
            Evaluator(graph, parameters: parameters, workers: workers).outputs(SampleSelection(samples)),
            rowCount: samples.rowCount)
    }

    /// What a network's outputs mean.
    func predictions(_ outputs: SharedBuffer<Float>, rowCount count: Int) -> Predictions {
        let scorer = scorer
        var classes: [Int]?
        var probabilities: Matrix?
        var values: [Double]?
        switch scorer.meaning {
        case .classes, .secondClass:
            let scores = scorer.classScores(outputs)
            let columns = scores.count / max(1, count)
            classes = scores.largestIndices(ofRows: count)
            if outputActivation != .linear { probabilities = Matrix(rows: count, columns: columns, elements: scores) }
        case .labels(let columns):
            let scores = scorer.classScores(outputs)
            probabilities = Matrix(rows: count, columns: columns, elements: scores)
        case .values:
            values = scorer.values(outputs)
        }
        var labels: [String]?
        if case .classes(_, let names)? = encoding?.schema.target { labels = names }
        return Predictions(
            rowCount: count, outputs: Matrix(rows: count, columns: graph.outputSize, elements: outputs.elements),
            classes: classes, labels: labels, probabilities: probabilities, values: values,
            targetNames: encoding?.schema.target.columns ?? (0..<graph.outputSize).map { "prediction_\($0)" })
    }

    /// A model without a schema takes the columns of the features by position.
    private func positionalEncoding(
        of source: any TableSource, targets: Bool
    ) throws(TableError) -> TableEncoding {
        let known = source.knownRoles
        let columns = known.features.map(Array.init) ?? Array(source.columnNames.indices)
        let inputs = graph.inputSize
        guard columns.count == inputs || (known.features == nil && targets && columns.count > inputs) else {
            throw TableError(
                .badData, file: source.name,
                "the model takes \(inputs) features by position, and the table has \(columns.count) columns")
        }
        let names = columns.prefix(inputs).map { source.columnNames[$0] }
        let targetColumns = known.features == nil ? Array(columns.dropFirst(inputs)) : Array(known.targets)
        let targetNames = targetColumns.map { source.columnNames[$0] }
        let target: Schema.Target
        if targets {
            guard !targetNames.isEmpty else {
                throw TableError(.badData, file: source.name, "there is no target to compare with")
            }
            let meaning = scorer.meaning
            let expected =
                switch meaning {
                case .classes, .secondClass: targetNames.count
                case .labels, .values: graph.outputSize
                }
            guard targetNames.count == expected else {
                throw TableError(
                    .badData, file: source.name,
                    "the model gives \(expected) values per row, and the table has \(targetNames.count) target columns to "
                        + "compare them with")
            }
            target =
                switch meaning {
                case .classes(let count): .classes(column: targetNames[0], labels: (0..<count).map(String.init))
                case .secondClass: .classes(column: targetNames[0], labels: ["0", "1"])
                case .labels: .labels(columns: targetNames)
                case .values: .values(columns: targetNames)
                }
        } else {
            target = .values(columns: [])
        }
        let schema = Schema(
            features: names.map { Schema.Feature(column: $0, kind: .number) }, target: target)
        return TableEncoding(schema: schema, scaling: FeatureScaling(identity: inputs))
    }
}

extension [Float] {
    /// The position of the largest of every row's values, the first of equal ones.
    fileprivate func largestIndices(ofRows count: Int) -> [Int] {
        let columns = self.count / Swift.max(1, count)
        return withUnsafeBufferPointer { values in
            (0..<count).map { row in
                var best = row * columns
                for index in best..<best + columns where values[index] > values[best] { best = index }
                return best - row * columns
            }
        }
    }
}
