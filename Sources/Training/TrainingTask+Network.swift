internal import ModelFile
public import NeuralNetwork
public import Tabular

/// A network that somebody else has drawn ends in an activation of its own; here a loss that works on logits has it built
/// in, and every other loss leaves it in the network.
extension TrainingTask {
    /// The loss for a target and a network when the user names none.
    public static func defaultLoss(
        for target: Schema.Target, network: Graph, endingIn activation: OutputActivation, labelSmoothing: Float = 0
    ) -> Loss {
        if case .classes(_, let labels) = target,
            activation == .sigmoid || (network.outputSize == 1 && labels.count == 2)
        {
            return .binaryCrossEntropy(labelSmoothing: labelSmoothing)
        }
        return defaultLoss(for: target, labelSmoothing: labelSmoothing)
    }

    /// The network as this task's loss takes it: without its last activation where that is part of the loss.
    ///
    /// - Parameters:
    ///   - network: Without its last activation.
    ///   - activation: The last activation.
    ///   - features: The inputs per row of the data.
    /// - Throws: `TrainingError` when inputs, outputs or activation do not fit data and loss.
    public func network(
        _ network: Graph, endingIn activation: OutputActivation, features: Int
    ) throws(TrainingError) -> Graph {
        guard network.inputSizes.count == 1 else {
            throw TrainingError("the network has \(network.inputSizes.count) inputs, and rows of a table are one")
        }
        guard network.inputSize == features else {
            throw TrainingError(
                "the network takes \(network.inputSize) features, and the data has \(features) once its columns are encoded"
            )
        }
        guard network.outputSize == outputCount else {
            throw TrainingError("the network has \(network.outputSize) outputs, and \(outputsNeeded)")
        }
        switch (loss.outputActivation, activation) {
        case (.softmax, .sigmoid):
            throw TrainingError(
                "the network ends in sigmoid, and softmax cross-entropy takes logits or softmax; use binary cross-entropy"
            )
        case (.sigmoid, .softmax):
            throw TrainingError(
                "the network ends in softmax, and binary cross-entropy takes logits or sigmoid; use softmax cross-entropy"
            )
        case (.linear, .softmax), (.linear, .sigmoid):
            return try network.appending(activation)
        default: return network
        }
    }

    /// Refuses a network whose last activation cannot reach this task's targets.
    ///
    /// - Throws: `TrainingError` when outputs between 0 and 1 are to meet targets of mean 0 and deviation 1.
    public func check(endingIn activation: OutputActivation) throws(TrainingError) {
        guard activation != .linear, loss.outputActivation == .linear, isScaled else { return }
        throw TrainingError(
            "the network ends in \(activation.rawValue), between 0 and 1, and the target is scaled to mean 0 and deviation 1; use --target-scale none"
        )
    }

    private var outputsNeeded: String {
        switch meaning {
        case .classes(let count): "the target's \(count) classes need one each"
        case .secondClass: "the target's 2 classes need one under binary cross-entropy"
        case .labels(let count): "\(count) yes-or-no targets need one each"
        case .values(let means, _):
            "\(means.count == 1 ? "the target needs one" : "\(means.count) targets need one each")"
        }
    }

    private var isScaled: Bool {
        guard case .values(let means, let deviations) = meaning else { return false }
        return means.contains { $0 != 0 } || deviations.contains { $0 != 1 }
    }
}

extension Graph {
    /// The same network with an activation behind its output.
    fileprivate func appending(_ activation: OutputActivation) throws(TrainingError) -> Graph {
        let operation: NeuralNetwork.Operation =
            activation == .softmax ? .softmax(Softmax()) : .activation(.sigmoid)
        var name = activation.rawValue
        while nodes.contains(where: { $0.name == name }) { name += "_" }
        do {
            let node = Node(name: name, operation: operation, inputs: [output])
            return try Graph(inputSizes: inputSizes, nodes: nodes + [node], output: inputSizes.count + nodes.count)
        } catch {
            throw TrainingError(error.reason)
        }
    }
}
