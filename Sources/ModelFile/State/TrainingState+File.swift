internal import FoundationEssentials
internal import HDF5
internal import LinearAlgebra
internal import NeuralNetwork

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The state as `/descent/state`: whole numbers and doubles as attributes, sums and buffers as flat datasets, just as they
/// lie in memory. What the model holds already, its history and usually its weights, is not stored twice.
extension TrainingState {
    private enum Name {
        static let weights = "weights"
        static let bestWeights = "best_weights"
        static let moments = "moments"
        static let sums = "epoch_sums"
        static let optimizer = "optimizer"
        static let earlierSteps = "earlier_steps"
    }

    func write(into group: Group, model: Model) throws {
        let attributes = group.attributes
        try attributes.write(Int64(step), to: "step")
        try attributes.write(Int64(epochsWithoutImprovement), to: "epochs_without_improvement")
        try attributes.write(Int64(epochsSinceReduction), to: "epochs_since_reduction")
        try attributes.write(Int64(reductions), to: "reductions")
        if !rollbacks.isEmpty {
            try attributes.write(String(decoding: Model.encoder.encode(rollbacks), as: UTF8.self), to: "rollbacks")
        }
        if let firstLoss { try attributes.write(firstLoss, to: "first_loss") }
        try group.createDataset(Name.sums, shape: [epochSums.count], values: epochSums)
        try Self.write(moments, to: Name.moments, in: group)
        try attributes.write(Int64(earlierSteps), to: Name.earlierSteps)
        if let optimizer {
            try attributes.write(String(decoding: Model.encoder.encode(optimizer), as: UTF8.self), to: Name.optimizer)
        }
        if !model.graph.isSequential {
            let paths = JSONValue.array(model.parameters.paths.map { .string($0) })
            try attributes.write(paths.text, to: Self.pathsName)
        }
        let historyText = try Model.encoder.encode(history)
        if historyText != (try Model.encoder.encode(model.history)) {
            try attributes.write(String(decoding: historyText, as: UTF8.self), to: "history")
        }
        try Self.write(parameters, unlessIn: model, to: Name.weights, in: group)
        guard let best else { return }
        try attributes.write(Int64(best.epoch), to: "best_epoch")
        try attributes.write(best.value, to: "best_value")
        try attributes.write(Int64(best.parameters == nil ? 0 : 1), to: "keeps_best_weights")
        if let parameters = best.parameters {
            try Self.write(parameters, unlessIn: model, to: Name.bestWeights, in: group)
        }
    }

    /// - Throws: when something is missing or does not fit the rest.
    init(from group: Group, model: Model) throws {
        let attributes = group.attributes
        func count(_ name: String) throws -> Int {
            let value = try attributes.number(name, as: Int64.self)
            guard value >= 0 else { throw ModelError("is damaged: \(name) under /descent/state is \(value)") }
            return Int(value)
        }
        func weights(_ name: String) throws -> SharedBuffer<Float> {
            try group.contains(name) ? Self.read(name, in: group) : model.parameters.values.copy()
        }
        var history = model.history
        if try attributes.contains("history") {
            history = try Model.decoder.decode(
                [EpochRecord].self, from: Data(try attributes.string("history").utf8))
        }
        var rollbacks: [Rollback] = []
        if try attributes.contains("rollbacks") {
            rollbacks = try Model.decoder.decode([Rollback].self, from: Data(try attributes.string("rollbacks").utf8))
        }
        var best: Best?
        if try attributes.contains("best_epoch") {
            best = Best(
                epoch: try count("best_epoch"), value: try attributes.number("best_value"),
                parameters: try count("keeps_best_weights") == 0 ? nil : weights(Name.bestWeights))
        }
        var optimizer: Optimizer?
        if try attributes.contains(Name.optimizer) {
            optimizer = try Model.decoder.decode(
                Optimizer.self, from: Data(try attributes.string(Name.optimizer).utf8))
        }
        self.init(
            step: try count("step"), parameters: try weights(Name.weights),
            moments: try Self.read(Name.moments, in: group), optimizer: optimizer,
            earlierSteps: try attributes.contains(Name.earlierSteps) ? count(Name.earlierSteps) : 0,
            epochSums: try group.dataset(Name.sums).read(as: Double.self), history: history, best: best,
            epochsWithoutImprovement: try count("epochs_without_improvement"),
            epochsSinceReduction: try count("epochs_since_reduction"), reductions: try count("reductions"),
            rollbacks: rollbacks,
            firstLoss: try attributes.contains("first_loss") ? attributes.number("first_loss") : nil)
    }

    // MARK: Flat buffers

    /// The attribute that names the parameters in the order of the buffers, where it is not that of the Keras layout.
    static let pathsName = "parameter_paths"

    /// The weights of a graph that is no sequence come back from the Keras layout in another order.
    private static func write(
        _ buffer: SharedBuffer<Float>, unlessIn model: Model, to name: String, in group: Group
    ) throws {
        guard !model.graph.isSequential || !buffer.hasBits(of: model.parameters.values) else { return }
        try write(buffer, to: name, in: group)
    }

    private static func write(_ buffer: SharedBuffer<Float>, to name: String, in group: Group) throws {
        let dataset = try group.createDataset(name, shape: [buffer.count], of: Float.self)
        try dataset.write(UnsafeBufferPointer(start: buffer.base, count: buffer.count))
    }

    private static func read(_ name: String, in group: Group) throws -> SharedBuffer<Float> {
        let dataset = try group.dataset(name)
        guard dataset.shape.count == 1, dataset.elementType.isNumeric else {
            throw ModelError("is damaged: \(dataset.path) is no list of numbers")
        }
        // A count that the file cannot hold is refused before memory is taken for it.
        try dataset.checkReadable()
        let buffer = SharedBuffer<Float>(count: dataset.elementCount)
        try dataset.read(into: UnsafeMutableBufferPointer(start: buffer.base, count: buffer.count))
        return buffer
    }
}

extension SharedBuffer<Float> {
    /// Whether every bit is the same, which `==` of numbers does not say.
    func hasBits(of other: SharedBuffer<Float>) -> Bool {
        guard self !== other else { return true }
        return count == other.count && memcmp(base, other.base, count * MemoryLayout<Float>.stride) == 0
    }
}
