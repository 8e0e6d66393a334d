internal import ArgumentParser
internal import Descent

/// The shape of the network.
struct NetworkArguments: ParsableArguments {
    enum ActivationName: String, CaseIterable, ExpressibleByArgument {
        case relu
        case leakyReLU = "leaky-relu"
        case sigmoid
        case tanh
        case gelu
        case silu
        case elu
        case selu
        case softplus
        case linear

        var activation: Activation {
            switch self {
            case .relu: .relu
            case .leakyReLU: .leakyReLU()
            case .sigmoid: .sigmoid
            case .tanh: .tanh
            case .gelu: .gelu
            case .silu: .silu
            case .elu: .elu()
            case .selu: .selu
            case .softplus: .softplus
            case .linear: .linear
            }
        }
    }

    // Optional, because a network from a file goes with none of them.
    @Option(
        name: .customLong("layers"),
        help: ArgumentHelp(
            "Units of the hidden layers, comma separated; 'none' for no hidden layer. (default: 256,128)",
            valueName: "list"))
    var givenLayers: String?

    @Option(name: .customLong("activation"), help: "The activation of the hidden layers. (default: relu)")
    var givenActivation: ActivationName?

    @Option(
        name: .customLong("dropout"),
        help: "The probability to drop an output of a hidden layer while training. (default: 0.0)")
    var givenDropout: Double?

    @Option(
        name: .customLong("input-dropout"), help: "The probability to drop an input while training. (default: 0.0)")
    var givenInputDropout: Double?

    var layers: String { givenLayers ?? "256,128" }
    var activation: ActivationName { givenActivation ?? .relu }
    var dropout: Double { givenDropout ?? 0 }
    var inputDropout: Double { givenInputDropout ?? 0 }

    /// The first flag that says what the layers are; `nil` where none is given.
    var givenFlag: String? {
        if givenLayers != nil { return "--layers" }
        if givenActivation != nil { return "--activation" }
        if givenDropout != nil { return "--dropout" }
        return givenInputDropout == nil ? nil : "--input-dropout"
    }

    @Option(help: ArgumentHelp("Adds this times the sum of |w| over all kernels to the loss.", valueName: "lambda"))
    var l1 = 0.0

    @Option(
        help: ArgumentHelp("Adds this times the sum of w squared over all kernels to the loss.", valueName: "lambda"))
    var l2 = 0.0

    func validate() throws {
        _ = try units()
        for (flag, value) in [("--dropout", dropout), ("--input-dropout", inputDropout)]
        where !(value >= 0 && value < 1) {
            throw ValidationError("\(flag) is a probability from 0 up to, not including, 1, not \(value)")
        }
        for (flag, value) in [("--l1", l1), ("--l2", l2)] where !(value >= 0 && value.isFinite) {
            throw ValidationError("\(flag) is a number of 0 or more, not \(value)")
        }
    }

    private func units() throws -> [Int] {
        if layers == "none" || layers.isEmpty { return [] }
        return try layers.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let units = Int(part.filter { $0 != " " }), units > 0, units <= 1_000_000 else {
                throw ValidationError("--layers lists numbers of units such as 256,128, and '\(part)' is none")
            }
            return units
        }
    }

    /// A network from a file, its dense layers with the penalties that are asked for here, or else their own.
    func penalized(_ graph: Graph) -> Graph {
        guard l1 > 0 || l2 > 0 else { return graph }
        return graph.mapDense { $0.kernelRegularizer = Regularizer(l1: Float(l1), l2: Float(l2)) }
    }

    /// The network between so many features and outputs.
    func graph(inputs: Int, outputs: Int) throws -> Graph {
        let regularizer = Regularizer(l1: Float(l1), l2: Float(l2))
        var layers: [any Layer] = []
        if inputDropout > 0 { layers.append(Dropout(inputDropout)) }
        for units in try units() {
            layers.append(Dense(units, activation: activation.activation, kernelRegularizer: regularizer))
            if dropout > 0 { layers.append(Dropout(dropout)) }
        }
        layers.append(Dense(outputs, kernelRegularizer: regularizer))
        do throws(GraphError) {
            return try Graph(inputs: inputs, layers: layers)
        } catch {
            throw ValidationError("--layers \(self.layers) makes no network: \(error.reason)")
        }
    }
}
