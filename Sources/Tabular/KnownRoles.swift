/// What a source itself knows of the roles of its columns: an HDF5 pair `/x` and `/y` says what is what, a CSV does not.
public struct KnownRoles: Sendable, Equatable {
    /// The columns of the feature matrix; `nil`: all that are nothing else.
    public var features: Range<Int>?
    /// The columns of the target dataset.
    public var targets: Range<Int>
    /// The column of the weight dataset.
    public var weight: Int?
    /// Whether the features are one matrix of unsigned bytes: pixels, which share one unit.
    public var featuresAreBytes: Bool

    public init(
        features: Range<Int>? = nil, targets: Range<Int> = 0..<0, weight: Int? = nil, featuresAreBytes: Bool = false
    ) {
        self.features = features
        self.targets = targets
        self.weight = weight
        self.featuresAreBytes = featuresAreBytes
    }

    /// Nothing is known.
    public static let none = KnownRoles()
}

extension TableSource {
    public var knownRoles: KnownRoles { .none }

    public var notes: [String] { [] }

    public var deliversTimes: Bool { false }

    public var putsAsideBadRows: Bool { false }

    public func profile(
        keepingUpTo byteLimit: Int
    ) throws(TableError) -> (profile: TableProfile, rows: any TableSource) {
        (try profile(), self)
    }
}
