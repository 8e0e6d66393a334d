internal import HDF5

/// A dataset of records (a compound type), each field a column, as ntuples and PyTables' tables are stored.
extension HDF5Layout {
    /// - Parameter prefix: What the names of the columns begin with, where the fields' own could be met twice.
    mutating func appendRecords(
        _ dataset: Dataset, role: HDF5Block.Role, prefix: String? = nil
    ) throws(TableError) {
        let matrix = try matrix(dataset)
        let parts = try reading(dataset.path) { () throws(HDF5Error) in try dataset.parts }
        var omitted: [String] = []
        var names: Set<String> = []
        for part in parts {
            guard HDF5Block.Content(part) != nil, part.count > 0 else {
                omitted.append(part.name)
                continue
            }
            guard names.insert(part.name).inserted else {
                throw failure(dataset.path, "it has two fields named '\(part.name)': give each a name of its own")
            }
            try append(
                matrix, part, role: role, name: prefix.map { "\($0)_\(part.name)" } ?? part.name)
        }
        guard omitted.count < parts.count else {
            throw failure(dataset.path, "its records have no field of numbers or strings; \(inventory)")
        }
        noteOmitted(omitted, because: "neither numbers nor strings")
    }
}
