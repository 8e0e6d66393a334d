internal import HDF5

/// A group whose one-dimensional datasets of equal length are the columns; a struct of column vectors is MATLAB's form.
extension HDF5Layout {
    mutating func appendColumns(of path: String) throws(TableError) {
        var omitted: [String] = []
        for (name, dataset) in try datasets(of: path) {
            guard dataset.isColumn else {
                omitted.append(name)
                continue
            }
            let matrix = try matrix(dataset)
            let part = try reading(dataset.path) { () throws(HDF5Error) in try dataset.parts }[0]
            try append(try isColumn(matrix, path), part, role: .column, name: name)
        }
        guard !blocks.isEmpty else {
            throw failure(path, "this group holds no one-dimensional dataset of numbers or strings; \(inventory)")
        }
        noteOmitted(omitted, because: "not a column")
        noteOmitted(try namesBeyondUTF8(path), because: "the name is not UTF-8")
    }

    private func namesBeyondUTF8(_ path: String) throws(TableError) -> [String] {
        try reading(path) { () throws(HDF5Error) in
            try file.root.group(path).childNames.filter { $0.unicodeScalars.contains("\u{FFFD}") }
        }
    }

    /// A vector is a column, whichever way it lies.
    private func isColumn(_ matrix: HDF5Matrix, _ path: String) throws(TableError) -> HDF5Matrix {
        matrix.turned(toRows: matrix.dataset.elementCount) ?? matrix
    }

    /// The datasets that a group holds itself.
    private func datasets(of path: String) throws(TableError) -> [(String, Dataset)] {
        try reading(path) { () throws(HDF5Error) in
            let group = try file.root.group(path)
            var datasets: [(String, Dataset)] = []
            for name in try group.childNames where try group.isDataset(name) {
                datasets.append((name, try group.dataset(name)))
            }
            return datasets
        }
    }
}

extension Dataset {
    /// Whether a dataset has the form of a column: one value per row, of a type that a table takes.
    var isColumn: Bool {
        guard !shape.isEmpty, shape.count(where: { $0 != 1 }) <= 1 else { return false }
        guard shape.dropFirst().allSatisfy({ $0 == 1 }) || (try? isByMATLAB) == true else { return false }
        guard let parts = try? parts, parts.count == 1, parts[0].name.isEmpty, parts[0].count == 1 else { return false }
        return HDF5Block.Content(parts[0]) != nil && (try? matlabFault) == .some(nil)
    }
}

extension Group {
    /// Whether a direct child is a dataset of this file, or of another that may be followed to.
    func isDataset(_ name: String) throws(HDF5Error) -> Bool {
        switch try kind(of: name) {
        case .dataset: true
        case .externalLink: (try? dataset(name)) != nil
        case .group, .namedDatatype, .softLink, .other: false
        }
    }
}
