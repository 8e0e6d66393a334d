internal import HDF5

/// A model with the state of the run that trains it: one file, which everybody who wants the model can open.
public struct Checkpoint: Sendable {
    /// The weights to use: the best so far, where early stopping keeps them.
    public var model: Model
    /// `nil` for a model whose training cannot go on, as one of Keras.
    public var state: TrainingState?

    public init(model: Model, state: TrainingState? = nil) {
        self.model = model
        self.state = state
    }

    /// Reads a model file with the state in it.
    ///
    /// - Throws: `ModelError` as `Model.init(contentsOf:)` does, and when the state does not fit the model.
    public init(contentsOf path: String) throws(ModelError) {
        self = try Model.open(path) { root, isSealed in
            let model = try Model(root, isSealed: isSealed)
            guard try root.contains(Model.stateGroup) else { return Checkpoint(model: model) }
            return Checkpoint(
                model: model, state: try TrainingState(from: try root.group(Model.stateGroup), model: model))
        }
    }

    /// Reads a checkpoint or, where that is missing or damaged, the youngest of those before it that can be read.
    ///
    /// - Throws: `ModelError` about the file itself when there is none.
    public static func newest(at path: String) throws(ModelError) -> Found<Checkpoint> {
        try Generations.newest(path) { path throws(ModelError) in try Checkpoint(contentsOf: path) }
    }

    /// The bytes of the file: a function of model and state alone.
    public func image() throws(ModelError) -> [UInt8] {
        try model.withImage(state: state) { image throws(ModelError) in
            Array(image) + (try Seal.seal(of: image))
        }
    }

    /// Puts the checkpoint in place of what was there, whole or not at all; it is on disk when this returns.
    public func write(to output: OutputFile) throws(ModelError) {
        try model.withImage(state: state) { image throws(ModelError) in
            let seal = try Seal.seal(of: image)
            let file = try AtomicFile(output)
            try file.write(image)
            try file.write(seal)
            try file.commit()
        }
    }
}
