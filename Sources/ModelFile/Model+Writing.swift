internal import FoundationEssentials
internal import HDF5
internal import LinearAlgebra
internal import NeuralNetwork

extension Model {
    /// The version of what stands under `/descent`. A file that has it is sealed.
    static let formatVersion = 2

    /// Writes the model as HDF5 that Keras 2 and Keras 3 open, and puts it in place of what was there in one step.
    ///
    /// - Parameter previousCount: How many of the files that were there before stay, as `model.previous.h5`.
    /// - Throws: `ModelError`; the file that was there before is then as it was.
    public func write(to path: String, keeping previousCount: Int = 1) throws(ModelError) {
        try write(to: OutputFile(path, keeping: previousCount))
    }

    /// Writes the model to a file that this process holds.
    public func write(to output: OutputFile) throws(ModelError) {
        try Checkpoint(model: self).write(to: output)
    }

    /// The bytes of the model file: a function of the model alone.
    public func image() throws(ModelError) -> [UInt8] {
        try Checkpoint(model: self).image()
    }

    /// Hands on the HDF5 image of the model and what is added to it, put together in `memory`, without its checksum.
    func withImage<Result>(
        in memory: ImageMemory, adding state: (Group) throws -> Void,
        _ body: (UnsafeRawBufferPointer) throws(ModelError) -> Result
    ) throws(ModelError) -> Result {
        do {
            let file = try hdf5File(in: memory)
            try state(file.root)
            return try file.withImage(body)
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.inputOutput, "could not be put together: \(error)")
        }
    }

    private func hdf5File(in memory: ImageMemory) throws -> File {
        let file = try File(inMemoryNamed: "model", in: memory)
        let spelled = try graph.spelledForKeras()
        try writeKeras(spelled, into: file.root)
        try writeDescent(into: try file.root.createGroup("descent"))
        return file
    }

    /// What Keras reads of the file.
    func writeKeras(_ spelled: Graph, into root: Group) throws {
        try root.attributes.write("2.15.0", to: "keras_version")
        try root.attributes.write("tensorflow", to: "backend")
        try root.attributes.write(
            KerasConfiguration.encode(spelled, outputActivation: outputActivation).text, to: "model_config")
        try writeWeights(spelled, into: try root.createGroup("model_weights"))
    }

    private func writeWeights(_ graph: Graph, into group: Group) throws {
        try group.attributes.write("2.15.0", to: "keras_version")
        try group.attributes.write("tensorflow", to: "backend")
        let inputs = graph.inputSizes.indices.map { ("input_\($0 + 1)", [StoredWeight]()) }
        let layout = ParameterLayout(graph)
        let layers =
            inputs
            + graph.kerasOrder.map { ($0, graph.nodes[$0].name) }.map { node, name in
                (name, storedWeights(of: node, in: graph, layout))
            }
        try Self.writeNames(layers.map(\.0), to: "layer_names", of: group)
        for (name, weights) in layers {
            let layer = try group.createGroup(name)
            if weights.isEmpty {
                try layer.attributes.write([Double](), to: "weight_names")
                continue
            }
            try layer.attributes.write(weights.map { "\(name)/\($0.name):0" }, to: "weight_names")
            let inner = try layer.createGroup(name)
            for weight in weights { try weight.write(to: weight.name + ":0", of: inner) }
        }
        let top = try group.createGroup("top_level_model_weights")
        try top.attributes.write([Double](), to: "weight_names")
    }

    /// Keras splits lists whose attribute would exceed HDF5's limit for object headers.
    static func writeNames(_ names: [String], to attribute: String, of group: Group) throws {
        let most = 1000
        guard names.count > most else { return try group.attributes.write(names, to: attribute) }
        for (index, start) in stride(from: 0, to: names.count, by: most).enumerated() {
            try group.attributes.write(
                Array(names[start..<min(start + most, names.count)]), to: "\(attribute)\(index)")
        }
    }

    /// Of the JSON under `/descent`: equal values give equal bytes.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    private func writeDescent(into group: Group) throws {
        try group.attributes.write(Int64(Self.formatVersion), to: "format_version")
        try group.attributes.write(BLAS.kernel, to: "blas_kernel")
        let encoder = Self.encoder
        if let encoding {
            try group.attributes.write(String(decoding: encoder.encode(encoding), as: UTF8.self), to: "encoding")
        }
        try group.attributes.write(String(decoding: encoder.encode(history), as: UTF8.self), to: "history")
        if let settings { try group.attributes.write(settings.text, to: "settings") }
    }
}
