internal import FoundationEssentials
public import NeuralNetwork
internal import SystemPackage

/// A network without weights, from a file: what Keras' `model.to_json()` gives.
public struct Architecture: Sendable, Hashable {
    private let path: String
    private let configuration: JSONValue
    private let known: Network?

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
    /// - Throws: `ModelError` that names the layer, for everything that is not a dense network.
    public init(contentsOf path: String) throws(ModelError) {
        self.path = path
        do throws(ModelError) {
            let text = try Self.text(of: path)
            guard var configuration = try? JSONValue(parsing: text) else {
                throw ModelError(
                    "is not JSON as model.to_json() gives it (a whole model goes to --init-from)")
            }
            // `json.dump(model.to_json())` makes a string of it once more.
            if let text = configuration.string { configuration = try JSONValue(parsing: text) }
            self.configuration = configuration
            known = Self.isWithoutInputs(configuration) ? nil : try Self.network(configuration, inputs: nil)
        } catch {
            throw error.about(path)
        }
    }

    /// The network, for data of so many features: a Sequential model may leave its inputs open.
    ///
    /// - Throws: `ModelError` when the layers do not fit together.
    public func network(inputs: Int) throws(ModelError) -> Network {
        if let known { return known }
        do throws(ModelError) {
            return try Self.network(configuration, inputs: inputs)
        } catch {
            throw error.about(path)
        }
    }

    private static func network(_ configuration: JSONValue, inputs: Int?) throws(ModelError) -> Network {
        let network = try KerasConfiguration.decode(configuration, inputs: inputs)
        if let layer = network.adaptedLayer {
            throw ModelError(
                "layer '\(layer.name)' has its mean and variance among its weights, and a description has none; give the model with --init-from, or leave the layer out: features are scaled by --scale"
            )
        }
        return Network(graph: network.graph, outputActivation: network.outputActivation)
    }

    /// A Sequential model that was not built knows no inputs; the data does.
    private static func isWithoutInputs(_ configuration: JSONValue) -> Bool {
        guard configuration["class_name"]?.string == "Sequential",
            let first = configuration["config"]?["layers"]?.array?.first
        else { return false }
        return first["class_name"]?.string != "InputLayer"
            && first["config"]?["batch_input_shape"] == nil && first["config"]?["batch_shape"] == nil
    }

    private static func text(of path: String) throws(ModelError) -> String {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly)
            defer { try? descriptor.close() }
            var bytes: [UInt8] = []
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if part.isEmpty { break }
                bytes += part
                guard bytes.count <= byteLimit else {
                    throw ModelError("is too long for a description of a network")
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        } catch let error as ModelError {
            throw error
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            throw ModelError(.noInput, "does not exist")
        } catch {
            throw ModelError(.noInput, "cannot be read: \(error)")
        }
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
