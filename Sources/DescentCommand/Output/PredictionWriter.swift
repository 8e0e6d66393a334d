internal import Descent

/// Predictions as a CSV or as HDF5.
struct PredictionWriter {
    private let predictions: Predictions
    private let withProbabilities: Bool
    private let withLogits: Bool

    init(_ predictions: Predictions, withProbabilities: Bool, withLogits: Bool) {
        self.predictions = predictions
        self.withProbabilities = withProbabilities
        self.withLogits = withLogits
    }

    /// A header, then a row per row of the table.
    func writeCSV(to path: String, keeping kept: (names: [String], rows: [[String]])) throws {
        let file = try AtomicFile(replacing: path)
        try file.write((kept.names + header).map(Self.quoted).joined(separator: ",") + "\n")
        var text = ""
        for row in 0..<predictions.rowCount {
            if !kept.names.isEmpty { text += kept.rows[row].map(Self.quoted).joined(separator: ",") + "," }
            text += cells(row).joined(separator: ",") + "\n"
            if text.utf8.count > 1 << 16 {
                try file.write(text)
                text = ""
            }
        }
        try file.write(text)
        try file.commit()
    }

    /// `/prediction` and, for a classifier, `/probability`.
    func hdf5Image() throws -> [UInt8] {
        let file = try File(inMemoryNamed: "predictions")
        let rows = predictions.rowCount
        if let classes = predictions.classes {
            if let labels = predictions.labels {
                if labels.allSatisfy({ Int64($0) != nil }) {
                    let values = classes.map { Int64(labels[$0]) ?? 0 }
                    _ = try file.root.createDataset("prediction", shape: [rows], values: values)
                } else {
                    _ = try file.root.createDataset("prediction", shape: [rows], values: classes.map { labels[$0] })
                }
            } else {
                _ = try file.root.createDataset("prediction", shape: [rows], values: classes.map { Int64($0) })
            }
        } else if let values = predictions.values {
            let columns = values.count / max(1, rows)
            _ = try file.root.createDataset(
                "prediction", shape: isColumn(columns) ? [rows] : [rows, columns], values: values.map { Float($0) })
        } else if let probabilities = predictions.probabilities {
            _ = try file.root.createDataset(
                "prediction", shape: [rows, probabilities.columns],
                values: probabilities.elements.map { $0 > 0.5 ? Int64(1) : 0 })
        }
        if let probabilities = predictions.probabilities {
            _ = try file.root.createDataset(
                "probability", shape: [rows, probabilities.columns], values: probabilities.elements)
        }
        if withLogits {
            _ = try file.root.createDataset(
                "logits", shape: [rows, predictions.outputs.columns], values: predictions.outputs.elements)
        }
        return try file.image()
    }

    /// A model that knows its one target gives a vector; one that Keras wrote gives rows x outputs.
    private func isColumn(_ columns: Int) -> Bool {
        columns == 1 && !predictions.targetNames.contains { $0.hasPrefix("prediction_") }
    }

    private var header: [String] {
        var names: [String]
        if predictions.classes != nil {
            names = ["prediction"]
        } else {
            names = predictions.targetNames
        }
        if withProbabilities, let probabilities = predictions.probabilities {
            names += (0..<probabilities.columns).map { "p_" + label($0) }
        }
        if withLogits { names += (0..<predictions.outputs.columns).map { "logit_" + label($0) } }
        return names
    }

    private func label(_ index: Int) -> String {
        if let labels = predictions.labels { return index < labels.count ? labels[index] : "\(index)" }
        if predictions.classes != nil { return "\(index)" }
        return index < predictions.targetNames.count ? predictions.targetNames[index] : "\(index)"
    }

    private func cells(_ row: Int) -> [String] {
        var cells: [String]
        if let classes = predictions.classes {
            cells = [Self.quoted(label(classes[row]))]
        } else if let values = predictions.values {
            let columns = values.count / max(1, predictions.rowCount)
            cells = (0..<columns).map { "\(Float(values[row * columns + $0]))" }
        } else if let probabilities = predictions.probabilities {
            cells = (0..<probabilities.columns).map { probabilities[row, $0] > 0.5 ? "1" : "0" }
        } else {
            cells = []
        }
        if withProbabilities, let probabilities = predictions.probabilities {
            cells += (0..<probabilities.columns).map { "\(probabilities[row, $0])" }
        }
        if withLogits { cells += predictions.outputs.row(row).map { "\($0)" } }
        return cells
    }

    /// A field as RFC 4180 writes it.
    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { [44, 34, 10, 13].contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
