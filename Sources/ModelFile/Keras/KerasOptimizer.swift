internal import HDF5
internal import LinearAlgebra
internal import NeuralNetwork

/// How Keras keeps an optimizer: its variables one after another, whose order the class decides.
///
/// First the number of steps, in Keras 3 then the learning rate, then the moments of the trainable weights. Adam's two
/// alternate from weight to weight; of every other optimizer, and of those before TensorFlow 2.11, one moment of all
/// weights is followed by the next.
struct KerasOptimizer {
    var optimizer: Optimizer
    /// Whether it is of the kind that Keras had before TensorFlow 2.11.
    var isLegacy = false

    /// Keras' name of the class.
    var className: String {
        switch optimizer.rule {
        case .sgd: "SGD"
        case .adam: optimizer.weightDecay > 0 ? "AdamW" : "Adam"
        case .rmsprop: "RMSprop"
        case .adagrad: "Adagrad"
        }
    }

    /// The moments in Keras' order: its name in Keras 2, and the place among `Optimizer.moments`.
    private var slots: [(name: String, moment: Int)] {
        switch optimizer.rule {
        case .sgd(momentum: .none): []
        case .sgd: [("m", 0)]
        case .adam: [("m", 0), ("v", 1)]
        case .rmsprop(_, let momentum, _, let centered):
            [("velocity", 0)] + (momentum > 0 ? [("momentum", centered ? 2 : 1)] : [])
                + (centered ? [("average_gradient", 1)] : [])
        case .adagrad: [("accumulator", 0)]
        }
    }

    /// One moment of one weight.
    struct Variable {
        /// `Adam/m/dense/kernel:0`, as Keras 2 calls it.
        var name: String
        var slice: ParameterLayout.Slice
        var moment: Int
    }

    /// The moments of these weights in Keras' order.
    func variables(of slices: [ParameterLayout.Slice]) -> [Variable] {
        func variable(_ slice: ParameterLayout.Slice, _ slot: (name: String, moment: Int)) -> Variable {
            Variable(name: "\(className)/\(slot.name)/\(slice.path):0", slice: slice, moment: slot.moment)
        }
        if case .adam = optimizer.rule, !isLegacy {
            return slices.flatMap { slice in slots.map { variable(slice, $0) } }
        }
        return slots.flatMap { slot in slices.map { variable($0, slot) } }
    }

    // MARK: Reading

    /// The state of the optimizer in a file of Keras'; `nil` where there is none.
    ///
    /// - Parameters:
    ///   - description: What the file says about the optimizer.
    ///   - optimizer: The optimizer of a file that does not say.
    static func state(
        in root: Group, described description: JSONValue?, of model: Model, otherwise optimizer: Optimizer?
    ) throws -> OptimizerState? {
        guard var rest = try datasets(in: root)?[...] else { return nil }
        guard let keras = try description.map(decode) ?? optimizer.map({ KerasOptimizer(optimizer: $0) }) else {
            return nil
        }
        // The number of steps, and the learning rate behind it; no weight of a dense network is a single number.
        guard let first = rest.popFirst(), first.shape.isEmpty, first.elementType.isNumeric else {
            throw ModelError("holds an optimizer that does not begin with the number of its steps")
        }
        let step = try first.read(as: Int64.self)[0]
        guard (0...1 << 53).contains(step) else { throw ModelError("holds an optimizer after \(step) steps") }
        if let next = rest.first, next.shape.isEmpty { rest.removeFirst() }
        let trainable = model.parameters.layout.slices.filter(\.isTrainable)
        let count = model.parameters.layout.bufferCount
        let moments = SharedBuffer<Float>(count: keras.optimizer.moments.count * count)
        let state = OptimizerState(optimizer: keras.optimizer, step: Int(step), moments: moments)
        // Keras 2 keeps a momentum that stays 0.
        if case .sgd(momentum: .none) = keras.optimizer.rule, rest.count == trainable.count { return state }
        let variables = keras.variables(of: trainable)
        // The optimizer of a model of Keras 3 that has not been trained may have no moments yet.
        if rest.isEmpty, !variables.isEmpty, step == 0 { return nil }
        guard rest.count == variables.count else {
            throw ModelError(
                "holds \(rest.count) moments of its optimizer, and \(keras.optimizer.summary) has \(variables.count) for this network"
            )
        }
        for (variable, dataset) in zip(variables, rest) {
            guard dataset.shape == variable.slice.shape, dataset.elementType.isNumeric else {
                throw ModelError(
                    "holds the moment \(dataset.path) of shape \(dataset.shape); that of '\(variable.slice.path)' has \(variable.slice.shape)"
                )
            }
            let elements = try dataset.read(as: Float.self)
            guard elements.allSatisfy(\.isFinite) else {
                throw ModelError("holds moments in \(dataset.path) that are not finite numbers")
            }
            elements.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                (moments.base + variable.moment * count + variable.slice.offset).update(
                    from: start, count: source.count)
            }
        }
        return state
    }

    /// The variables of the optimizer in order; `nil` where the file has none.
    private static func datasets(in root: Group) throws -> [Dataset]? {
        if try root.contains("optimizer_weights") {
            let group = try root.group("optimizer_weights")
            let datasets = try Model.names("weight_names", of: group).map { try group.dataset($0) }
            return datasets.isEmpty ? nil : datasets
        }
        guard try root.contains("optimizer"), try root.group("optimizer").contains("vars") else { return nil }
        let group = try root.group("optimizer/vars")
        let datasets = try (0..<(try group.childNames.count)).map { try group.dataset("\($0)") }
        return datasets.isEmpty ? nil : datasets
    }

    // MARK: Writing

    /// The state as `/optimizer_weights`, which Keras 2 continues from.
    static func write(
        _ state: OptimizerState, of slices: [ParameterLayout.Slice], layout: ParameterLayout, intoModel root: Group
    ) throws {
        let group = try root.createGroup("optimizer_weights")
        var weights = moments(of: state, slices, layout)
        if case .sgd(momentum: .none) = state.optimizer.rule {
            weights = slices.map {
                StoredWeight(
                    name: "SGD/m/\($0.path):0", shape: $0.shape,
                    elements: .constants(Array(repeating: 0, count: $0.count)))
            }
        }
        try Model.writeNames(["iteration:0"] + weights.map(\.name), to: "weight_names", of: group)
        _ = try group.createDataset("iteration:0", shape: [], values: [Int64(state.step)])
        for weight in weights { try weight.write(to: weight.name, of: group) }
    }

    /// The state as `/optimizer/vars`, which Keras 3 continues from.
    static func write(
        _ state: OptimizerState, of slices: [ParameterLayout.Slice], layout: ParameterLayout, intoArchive root: Group
    ) throws {
        let group = try root.createGroup("optimizer/vars")
        _ = try group.createDataset("0", shape: [], values: [Int64(state.step)])
        _ = try group.createDataset("1", shape: [], values: [Float(state.optimizer.learningRate)])
        for (index, weight) in moments(of: state, slices, layout).enumerated() {
            try weight.write(to: "\(index + 2)", of: group)
        }
    }

    private static func moments(
        of state: OptimizerState, _ slices: [ParameterLayout.Slice], _ layout: ParameterLayout
    ) -> [StoredWeight] {
        KerasOptimizer(optimizer: state.optimizer).variables(of: slices).map { variable in
            StoredWeight(
                name: variable.name, shape: variable.slice.shape,
                elements: .part(
                    of: state.moments, offset: variable.moment * layout.bufferCount + variable.slice.offset))
        }
    }
}
