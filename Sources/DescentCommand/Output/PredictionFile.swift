internal import Descent

/// Where predictions go, part by part.
protocol PredictionFile {
    mutating func append(_ part: PredictedPart) throws

    /// Puts the file in its place.
    mutating func finish() throws
}

/// What is written besides the predictions themselves.
struct PredictionContent {
    /// The names of the columns that are passed on.
    var keptNames: [String] = []
    var withProbabilities = false
    var withLogits = false
}

extension Predictions {
    /// What a class, a question or a value is called.
    func label(_ index: Int) -> String {
        if let labels { return index < labels.count ? labels[index] : "\(index)" }
        if classes != nil { return "\(index)" }
        return index < targetNames.count ? targetNames[index] : "\(index)"
    }
}
