/// A run that met a number that is not finite, and went back to an earlier state with a lower learning rate.
public struct Rollback: Sendable, Hashable, Codable {
    /// The epoch in which it happened, from 1.
    public var epoch: Int
    /// The step of the run that failed, from 1.
    public var step: Int
    /// What was not finite.
    public var tensor: String
    /// The steps that the run had taken where it went back to.
    public var returnedTo: Int
    /// Of the step that was then taken next.
    public var learningRate: Double

    public init(epoch: Int, step: Int, tensor: String, returnedTo: Int, learningRate: Double) {
        self.epoch = epoch
        self.step = step
        self.tensor = tensor
        self.returnedTo = returnedTo
        self.learningRate = learningRate
    }
}

extension Rollback: CustomStringConvertible {
    public var description: String {
        "\(tensor) was not finite in epoch \(epoch), step \(step): back to step \(returnedTo), learning rate "
            + "\(Float(learningRate))"
    }
}
