internal import ArgumentParser
internal import Descent

/// A network that comes from a file instead of `--layers`.
struct StartArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The network as Keras describes it: the JSON of model.to_json(). (default: from --layers)",
            valueName: "file"))
    var architecture: String?

    @Option(
        help: ArgumentHelp(
            "A model, Descent's or Keras', whose network and weights to start from. (default: none)",
            valueName: "model"))
    var initFrom: String?

    @Flag(
        help: """
            Take the optimizer's moments and its number of steps from --init-from too, and go on from there. Rates and other \
            settings stay those of the flags.
            """)
    var initOptimizer = false

    func validate() throws {
        guard initFrom != nil || !initOptimizer else {
            throw ValidationError("--init-optimizer takes the moments of --init-from MODEL; give that too")
        }
    }

    /// Whether a file gives the network.
    var isGiven: Bool { architecture != nil || initFrom != nil }

    /// The network of the files, read before the data so that a mistake costs no time; `nil` where none is given.
    func start() throws -> NetworkStart? {
        guard isGiven else { return nil }
        let network = try architecture.map { try Architecture(contentsOf: $0, weightsFollow: initFrom != nil) }
        let model = try initFrom.map { try Model(contentsOf: $0, architecture: network) }
        // Weights alone have become a model with the network that is given; means and variances are in it now.
        let isModelOfBoth = try initFrom.map { try !Model.holdsNetwork($0) } ?? false
        return NetworkStart(architecture: isModelOfBoth ? nil : network, model: model, arguments: self)
    }
}

/// A network from files: an architecture, or a model with weights, or both.
struct NetworkStart {
    fileprivate let architecture: Architecture?
    let model: Model?
    fileprivate let arguments: StartArguments

    private var path: String { arguments.architecture ?? arguments.initFrom ?? "" }

    /// The network, for data of so many features.
    func network(features: Int) throws -> Architecture.Network {
        guard let architecture else {
            guard let model else { preconditionFailure("A start needs a file") }
            return model.network
        }
        return try architecture.network(inputs: features)
    }

    /// The network as a task takes it.
    func graph(for task: TrainingTask, features: Int) throws -> Graph {
        let network = try network(features: features)
        do {
            return try task.network(network.graph, endingIn: network.outputActivation, features: features)
        } catch {
            throw TrainingError("\(path): \(error.reason)")
        }
    }

    /// Refuses a network whose outputs cannot reach the targets.
    func check(_ task: TrainingTask, features: Int) throws {
        do {
            try task.check(endingIn: network(features: features).outputActivation)
        } catch let error as TrainingError {
            throw TrainingError("\(path): \(error.reason)")
        }
    }

    /// The weights to start from, in the layout of a graph; `nil` where only an architecture is given.
    func parameters(for graph: Graph) throws -> Parameters? {
        guard let model, let file = arguments.initFrom else { return nil }
        let layout = ParameterLayout(graph)
        let given = model.parameters.layout.slices
        guard given.count == layout.slices.count else {
            throw TrainingError(
                "\(file) has \(NumberFormat.counted(given.count, "weight")), and the network of \(path) has \(layout.slices.count)"
            )
        }
        for (slice, other) in zip(layout.slices, given) where slice.shape != other.shape {
            throw TrainingError(
                "\(file) has the weight '\(other.path)' of shape \(other.shape), and in \(path) '\(slice.path)' is \(slice.shape)"
            )
        }
        let parameters = Parameters(layout: layout)
        parameters.values.copy(from: model.parameters.values)
        return parameters
    }

    /// Puts a run where the optimizer of the file stood, where that is asked for.
    ///
    /// - Returns: sentences for the user.
    func continueOptimizer(in training: Training) throws -> [String] {
        guard arguments.initOptimizer, let model, let file = arguments.initFrom else { return [] }
        let own = training.configuration.optimizer
        guard let state = try OptimizerState(contentsOf: file, of: model, optimizer: own) else {
            throw Failure(
                .badData,
                "\(file): holds no moments of an optimizer that belong to its weights; leave --init-optimizer out to start from the weights alone"
            )
        }
        do {
            try training.takeOver(state)
        } catch {
            throw TrainingError("\(file): \(error.reason)")
        }
        var notes = ["the optimizer goes on after step \(NumberFormat.grouped(state.step)) of \(file)"]
        if state.optimizer != own {
            notes.append("its settings are those of this run, and others than in \(file)")
        }
        return notes
    }

    /// Refuses data that means something else than what the weights were trained on.
    func check(_ schema: Schema) throws {
        guard let known = model?.encoding?.schema, let file = arguments.initFrom else { return }
        let columns = known.features.map(\.column)
        let found = schema.features.map(\.column)
        guard known.features == schema.features else {
            let other = zip(columns, found).first { $0 != $1 }
            let difference =
                if columns.count != found.count {
                    "\(columns.count) feature columns, and this data has \(found.count)"
                } else if let other {
                    "the feature '\(other.0)' where this data has '\(other.1)'"
                } else {
                    "other levels or kinds of features than this data"
                }
            throw TrainingError("\(file) was trained on \(difference)")
        }
        if case .classes(_, let labels) = known.target, case .classes(_, let others) = schema.target,
            labels != others
        {
            throw TrainingError(
                "\(file) was trained on the classes \(labels.joined(separator: ", ")), and this data has \(others.joined(separator: ", "))"
            )
        }
    }
}
