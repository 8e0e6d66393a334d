internal import HDF5

/// What decides the weights of a run beside its network: equal identities and networks give equal bytes.
public struct RunIdentity: Sendable, Hashable {
    /// The settings, all of them resolved. What does not decide the weights (workers, paths of logs) is not among them.
    public var settings: JSONValue
    /// The key of every random number.
    public var seed: UInt64
    /// Whether every epoch visits the rows in an order of its own.
    public var shuffles: Bool
    /// Tells the training rows from others.
    public var dataFingerprint: String
    /// The rows to train on.
    public var rowCount: Int
    /// The kernel family of the BLAS library.
    public var blasKernel: String
    /// The version of Descent.
    public var version: String

    public init(
        settings: JSONValue, seed: UInt64, shuffles: Bool, dataFingerprint: String, rowCount: Int, blasKernel: String,
        version: String
    ) {
        self.settings = settings
        self.seed = seed
        self.shuffles = shuffles
        self.dataFingerprint = dataFingerprint
        self.rowCount = rowCount
        self.blasKernel = blasKernel
        self.version = version
    }

    /// Something in which two runs differ.
    public struct Difference: Sendable, Hashable, CustomStringConvertible {
        public enum Kind: Sendable, Hashable {
            case data
            case settings
            /// The results then agree up to rounding, not bit by bit.
            case kernel
            case version
        }

        public var kind: Kind
        public var description: String
    }

    /// In what a run differs from the one that wrote a checkpoint, as sentences.
    ///
    /// - Parameter written: the identity in the checkpoint.
    public func differences(from written: RunIdentity) -> [Difference] {
        var differences: [Difference] = []
        func compare(_ kind: Difference.Kind, _ name: String, _ now: String, _ before: String) {
            guard now != before else { return }
            differences.append(
                Difference(kind: kind, description: "\(name) is \(now), and was \(before) in the checkpoint"))
        }
        compare(.data, "the number of training rows", "\(rowCount)", "\(written.rowCount)")
        if rowCount == written.rowCount {
            compare(
                .data, "the fingerprint of the training rows (their values, order and preparation)", dataFingerprint,
                written.dataFingerprint)
        }
        let now = settings.leaves
        let before = written.settings.leaves
        for name in Set(now.keys).union(before.keys).sorted() {
            compare(.settings, "the setting \(name)", now[name] ?? "not there", before[name] ?? "not there")
        }
        // Usually among the settings as well; a library's user may keep them elsewhere.
        if now["seed"] == nil { compare(.settings, "the seed", "\(seed)", "\(written.seed)") }
        if now["shuffle"] == nil { compare(.settings, "shuffling", "\(shuffles)", "\(written.shuffles)") }
        compare(.kernel, "the BLAS kernel", blasKernel, written.blasKernel)
        compare(.version, "the version of Descent", version, written.version)
        return differences
    }
}

extension JSONValue {
    /// Every value that is no object, under its path: `optimizer.learning_rate`.
    var leaves: [String: String] {
        guard case .object(let members) = self else { return ["": text] }
        var leaves: [String: String] = [:]
        for (name, member) in members {
            for (path, text) in member.leaves { leaves[path.isEmpty ? name : "\(name).\(path)"] = text }
        }
        return leaves
    }
}

/// In a file, attributes of `/descent/state`.
extension RunIdentity {
    func write(into group: Group) throws {
        let attributes = group.attributes
        try attributes.write(settings.text, to: "settings")
        try attributes.write(seed, to: "seed")
        try attributes.write(Int64(shuffles ? 1 : 0), to: "shuffles")
        try attributes.write(dataFingerprint, to: "data_fingerprint")
        try attributes.write(Int64(rowCount), to: "data_rows")
        try attributes.write(blasKernel, to: "blas_kernel")
        try attributes.write(version, to: "version")
    }

    init(from group: Group) throws {
        let attributes = group.attributes
        self.init(
            settings: try JSONValue(parsing: attributes.string("settings")),
            seed: try attributes.number("seed", as: UInt64.self),
            shuffles: try attributes.number("shuffles", as: Int64.self) != 0,
            dataFingerprint: try attributes.string("data_fingerprint"),
            rowCount: Int(try attributes.number("data_rows", as: Int64.self)),
            blasKernel: try attributes.string("blas_kernel"), version: try attributes.string("version"))
    }
}
