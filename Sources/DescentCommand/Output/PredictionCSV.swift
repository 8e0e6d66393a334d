internal import Descent

/// Predictions as a CSV: a header, then a row per row of the table.
struct PredictionCSV: PredictionFile {
    private let file: StagedFile
    private let content: PredictionContent
    private let workers: Int
    private var hasHeader = false
    /// Fewer rows are not worth another thread.
    private static let fewestRows = 1_024

    init(replacing path: String, _ content: PredictionContent, workers: Int) throws {
        file = try StagedFile(replacing: path)
        self.content = content
        self.workers = workers
    }

    mutating func append(_ part: PredictedPart) throws {
        if !hasHeader { try file.write(header(part.predictions)) }
        hasHeader = true
        let count = part.predictions.rowCount
        let share = max(Self.fewestRows, (count + workers - 1) / workers)
        let lines = Lines(part, content)
        let parts = stride(from: 0, to: count, by: share).map { $0..<min($0 + share, count) }
        for text in parts.concurrentMap({ lines.text(of: $0) }) { try file.write(text) }
    }

    mutating func finish() throws { try file.commit() }

    private func header(_ predictions: Predictions) -> [UInt8] {
        var fields = CSVFields()
        var names = content.keptNames + (predictions.classes == nil ? predictions.targetNames : ["prediction"])
        if content.withProbabilities, let probabilities = predictions.probabilities {
            names += (0..<probabilities.columns).map { "p_" + predictions.label($0) }
        }
        if content.withLogits { names += (0..<predictions.outputs.columns).map { "logit_" + predictions.label($0) } }
        for name in names { fields.append(name) }
        fields.endRecord()
        return fields.bytes
    }
}

/// How the rows of a part become lines.
private struct Lines: Sendable {
    private let part: PredictedPart
    private let content: PredictionContent
    private let labels: [[UInt8]]

    init(_ part: PredictedPart, _ content: PredictionContent) {
        self.part = part
        self.content = content
        let classes = part.predictions.classes.map { $0.max() ?? 0 }
        labels = (0..<(classes.map { $0 + 1 } ?? 0)).map { CSVFields.quoted(part.predictions.label($0)) }
    }

    func text(of rows: Range<Int>) -> [UInt8] {
        let predictions = part.predictions
        var fields = CSVFields()
        for row in rows {
            for column in part.kept { fields.append(column[row]) }
            if let classes = predictions.classes {
                fields.append(written: labels[classes[row]])
            } else if let values = predictions.values {
                let columns = values.count / max(1, predictions.rowCount)
                for index in row * columns..<(row + 1) * columns { fields.append(Float(values[index])) }
            } else if let probabilities = predictions.probabilities {
                for column in 0..<probabilities.columns { fields.append(probabilities[row, column] > 0.5 ? 1 : 0) }
            }
            if content.withProbabilities, let probabilities = predictions.probabilities {
                for column in 0..<probabilities.columns { fields.append(probabilities[row, column]) }
            }
            if content.withLogits {
                for column in 0..<predictions.outputs.columns { fields.append(predictions.outputs[row, column]) }
            }
            fields.endRecord()
        }
        return fields.bytes
    }
}
