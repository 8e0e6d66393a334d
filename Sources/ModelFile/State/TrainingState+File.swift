internal import HDF5
internal import LinearAlgebra
internal import NeuralNetwork

/// The state as `/descent/state`: whole numbers and doubles as attributes, weights and moments as flat datasets without
/// the gaps of memory. Weights equal to the model's are not stored twice.
extension TrainingState {
    private enum Name {
        static let weights = "weights"
        static let bestWeights = "best_weights"
        static let moments = "moments"
        static let penalties = "penalties"
    }

    func write(into group: Group, model: Model) throws {
        let attributes = group.attributes
        for (name, value) in [
            ("epoch", position.epoch), ("step_in_epoch", position.stepInEpoch), ("step", position.step),
            ("epochs_without_improvement", epochsWithoutImprovement), ("epochs_since_reduction", epochsSinceReduction),
            ("reductions", reductions), ("data_rows", identity.rowCount), ("shuffles", identity.shuffles ? 1 : 0),
        ] {
            try attributes.write(Int64(value), to: name)
        }
        try attributes.write(identity.seed, to: "seed")
        try attributes.write(identity.settings.text, to: "settings")
        try attributes.write(identity.dataFingerprint, to: "data_fingerprint")
        try attributes.write(identity.blasKernel, to: "blas_kernel")
        try attributes.write(identity.version, to: "version")
        try attributes.write([sums.loss, sums.score], to: "sums")
        try group.createDataset(Name.penalties, shape: [sums.penalties.count], values: sums.penalties)
        try attributes.write(momentNames, to: Name.moments)
        let stride = weights.layout.bufferCount
        for (index, name) in momentNames.enumerated() {
            try Self.write(
                moments.base + index * stride, weights.layout, to: "\(Name.moments)/\(name)", in: group)
        }
        if !weights.hasBits(of: model.parameters) {
            try Self.write(weights.values.base, weights.layout, to: Name.weights, in: group)
        }
        guard let best else { return }
        try attributes.write(Int64(best.epoch), to: "best_epoch")
        try attributes.write(best.value, to: "best_value")
        try attributes.write(Int64(best.weights == nil ? 0 : 1), to: "keeps_best")
        if let weights = best.weights, !weights.hasBits(of: model.parameters) {
            try Self.write(weights.values.base, weights.layout, to: Name.bestWeights, in: group)
        }
    }

    /// - Throws: when something is missing or does not fit the model.
    init(from group: Group, model: Model) throws {
        let attributes = group.attributes
        func count(_ name: String) throws -> Int {
            let value = try attributes.number(name, as: Int64.self)
            guard value >= 0 else { throw ModelError("is damaged: \(name) under /descent/state is \(value)") }
            return Int(value)
        }
        func parameters(_ name: String) throws -> Parameters {
            guard try group.contains(name) else { return model.parameters.copy() }
            let parameters = Parameters(layout: model.parameters.layout)
            try Self.read(into: parameters.values.base, parameters.layout, from: name, in: group)
            return parameters
        }
        let layout = model.parameters.layout
        let names = try attributes.strings(Name.moments)
        // Read before memory is taken by their number.
        for name in names { try Self.check(group.dataset("\(Name.moments)/\(name)"), layout) }
        let moments = SharedBuffer<Float>(count: names.count * layout.bufferCount)
        for (index, name) in names.enumerated() {
            try Self.read(
                into: moments.base + index * layout.bufferCount, layout, from: "\(Name.moments)/\(name)", in: group)
        }
        let sums = try attributes.numbers("sums", as: Double.self)
        guard sums.count == 2 else { throw ModelError("is damaged: /descent/state holds \(sums.count) sums, not 2") }
        var best: Best?
        if try attributes.contains("best_epoch") {
            best = Best(
                epoch: try count("best_epoch"), value: try attributes.number("best_value"),
                weights: try count("keeps_best") == 0 ? nil : parameters(Name.bestWeights))
        }
        self.init(
            position: Position(
                epoch: try count("epoch"), stepInEpoch: try count("step_in_epoch"), step: try count("step")),
            sums: Sums(
                loss: sums[0], score: sums[1], penalties: try group.dataset(Name.penalties).read(as: Double.self)),
            weights: try parameters(Name.weights), momentNames: names, moments: moments, best: best,
            epochsWithoutImprovement: try count("epochs_without_improvement"),
            epochsSinceReduction: try count("epochs_since_reduction"), reductions: try count("reductions"),
            identity: RunIdentity(
                settings: try JSONValue(parsing: attributes.string("settings")),
                seed: try attributes.number("seed", as: UInt64.self), shuffles: try count("shuffles") != 0,
                dataFingerprint: try attributes.string("data_fingerprint"), rowCount: try count("data_rows"),
                blasKernel: try attributes.string("blas_kernel"), version: try attributes.string("version")))
    }

    // MARK: Flat buffers

    private static func write(
        _ base: UnsafePointer<Float>, _ layout: ParameterLayout, to name: String, in group: Group
    ) throws {
        let dataset = try group.createDataset(name, shape: [layout.parameterCount], of: Float.self)
        var first = 0
        for slice in layout.slices {
            let values = UnsafeBufferPointer(start: base + slice.offset, count: slice.count)
            try dataset.writeRows(first..<first + slice.count, from: values)
            first += slice.count
        }
    }

    private static func read(
        into base: UnsafeMutablePointer<Float>, _ layout: ParameterLayout, from name: String, in group: Group
    ) throws {
        let dataset = try group.dataset(name)
        try check(dataset, layout)
        var first = 0
        for slice in layout.slices {
            let values = UnsafeMutableBufferPointer(start: base + slice.offset, count: slice.count)
            try dataset.readRows(first..<first + slice.count, into: values)
            first += slice.count
        }
    }

    private static func check(_ dataset: Dataset, _ layout: ParameterLayout) throws {
        guard dataset.shape == [layout.parameterCount], dataset.elementType.isNumeric else {
            throw ModelError(
                "is damaged: \(dataset.path) has the shape \(dataset.shape), and the network has "
                    + "\(layout.parameterCount) parameters")
        }
    }
}

extension Parameters {
    /// Whether every bit is the same, which `==` of numbers does not say.
    func hasBits(of other: Parameters) -> Bool {
        guard layout == other.layout else { return false }
        return layout.slices.allSatisfy { slice in
            let bytes = slice.count * MemoryLayout<Float>.stride
            return UnsafeRawBufferPointer(start: values.base + slice.offset, count: bytes)
                .elementsEqual(UnsafeRawBufferPointer(start: other.values.base + slice.offset, count: bytes))
        }
    }
}
