internal import FoundationEssentials
public import NeuralNetwork
internal import SystemPackage

/// A network without weights, from a file: what Keras' `model.to_json()` gives.
public struct Architecture: Sendable {
    private let path: String
    private let configuration: JSONValue
    private let known: KerasNetwork?
    private let weightsFollow: Bool

    /// A graph and what follows it.
    public struct Network: Sendable, Hashable {
        /// From features to logits where the last activation is softmax or sigmoid.
        public var graph: Graph
        public var outputActivation: OutputActivation

        public init(graph: Graph, outputActivation: OutputActivation) {
            self.graph = graph
            self.outputActivation = outputActivation
        }
    }

    /// The longest description that is read: far more than any network of dense layers needs.
    static let byteLimit = 256 << 20

    /// Reads Keras configuration JSON, of either generation, Sequential or Functional.
    ///
    /// - Parameter weightsFollow: Whether weights come from another file, means and variances among them.
    /// - Throws: `ModelError` that names the layer, for everything that is not a dense network.
    public init(contentsOf path: String, weightsFollow: Bool = false) throws(ModelError) {
        self.path = path
        self.weightsFollow = weightsFollow
        do throws(ModelError) {
            let bytes = try ModelBytes.withFile(path) { descriptor, size throws(Errno) in
                try ModelBytes.read(descriptor, 0..<min(size, Self.byteLimit))
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard var configuration = try? JSONValue(parsing: text) else {
                throw ModelError(
                    "is not JSON as model.to_json() gives it (a whole model goes to --init-from)")
            }
            // `json.dump(model.to_json())` makes a string of it once more.
            if let text = configuration.string { configuration = try JSONValue(parsing: text) }
            self.configuration = configuration
            known =
                Self.isWithoutInputs(configuration) ? nil : try KerasConfiguration.decode(configuration)
            if !weightsFollow { try known?.checkNeedsNoWeights() }
        } catch {
            throw error.about(path)
        }
    }

    /// The network, for data of so many features: a Sequential model may leave its inputs open.
    ///
    /// - Throws: `ModelError` when the layers do not fit together.
    public func network(inputs: Int) throws(ModelError) -> Network {
        let network = try kerasNetwork(inputs: inputs)
        return Network(graph: network.graph, outputActivation: network.outputActivation)
    }

    /// - Parameter inputs: `nil`: not known.
    func kerasNetwork(inputs: Int?) throws(ModelError) -> KerasNetwork {
        if let known { return known }
        do throws(ModelError) {
            let network = try KerasConfiguration.decode(configuration, inputs: inputs)
            if !weightsFollow { try network.checkNeedsNoWeights() }
            return network
        } catch {
            throw error.about(path)
        }
    }

    /// A Sequential model that was not built knows no inputs; the data does.
    private static func isWithoutInputs(_ configuration: JSONValue) -> Bool {
        guard configuration["class_name"]?.string == "Sequential",
            let first = configuration["config"]?["layers"]?.array?.first
        else { return false }
        return first["class_name"]?.string != "InputLayer"
            && first["config"]?["batch_input_shape"] == nil && first["config"]?["batch_shape"] == nil
    }
}

extension Model {
    /// The network without its weights.
    public var network: Architecture.Network {
        Architecture.Network(graph: graph, outputActivation: outputActivation)
    }

    /// The network as JSON that both generations of Keras read: `keras.models.model_from_json`.
    public func architectureJSON() throws(GraphError) -> String {
        try KerasConfiguration.encode(graph.spelledForKeras(), outputActivation: outputActivation).text
    }
}
