internal import HDF5
public import LinearAlgebra
public import NeuralNetwork

/// An optimizer in the midst of its work: what training needs beside the weights to go on where it stood.
public struct OptimizerState: Sendable {
    /// The rule with its settings; the learning rate is that of the last step.
    public var optimizer: Optimizer
    /// The steps taken.
    public var step: Int
    /// The moments of the rule one after the other, each in the layout of the model's parameters.
    public var moments: SharedBuffer<Float>

    public init(optimizer: Optimizer, step: Int, moments: SharedBuffer<Float>) {
        self.optimizer = optimizer
        self.step = step
        self.moments = moments
    }

    /// Reads what a model file holds of its optimizer: one of Descent's, or Keras' `.h5`, `.keras` or `.weights.h5`.
    ///
    /// - Parameters:
    ///   - model: What the same file holds as a model.
    ///   - optimizer: Whose moments those in a file of weights alone are; such a file does not say.
    /// - Returns: `nil` where the file holds none, or none that belong to its weights: early stopping keeps those of
    ///   another step.
    /// - Throws: `ModelError` when the file is damaged, or holds the moments of an optimizer that is not supported.
    public init?(
        contentsOf path: String, of model: Model, optimizer: Optimizer? = nil
    ) throws(ModelError) {
        let state: OptimizerState?
        if try Model.isArchive(path) {
            state = try Model.openArchive(path) { configuration, root in
                try KerasOptimizer.state(
                    in: root, described: configuration["compile_config"]?["optimizer"], of: model, otherwise: optimizer)
            }
        } else {
            state = try Model.open(path) { root, _ in
                if try root.contains(Checkpoint.group) {
                    return try OptimizerState(from: root.group(Checkpoint.group), of: model)
                }
                var training: JSONValue?
                if try root.attributes.contains("training_config") {
                    training = try JSONValue(parsing: root.attributes.string("training_config"))
                }
                return try KerasOptimizer.state(
                    in: root, described: training?["optimizer_config"], of: model, otherwise: optimizer)
            }
        }
        guard let state else { return nil }
        self = state
    }

    /// From the state of a run, whose buffers may have another order than the parameters of the model beside it.
    private init?(from group: Group, of model: Model) throws {
        let state = try TrainingState(from: group, model: model)
        guard let optimizer = state.optimizer else { return nil }
        let layout = model.parameters.layout
        var slices = layout.slices
        if try group.attributes.contains(TrainingState.pathsName) {
            let paths = try JSONValue(parsing: group.attributes.string(TrainingState.pathsName)).array ?? []
            let known = Dictionary(slices.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
            slices = paths.compactMap { $0.string.flatMap { known[$0] } }
            guard slices.count == paths.count, Set(slices.map(\.path)).count == layout.slices.count else {
                throw ModelError("is damaged: the names of the parameters under /descent do not fit its network")
            }
        }
        let count = layout.bufferCount
        let buffers = optimizer.moments.count
        guard state.parameters.count == count, state.moments.count == buffers * count else {
            throw ModelError("is damaged: the moments under /descent do not fit its network")
        }
        func ordered(_ source: SharedBuffer<Float>, _ buffers: Int) -> SharedBuffer<Float> {
            let target = SharedBuffer<Float>(count: buffers * count)
            for start in stride(from: 0, to: buffers * count, by: max(1, count)) {
                var offset = start
                for slice in slices {
                    (target.base + start + slice.offset).update(from: source.base + offset, count: slice.count)
                    offset += slice.extent
                }
            }
            return target
        }
        guard ordered(state.parameters, 1).hasBits(of: model.parameters.values) else { return nil }
        self.init(
            optimizer: optimizer, step: state.earlierSteps + state.step, moments: ordered(state.moments, buffers))
    }
}
