public import NeuralNetwork
public import Tabular

/// A trained network with all that is needed to use it: how raw rows become its inputs and its outputs become answers,
/// and how it was made.
public struct Model: Sendable {
    /// From encoded features to logits or values.
    public var graph: Graph
    public var parameters: Parameters
    /// What turns outputs into predictions; in the Keras layout it is the last activation.
    public var outputActivation: OutputActivation
    /// `nil` in a file that Keras wrote: features then go by position, unscaled.
    public var encoding: TableEncoding?
    /// How training went, epoch by epoch, without times: equal models are equal bytes.
    public var history: [EpochRecord]
    /// The settings it was trained with, for people and programs to read.
    public var settings: JSONValue?

    public init(
        graph: Graph, parameters: Parameters, outputActivation: OutputActivation, encoding: TableEncoding? = nil,
        history: [EpochRecord] = [], settings: JSONValue? = nil
    ) {
        self.graph = graph
        self.parameters = parameters
        self.outputActivation = outputActivation
        self.encoding = encoding
        self.history = history
        self.settings = settings
    }
}
