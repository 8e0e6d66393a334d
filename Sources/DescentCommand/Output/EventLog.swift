internal import Descent
internal import SystemPackage

/// A JSONL log: one object per line, written out at once.
final class EventLog {
    private let descriptor: FileDescriptor
    private let path: String

    /// Creates the file, replacing what is there.
    ///
    /// - Parameter appends: Whether what is there stays, for a run that goes on.
    init(path: String, appends: Bool = false) throws {
        self.path = path
        do {
            descriptor = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: appends ? [.create, .append] : [.create, .truncate],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw Failure(.cannotCreate, "\(path) cannot be created: \(error)")
        }
    }

    deinit {
        try? descriptor.close()
    }

    func write(_ event: String, _ members: [String: JSONValue]) throws {
        var members = members
        members["event"] = .string(event)
        do {
            try descriptor.writeAll(Array((JSONValue.object(members).text + "\n").utf8))
        } catch {
            throw Failure(.inputOutput, "\(path) cannot be written: \(error)")
        }
    }
}

extension NumericalFailure {
    /// The members of the log's line.
    var logMembers: [String: JSONValue] {
        [
            "epoch": .number(Double(epoch)), "step": .number(Double(step)), "tensor": .string(tensor),
            "layer": layer.map { .string($0) } ?? .null, "rows": .array(rows.map { .number(Double($0)) }),
            "learning_rate": .number(learningRate), "weight_norm": .number(weightNorm),
            "recent_steps": .array(
                recentSteps.map { step in
                    [
                        "step": .number(Double(step.step)), "loss": .number(step.loss),
                        "gradient_norm": .number(step.gradientNorm),
                    ]
                }),
        ]
    }
}

extension EpochRecord {
    /// The members of the log's line.
    var logMembers: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "epoch": .number(Double(epoch)), "learning_rate": .number(learningRate), "seconds": .number(seconds),
            "samples_per_second": .number(samplesPerSecond),
        ]
        for metric in metrics { members[metric.name] = .number(metric.value) }
        return members
    }
}
