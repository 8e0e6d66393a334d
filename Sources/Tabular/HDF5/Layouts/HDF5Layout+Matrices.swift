internal import HDF5

/// Features, targets and weights as a dataset each, with as many rows.
extension HDF5Layout {
    mutating func appendMatrices(features: String, targets: String?, weights: String?) throws(TableError) {
        let parts: [(role: HDF5Block.Role, path: String?)] = [
            (.features, features), (.targets, targets), (.weights, weights),
        ]
        let names = Self.columnNames(for: parts.compactMap(\.path))
        var index = 0
        for part in parts {
            guard let path = part.path else { continue }
            try append(path, part.role, name: names[index])
            index += 1
        }
    }

    private mutating func append(_ path: String, _ role: HDF5Block.Role, name: String) throws(TableError) {
        let dataset = try dataset(path)
        try checkMATLAB(dataset)
        if case .compound = dataset.elementType {
            try appendRecords(dataset, role: role, prefix: role == .features ? nil : name)
            return
        }
        var matrix = try matrix(dataset)
        if role != .features, let rows = blocks.first?.matrix.rowCount, let turned = matrix.turned(toRows: rows) {
            matrix = turned
        }
        let elementParts = try reading(path) { () throws(HDF5Error) in try dataset.parts }
        for part in elementParts { try append(matrix, part, role: role, name: name) }
        if let note = Self.note(on: matrix) { self.note(note) }
    }

    private static func note(on matrix: HDF5Matrix) -> String? {
        let dataset = matrix.dataset
        let text = dataset.shape.map(String.init).joined(separator: " x ")
        if matrix.rowAxis > 0 {
            return
                "\(dataset.path) of shape \(text) was stored by MATLAB, column by column: taken as \(matrix.rowCount) "
                + "rows of \(matrix.columnCount)"
        }
        guard dataset.shape.count > 1, matrix.columnCount == 1 || dataset.shape.count > 2 else { return nil }
        if matrix.columnCount == 1 { return "\(dataset.path) of shape \(text) is taken as one column" }
        return "\(dataset.path) of shape \(text) is flattened to \(matrix.columnCount) columns"
    }

    /// The last components of the paths, or the whole paths where those do not tell the datasets apart.
    private static func columnNames(for paths: [String]) -> [String] {
        let parts = paths.map { $0.split(separator: "/") }
        let names = parts.map { $0.last.map(String.init) ?? "/" }
        guard Set(names).count < names.count else { return names }
        return parts.map { $0.joined(separator: "/") }
    }
}
