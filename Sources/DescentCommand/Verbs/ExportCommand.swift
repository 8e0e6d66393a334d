internal import ArgumentParser
internal import Descent

/// `descent export`.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a model as Keras keeps it.",
        discussion: """
            OUT.h5 is a whole model for Keras 2 and 3, OUT.weights.h5 weights for load_weights of both, OUT.keras a whole \
            model for Keras 3. Keras gets network and weights; it takes features encoded and scaled, as the network does. \
            Training goes on with the optimizer's moments in Keras 2 from OUT.h5, in Keras 3 from OUT.keras.
            """)

    @Argument(help: "The model file, Descent's or Keras'.")
    var model: String

    @Argument(help: ArgumentHelp("The file to write.", valueName: "out"))
    var output: String

    @OptionGroup var network: ModelNetworkArguments

    @Flag(help: "Leave out the optimizer's moments and loss, so that Keras opens a model that is not compiled.")
    var noOptimizer = false

    @Flag(help: "Print errors only.")
    var quiet = false

    func validate() throws {
        guard KerasFormat(path: output) != nil else {
            throw ValidationError("the file to write is named OUT.h5, OUT.weights.h5 or OUT.keras, not '\(output)'")
        }
    }

    func run() throws {
        guard let format = KerasFormat(path: output) else { return }
        try AtomicFile.check(output)
        let found = try network.newest(at: model)
        let model = found.value
        var state: OptimizerState?
        var stateNote: String?
        if !noOptimizer, format != .weights {
            do {
                state = try OptimizerState(contentsOf: found.path, of: model)
            } catch {
                stateNote = "without the optimizer: \(error)"
            }
        }
        let file = try AtomicFile(replacing: output)
        try file.write(
            try model.kerasImage(format, training: state.map { (optimizer: $0, loss: model.trainingLoss) }))
        try file.commit()
        guard !quiet else { return }
        if let note = found.note { printToStandardError("note: \(note)") }
        if let state {
            stateNote = "with the optimizer as it stood after step \(NumberFormat.grouped(state.step))"
            if [.halfSquaredError, .squaredError].contains(model.trainingLoss) {
                stateNote? += "; Keras does not have the loss: compile the model with another and its own optimizer"
            }
        }
        if let stateNote { printToStandardError("note: \(stateNote)") }
        if let schema = model.encoding?.schema {
            let inputs = NumberFormat.counted(schema.featureCount, "input")
            printToStandardError(
                "note: Keras takes the network's \(inputs) as they are after encoding and scaling, which stay in \(self.model)"
            )
        }
        printToStandardError("wrote \(output)")
    }
}

/// The network of a model file that holds weights alone.
struct ModelNetworkArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The network of a MODEL that holds weights alone: the JSON of model.to_json(). (default: the model's own)",
            valueName: "file"))
    var architecture: String?

    /// The model of a file or, where that is damaged, of the youngest before it.
    func newest(at path: String) throws -> Found<Model> {
        let network = try architecture.map { try Architecture(contentsOf: $0, weightsFollow: true) }
        return try Model.newest(at: path, architecture: network)
    }
}

extension Model {
    /// The loss with the label smoothing it was trained with.
    fileprivate var trainingLoss: Loss {
        let smoothing = Float(settings?["label_smoothing"]?.number ?? 0)
        return switch evaluationLoss {
        case .softmaxCrossEntropy: .softmaxCrossEntropy(labelSmoothing: smoothing)
        case .binaryCrossEntropy: .binaryCrossEntropy(labelSmoothing: smoothing)
        case let other: other
        }
    }
}
