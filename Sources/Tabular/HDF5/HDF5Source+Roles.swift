extension HDF5Source {
    /// The datasets say which columns are features, targets and weights; the columns of a group do not.
    public var knownRoles: KnownRoles {
        guard !featureColumns.isEmpty else { return .none }
        return KnownRoles(features: featureColumns, targets: targetColumns, weight: weightColumn)
    }
}
