internal import Descent

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the ranks of a run must have in common: other data or settings on one of them would train rubbish, or end in ranks
/// that wait for each other for ever.
enum RankAgreement {
    private struct Fact {
        var name: String
        var value: String
        var code: Failure.Code = .usage
    }

    /// Compares what decides which way a run takes, before it takes one.
    static func checkArguments(files: [String], _ communicator: any Communicator) throws {
        guard !communicator.isAlone else { return }
        var facts = [
            Fact(name: "the version of Descent", value: descentVersion),
            Fact(name: "the BLAS kernel", value: BLAS.kernel),
            Fact(name: "the command line", value: commonArguments.joined(separator: " ")),
        ]
        facts += files.map {
            Fact(name: "the size of \($0)", value: size(of: $0).map { "\($0) bytes" } ?? "unknown", code: .badData)
        }
        try check(facts, communicator)
    }

    /// Compares what the first step begins with.
    static func check(_ training: Training, _ identity: RunIdentity, _ communicator: any Communicator) throws {
        guard !communicator.isAlone else { return }
        try check(
            [
                Fact(name: "the number of training rows", value: "\(identity.rowCount)", code: .badData),
                Fact(
                    name: "the fingerprint of the training data", value: identity.dataFingerprint, code: .badData),
                Fact(name: "the settings", value: identity.settings.text),
                Fact(name: "the step to begin with", value: "\(training.step)", code: .badData),
                Fact(name: "the checksum of the weights", value: checksum(training.parameters), code: .badData),
            ], communicator)
    }

    /// - Throws: on the first rank that differs what differs, and `FailureOfOtherRank` on the others.
    private static func check(_ facts: [Fact], _ communicator: any Communicator) throws {
        let own = JSONValue.array(facts.map { .string($0.value) })
        let all = communicator.gather(own.text)
        guard let rank = all.firstIndex(where: { $0 != all[0] }) else { return }
        guard rank == communicator.rank else { throw FailureOfOtherRank(rank: rank) }
        guard case .array(let expected) = try JSONValue(parsing: all[0]) else { throw FailureOfOtherRank(rank: 0) }
        for (fact, expected) in zip(facts, expected) where fact.value != expected.string {
            throw Failure(fact.code, "\(fact.name) is \(fact.value) here, and \(expected.string ?? "none") on rank 0")
        }
    }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// The arguments that must be the same; how many workers a rank has is its own affair.
    private static var commonArguments: [String] {
        var arguments: [String] = []
        var isWorkers = false
        for argument in CommandLine.arguments.dropFirst() {
            if !isWorkers, argument != "--workers", !argument.hasPrefix("--workers=") { arguments.append(argument) }
            isWorkers = argument == "--workers"
        }
        return arguments
    }

    /// FNV-1a over the bits of all parameters.
    private static func checksum(_ parameters: Parameters) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for slice in parameters.layout.slices {
            for value in parameters.elements(of: slice) {
                hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
            }
        }
        return String(hash, radix: 16)
    }
}
