/// A number with the name that Keras gives it: `loss`, `accuracy`, `val_loss`.
public struct Metric: Sendable, Hashable, Codable {
    public var name: String
    public var value: Double

    public init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }

    /// Whether more is better.
    public var increases: Bool {
        let stem = name.split(separator: "_", maxSplits: 1).first.map(String.init) ?? name
        let bare = ["val", "test"].contains(stem) ? String(name.dropFirst(stem.count + 1)) : name
        return ["accuracy", "top_5_accuracy", "auc", "precision", "recall", "f1", "r2"].contains(bare)
    }
}

/// What one epoch came to. In a file it has no times: they differ from run to run, and equal runs write equal bytes.
public struct EpochRecord: Sendable, Hashable, Codable {
    /// From 1.
    public var epoch: Int
    /// Of the training pass, then of the held-out rows with the prefix `val_`.
    public var metrics: [Metric]
    /// Of the epoch's last step.
    public var learningRate: Double
    /// Of the training pass alone.
    public var seconds: Double
    public var samplesPerSecond: Double

    public init(epoch: Int, metrics: [Metric], learningRate: Double, seconds: Double, samplesPerSecond: Double) {
        self.epoch = epoch
        self.metrics = metrics
        self.learningRate = learningRate
        self.seconds = seconds
        self.samplesPerSecond = samplesPerSecond
    }

    /// The value of a metric.
    public subscript(name: String) -> Double? {
        metrics.first { $0.name == name }?.value
    }
}

extension EpochRecord {
    private enum CodingKeys: String, CodingKey {
        case epoch
        case metrics
        case learningRate
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            epoch: try container.decode(Int.self, forKey: .epoch),
            metrics: try container.decode([Metric].self, forKey: .metrics),
            learningRate: try container.decode(Double.self, forKey: .learningRate), seconds: 0, samplesPerSecond: 0)
    }
}

extension EpochRecord: CustomStringConvertible {
    public var description: String {
        "epoch \(epoch): " + metrics.map { "\($0.name) \(Float($0.value))" }.joined(separator: ", ")
    }
}
