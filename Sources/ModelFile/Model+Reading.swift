internal import FoundationEssentials
internal import HDF5
internal import NeuralNetwork
internal import SystemPackage
internal import Tabular

extension Model {
    /// Reads a model that Descent or Keras (2 or 3) wrote: `.h5`, `.keras`, or weights alone together with their network.
    ///
    /// Nothing in a model file is ever run. A file of Descent's is compared with its checksum first; Keras writes none.
    ///
    /// - Parameter architecture: The network of a file that holds weights alone; a file that holds its own is read as it
    ///   stands.
    /// - Throws: `ModelError` when it is not a model, is damaged, or holds layers that are not supported.
    public init(contentsOf path: String, architecture: Architecture? = nil) throws(ModelError) {
        guard try !Self.isArchive(path) else {
            self = try Self.readArchive(path)
            return
        }
        self = try Self.open(path) { root, isSealed in try Model(root, isSealed: isSealed, architecture) }
    }

    /// Opens the bytes of a model file, compared with their checksum, and makes every error one about the file.
    static func open<Result>(
        _ path: String, _ body: (_ root: Group, _ isSealed: Bool) throws -> Result
    ) throws(ModelError) -> Result {
        do {
            var image = try ModelBytes.read(path)
            let (count, isSealed) = try Seal.verify(image)
            image.removeSubrange(count...)
            return try body(try File(image: image, named: path, isTrusted: isSealed).root, isSealed)
        } catch let error as ModelError {
            throw error.about(path)
        } catch let error as HDF5Error {
            throw ModelError(.badData, "\(error)")
        } catch {
            throw ModelError(.badData, file: path, "holds data under /descent that cannot be read: \(error)")
        }
    }

    /// Reads a model file or, where it is missing or damaged, the youngest of the files before it that can be read.
    ///
    /// - Throws: `ModelError` about the file itself when there is none.
    public static func newest(at path: String, architecture: Architecture? = nil) throws(ModelError) -> Found<Model> {
        try Generations.newest(path) { path throws(ModelError) in
            try Model(contentsOf: path, architecture: architecture)
        }
    }

    /// Whether a file carries the checksum of Descent's model files, right or wrong.
    public static func isSealed(_ path: String) throws(ModelError) -> Bool {
        try ModelBytes.withFile(path) { descriptor, size throws(Errno) in
            let head = try ModelBytes.read(descriptor, 0..<min(size, Seal.headSize))
            let tail = try ModelBytes.read(descriptor, max(0, size - Seal.size)..<size)
            return Seal.isPresent(head: head, tail: tail, fileSize: size)
        }
    }

    /// Of the JSON under `/descent`.
    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }

    init(_ root: Group, isSealed: Bool, _ architecture: Architecture? = nil) throws {
        guard try root.attributes.contains("model_config"), try root.contains("model_weights") else {
            try self.init(weights: root, architecture)
            return
        }
        let configuration = try JSONValue(parsing: root.attributes.string("model_config"))
        var network = try KerasConfiguration.decode(configuration)
        let parameters = try network.takeWeights(try Self.weights(in: try root.group("model_weights")))
        let (graph, outputActivation) = (network.graph, network.outputActivation)
        self.init(graph: graph, parameters: parameters, outputActivation: outputActivation)
        guard try root.contains("descent") else { return }
        let group = try root.group("descent")
        let version = try group.attributes.number("format_version", as: Int64.self)
        guard version <= Self.formatVersion else {
            throw ModelError(
                "was written by a newer Descent (format \(version), this one reads up to \(Self.formatVersion)); update Descent"
            )
        }
        guard isSealed else {
            throw ModelError(
                "has lost the checksum at its end: it is cut off, or another program has changed it; use another copy")
        }
        let decoder = Self.decoder
        if try group.attributes.contains("encoding") {
            let text = try group.attributes.string("encoding")
            let decoded = try decoder.decode(TableEncoding.self, from: Data(text.utf8))
            try Self.check(decoded, fits: graph, outputActivation)
            encoding = decoded
        }
        if try group.attributes.contains("history") {
            history = try decoder.decode([EpochRecord].self, from: Data(try group.attributes.string("history").utf8))
        }
        if try group.attributes.contains("settings") {
            settings = try JSONValue(parsing: group.attributes.string("settings"))
        }
    }

    /// An encoding from a file must fit the network before it indexes anything.
    private static func check(
        _ encoding: TableEncoding, fits graph: Graph, _ activation: OutputActivation
    ) throws(ModelError) {
        let inputs = encoding.schema.featureCount
        let isSecondClass = activation == .sigmoid && encoding.outputCount == 2 && graph.outputSize == 1
        var targetsFit = true
        if case .values(let columns) = encoding.schema.target {
            targetsFit =
                encoding.targetMeans.count == columns.count && encoding.targetDeviations.count == columns.count
        }
        guard graph.inputSizes == [inputs], encoding.scaling.fits(inputs: inputs), targetsFit,
            encoding.outputCount == graph.outputSize || isSecondClass
        else { throw ModelError("is damaged: its preprocessing under /descent does not fit its network") }
    }

    // MARK: Weights

    /// The weights of all layers, in the order of `layer_names`.
    static func weights(in group: Group) throws -> [Dataset] {
        var datasets: [Dataset] = []
        for layer in try names("layer_names", of: group) {
            let layerGroup = try group.group(layer)
            for weight in try names("weight_names", of: layerGroup) { datasets.append(try layerGroup.dataset(weight)) }
        }
        return datasets
    }

    /// A list of names, whole or split over `name0`, `name1`, …; Keras writes an empty one as numbers.
    static func names(_ attribute: String, of group: Group) throws -> [String] {
        if try group.attributes.contains(attribute) {
            if try group.attributes.shape(of: attribute).contains(0) { return [] }
            return try group.attributes.strings(attribute)
        }
        var names: [String] = []
        var index = 0
        while try group.attributes.contains("\(attribute)\(index)") {
            names += try group.attributes.strings("\(attribute)\(index)")
            index += 1
        }
        return names
    }
}
