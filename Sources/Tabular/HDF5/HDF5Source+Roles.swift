internal import HDF5

extension HDF5Source {
    /// The datasets say which columns are features, targets and weights; the columns of a group do not.
    public var knownRoles: KnownRoles {
        guard let features = blocks.first(where: { $0.role == .features }) else { return .none }
        return KnownRoles(
            features: featureColumns, targets: targetColumns, weight: weightColumn,
            featuresAreBytes: features.part.type.isUnsignedByte)
    }
}

extension ElementType {
    fileprivate var isUnsignedByte: Bool {
        if case .integer(bytes: 1, signed: false, _) = self { true } else { false }
    }
}
