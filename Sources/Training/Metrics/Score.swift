public import ModelFile

/// How good a network's outputs for some rows are.
public struct Score: Sendable, Hashable {
    public var rowCount: Int
    /// The mean over the rows, plus the penalties of the parameters, as in training.
    public var loss: Double
    /// The metrics beside the loss.
    public var metrics: [Metric]
    /// `confusion[actual][predicted]`: rows. `nil` where it was not asked for, for other tasks than classification, and with
    /// more than 2,048 classes.
    public var confusion: [[Int]]?
}
