internal import Descent

/// Predictions as HDF5: `/prediction` and, for a classifier, `/probability`; `/logits` where they are asked for.
struct PredictionHDF5: PredictionFile {
    /// Datasets, made when the first rows tell what they are.
    private struct Datasets {
        var prediction: GrowingDataset?
        var probability: GrowingDataset?
        var logits: GrowingDataset?
    }

    private let target: StagedFile
    private let file: File
    private let content: PredictionContent
    private var datasets: Datasets?
    private static let chunkBytes = 256 << 10

    init(replacing path: String, _ content: PredictionContent) throws {
        target = try StagedFile(replacing: path, mustBeRegular: true)
        file = try File(creating: target.path)
        self.content = content
    }

    mutating func append(_ part: PredictedPart) throws {
        let predictions = part.predictions
        var datasets = try self.datasets ?? made(for: predictions)
        if let classes = predictions.classes {
            if let numbers = predictions.numericLabels {
                try datasets.prediction?.append(classes.map { numbers[$0] })
            } else {
                try datasets.prediction?.append(classes.map { predictions.label($0) })
            }
        } else if let values = predictions.values {
            try datasets.prediction?.append(values.map { Float($0) })
        } else if let probabilities = predictions.probabilities {
            try datasets.prediction?.append(probabilities.elements.map { $0 > 0.5 ? Int64(1) : 0 })
        }
        if let probabilities = predictions.probabilities { try datasets.probability?.append(probabilities.elements) }
        try datasets.logits?.append(predictions.outputs.elements)
        self.datasets = datasets
    }

    mutating func finish() throws {
        try file.close()
        try target.commit()
    }

    private func made(for predictions: Predictions) throws -> Datasets {
        func dataset(_ name: String, _ kind: HDF5ElementKind, columns: Int?) throws -> GrowingDataset {
            try file.root.createGrowingDataset(
                name, rowShape: columns.map { [$0] } ?? [], kind: kind,
                chunkRows: max(1, Self.chunkBytes / (kind.byteCount * max(1, columns ?? 1))))
        }
        var datasets = Datasets()
        if predictions.classes != nil {
            datasets.prediction =
                predictions.numericLabels == nil
                ? try file.root.createGrowingStrings("prediction", chunkRows: Self.chunkBytes / 16)
                : try dataset("prediction", .int64, columns: nil)
        } else if let values = predictions.values {
            let columns = values.count / max(1, predictions.rowCount)
            // A model that knows its one target gives a vector; one that Keras wrote gives rows x outputs.
            let isVector = columns == 1 && !predictions.targetNames.contains { $0.hasPrefix("prediction_") }
            datasets.prediction = try dataset("prediction", .float, columns: isVector ? nil : columns)
        } else if let probabilities = predictions.probabilities {
            datasets.prediction = try dataset("prediction", .int64, columns: probabilities.columns)
        }
        if let probabilities = predictions.probabilities {
            datasets.probability = try dataset("probability", .float, columns: probabilities.columns)
        }
        if content.withLogits {
            datasets.logits = try dataset("logits", .float, columns: predictions.outputs.columns)
        }
        return datasets
    }
}

extension Predictions {
    /// The classes as whole numbers, where all are; positions where they have no names.
    fileprivate var numericLabels: [Int64]? {
        guard let labels else { return (0..<Int64(max(outputs.columns, 2))).map { $0 } }
        let numbers = labels.compactMap { Int64($0) }
        return numbers.count == labels.count ? numbers : nil
    }
}
