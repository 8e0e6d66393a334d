internal import HDF5
public import NeuralNetwork
internal import SystemPackage

/// The forms in which Keras keeps a model.
public enum KerasFormat: String, Sendable, Hashable, CaseIterable {
    /// Network and weights in one HDF5 file, which both generations open.
    case model = ".h5"
    /// Weights alone, for `load_weights` of both generations.
    case weights = ".weights.h5"
    /// Keras 3's archive of network and weights.
    case archive = ".keras"

    /// The form that a file's name asks for; `nil` for any other name.
    public init?(path: String) {
        guard
            let format = [.weights, .archive, .model].first(where: { (format: Self) in path.hasSuffix(format.rawValue) }
            )
        else { return nil }
        self = format
    }
}

extension Model {
    private enum Member {
        static let metadata = "metadata.json"
        static let configuration = "config.json"
        static let weights = "model.weights.h5"
    }

    // MARK: Reading

    /// Whether a file is an archive, as far as its first bytes say.
    static func isArchive(_ path: String) throws(ModelError) -> Bool {
        let count = StoredZip.signature.count
        return try ModelBytes.withFile(path) { descriptor, size throws(Errno) in
            try ModelBytes.read(descriptor, 0..<min(size, count))
        } == StoredZip.signature
    }

    /// A model from Keras' archive.
    static func readArchive(_ path: String) throws(ModelError) -> Model {
        try openArchive(path) { configuration, root in
            var network = try KerasConfiguration.decode(configuration)
            let parameters = try network.takeWeights(try KerasWeightsFile.weights(of: network, in: root))
            return Model(graph: network.graph, parameters: parameters, outputActivation: network.outputActivation)
        }
    }

    /// Opens Keras' archive: its description of the model, and its file of weights.
    static func openArchive<Result>(
        _ path: String, _ body: (_ configuration: JSONValue, _ weights: Group) throws -> Result
    ) throws(ModelError) -> Result {
        do {
            let archive = try StoredZip(try ModelBytes.read(path))
            guard let text = archive[Member.configuration], let weights = archive[Member.weights] else {
                throw ModelError(
                    "is a zip archive, but not a model: it has no \(Member.configuration) and \(Member.weights)")
            }
            let root = try File(image: Array(weights), named: "\(path), \(Member.weights)").root
            return try body(try JSONValue(parsing: String(decoding: text, as: UTF8.self)), root)
        } catch let error as ModelError {
            throw error.about(path)
        } catch {
            throw ModelError(.badData, "\(error)")
        }
    }

    /// A model from weights alone: `.weights.h5`, or the older `.h5` that lists its layers at the root.
    init(weights root: Group, _ architecture: Architecture?) throws {
        let isOlder = try root.attributes.contains("layer_names")
        guard try isOlder || KerasWeightsFile.isOne(root) else {
            throw ModelError("is an HDF5 file, but not a model: it has no model_config and model_weights")
        }
        guard let architecture else {
            throw ModelError("holds weights without their network; give the network with --architecture")
        }
        var network = try architecture.kerasNetwork(inputs: nil)
        let weights = try isOlder ? Self.weights(in: root) : KerasWeightsFile.weights(of: network, in: root)
        let parameters = try network.takeWeights(weights)
        self.init(graph: network.graph, parameters: parameters, outputActivation: network.outputActivation)
    }

    /// Whether a model file says what its network is, or holds weights alone.
    public static func holdsNetwork(_ path: String) throws(ModelError) -> Bool {
        guard try !isArchive(path) else { return true }
        do {
            return try File(opening: path).root.attributes.contains("model_config")
        } catch {
            throw ModelError(error.kind == .noFile ? .noInput : .badData, "\(error)")
        }
    }

    // MARK: Writing

    /// The model as Keras keeps it: a function of what is given here alone. What Descent keeps beside network and weights,
    /// the schema and the scaling of the features, has no place there.
    ///
    /// - Parameters:
    ///   - training: With what training goes on: by Keras 2 from a whole model, by Keras 3 from an archive. Weights alone
    ///     have no place for it.
    public func kerasImage(
        _ format: KerasFormat, training: (optimizer: OptimizerState, loss: Loss)? = nil
    ) throws(ModelError) -> [UInt8] {
        do {
            let spelled = try graph.spelledForKeras()
            switch format {
            case .model:
                let file = try File(inMemoryNamed: "model")
                try writeKeras(spelled, into: file.root)
                if let (state, loss) = training {
                    let description = KerasOptimizer(optimizer: state.optimizer).training(loss, .keras2)
                    try file.root.attributes.write(description.text, to: "training_config")
                    let layout = ParameterLayout(spelled)
                    try KerasOptimizer.write(
                        state, of: spelled.trainableInKerasOrder(layout), layout: layout, intoModel: file.root)
                }
                return try file.image()
            case .weights:
                return try weightsImage(spelled)
            case .archive:
                var configuration = KerasConfiguration.inKeras3(
                    KerasConfiguration.encode(spelled, outputActivation: outputActivation), sizes: spelled.sizesByName)
                if let (state, loss) = training, case .object(var members) = configuration {
                    members["compile_config"] = KerasOptimizer(optimizer: state.optimizer).training(loss, .keras3)
                    configuration = .object(members)
                }
                var archive = StoredZip()
                // A time would make equal models unequal.
                let metadata: JSONValue = ["keras_version": "3.0.0", "date_saved": "1980-01-01@00:00:00"]
                archive.add(Member.metadata, Array(metadata.text.utf8))
                archive.add(Member.configuration, Array(configuration.text.utf8))
                archive.add(Member.weights, try weightsImage(spelled, training?.optimizer))
                return try archive.image()
            }
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.inputOutput, "could not be put together: \(error)")
        }
    }

    private func weightsImage(_ graph: Graph, _ state: OptimizerState? = nil) throws -> [UInt8] {
        let layout = ParameterLayout(graph)
        let file = try File(inMemoryNamed: "weights")
        let inputs = graph.inputSizes.map { _ in KerasWeightsFile.Layer(className: "InputLayer") }
        let layers = graph.kerasOrder.map { node in
            KerasWeightsFile.Layer(
                className: KerasConfiguration.className(of: graph.nodes[node]),
                weights: storedWeights(of: node, in: graph, layout))
        }
        try KerasWeightsFile.write((graph.isSequential ? [] : inputs) + layers, into: file.root)
        if let state {
            try KerasOptimizer.write(
                state, of: graph.trainableInKerasOrder(layout), layout: layout, intoArchive: file.root)
        }
        return try file.image()
    }
}

extension Graph {
    /// The numbers per row of each input and layer, by the name it has in a file.
    var sizesByName: [String: Int] {
        var sizes: [String: Int] = [:]
        for value in self.sizes.indices { sizes[KerasConfiguration.valueName(value, of: self)] = self.sizes[value] }
        return sizes
    }

    /// What an optimizer changes, in the order in which Keras lists it.
    fileprivate func trainableInKerasOrder(_ layout: ParameterLayout) -> [ParameterLayout.Slice] {
        kerasOrder.flatMap { node in layout.slices.filter { $0.node == node && $0.isTrainable } }
    }
}
