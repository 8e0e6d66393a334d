/// A loss, an activation or a gradient that is not finite: training stopped before it could reach the weights.
public struct NumericalFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was not finite.
    public enum Place: Sendable, Hashable {
        case input
        case output(layer: String)
        case loss
        case gradient(layer: String)
        /// The sum over the rows of a batch, each of which was finite; `nil` where a penalty made it overflow.
        case gradientSum(path: String?)
        /// After an epoch's last step, found by the validation or by looking at the weights themselves.
        case validationLoss
        case parameter(path: String)
    }

    /// A step that was taken before.
    public struct RecentStep: Sendable, Hashable {
        /// The step of the run, from 1.
        public var step: Int
        /// The mean over the rows of its batch.
        public var loss: Double
        /// Of the gradients of all parameters together, before clipping.
        public var gradientNorm: Double
    }

    /// The epoch, from 1.
    public let epoch: Int
    /// The step of the run, from 1.
    public let step: Int
    public let place: Place
    /// The offending rows of the table, from 0, in the order of their visit; empty where only a sum over rows overflowed.
    public let rows: [Int]
    public let learningRate: Double
    /// The last steps before this one, up to seven.
    public let recentSteps: [RecentStep]
    /// Of all weights together, as they stood.
    public let weightNorm: Double

    /// The layer, where one is to blame.
    public var layer: String? {
        switch place {
        case .output(let layer), .gradient(let layer): layer
        case .gradientSum(let path): path?.split(separator: "/").first.map(String.init)
        case .parameter(let path): path.split(separator: "/").first.map(String.init)
        case .input, .loss, .validationLoss: nil
        }
    }

    /// The tensor, as people call it.
    public var tensor: String {
        switch place {
        case .input: "a feature"
        case .output(let layer): "the output of layer '\(layer)'"
        case .loss: "the loss"
        case .gradient(let layer): "the gradient at layer '\(layer)'"
        case .gradientSum(let path):
            "the sum of the gradients over the batch" + (path.map { " for the parameter '\($0)'" } ?? "")
        case .validationLoss: "the loss of the held-out rows"
        case .parameter(let path): "a number of the parameter '\(path)'"
        }
    }

    /// Whether another learning rate could have avoided it: the data is as it is.
    public var isCausedByData: Bool { place == .input }

    public var description: String {
        var text = "Training stopped in epoch \(epoch), step \(step): \(tensor) is not a finite number"
        if !rows.isEmpty {
            let shown = rows.prefix(5).map(String.init).joined(separator: ", ")
            let more = rows.count > 5 ? " and \(rows.count - 5) more" : ""
            text += ", in row\(rows.count == 1 ? "" : "s") \(shown)\(more) of the data (from 0)"
        }
        text += ". The learning rate was \(learningRate), the norm of the weights \(Float(weightNorm))"
        if !recentSteps.isEmpty {
            let steps = recentSteps.suffix(4).map {
                "step \($0.step) loss \(Float($0.loss)), gradient norm \(Float($0.gradientNorm))"
            }
            text += "; before: " + steps.joined(separator: "; ")
        }
        return text + ". Try a smaller rate, --clip-norm 1, or --scale standard."
    }
}
