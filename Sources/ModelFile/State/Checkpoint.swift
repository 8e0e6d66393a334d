internal import HDF5
internal import LinearAlgebra
internal import NeuralNetwork

/// A model with the state of the run that trains it: one file, which everybody who wants the model can open.
public struct Checkpoint: Sendable {
    /// Where a run stands, and which run.
    public struct Run: Sendable {
        public var state: TrainingState
        public var identity: RunIdentity
        /// What the run goes back to when it meets a number that is not finite; `nil` where that is `state`, or where it
        /// never goes back.
        public var rollbackPoint: TrainingState?

        public init(state: TrainingState, identity: RunIdentity, rollbackPoint: TrainingState? = nil) {
            self.state = state
            self.identity = identity
            self.rollbackPoint = rollbackPoint
        }
    }

    /// The weights to use: the best so far, where early stopping keeps them.
    public var model: Model
    /// `nil` for a model whose training cannot go on, as one of Keras.
    public var run: Run?

    public init(model: Model, run: Run? = nil) {
        self.model = model
        self.run = run
    }

    static let group = "descent/state"
    private static let rollbackGroup = "rollback_point"

    /// Reads a model file with the state in it.
    ///
    /// - Throws: `ModelError` as `Model.init(contentsOf:)` does, and when the state cannot be read.
    public init(contentsOf path: String) throws(ModelError) {
        self = try Model.open(path) { root, isSealed in
            let model = try Model(root, isSealed: isSealed)
            guard try root.contains(Self.group) else { return Checkpoint(model: model) }
            let group = try root.group(Self.group)
            var run = Run(state: try TrainingState(from: group, model: model), identity: try RunIdentity(from: group))
            if try group.contains(Self.rollbackGroup) {
                run.rollbackPoint = try TrainingState(from: try group.group(Self.rollbackGroup), model: model)
            }
            return Checkpoint(model: model, run: run)
        }
    }

    /// Reads a checkpoint or, where that is missing or damaged, the youngest of those before it that can be read.
    ///
    /// - Throws: `ModelError` about the file itself when there is none.
    public static func newest(at path: String) throws(ModelError) -> Found<Checkpoint> {
        try Generations.newest(path) { path throws(ModelError) in try Checkpoint(contentsOf: path) }
    }

    /// The bytes of the file: a function of the model, the state and the run's identity alone.
    public func image() throws(ModelError) -> [UInt8] {
        try model.withImage(in: ImageMemory(expecting: expectedSize), adding: addRun) { image throws(ModelError) in
            Array(image) + (try Seal.seal(of: image))
        }
    }

    /// Puts the checkpoint in place of what was there, whole or not at all; it is on disk when this returns.
    public func write(to output: OutputFile) throws(ModelError) {
        let memory = output.takeImageMemory() ?? ImageMemory(expecting: expectedSize)
        defer { output.keep(memory) }
        try model.withImage(in: memory, adding: addRun) { image throws(ModelError) in
            let seal = try Seal.seal(of: image)
            let file = try AtomicFile(output)
            try file.write(image)
            try file.write(seal)
            try file.commit()
        }
    }

    /// The most bytes of the file that buffers take, and something for what describes them.
    private var expectedSize: Int {
        let states = [run?.state, run?.rollbackPoint].compactMap(\.self)
        let buffers = states.flatMap { [$0.parameters, $0.moments] + [$0.best?.parameters].compactMap(\.self) }
        return MemoryLayout<Float>.stride * (model.parameters.values.count + buffers.reduce(0) { $0 + $1.count })
            + (1 << 20)
    }

    private func addRun(to root: Group) throws {
        guard let run else { return }
        let group = try root.createGroup(Self.group)
        try run.identity.write(into: group)
        try run.state.write(into: group, model: model)
        if let point = run.rollbackPoint {
            try point.write(into: try group.createGroup(Self.rollbackGroup), model: model)
        }
    }
}
