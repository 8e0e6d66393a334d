internal import HDF5

/// A frame that pandas wrote with `format="fixed"`: a matrix per type of column, the names of its columns beside it, and
/// `axis0` with the names of all in order.
extension HDF5Layout {
    mutating func appendPandasFixed(_ path: String) throws(TableError) {
        let group = try reading(path) { () throws(HDF5Error) in try file.root.group(path) }
        var columns: [String: NamedColumn] = [:]
        var pickled: [String] = []
        for index in 0..<(try blockCount(group)) {
            let names = try names(group, "block\(index)_items")
            let values = try reading(path) { () throws(HDF5Error) in try group.dataset("block\(index)_values") }
            let isPickled = try reading(path) { () throws(HDF5Error) in try values.attributes.contains("PSEUDOATOM") }
            guard !isPickled else {
                pickled += names
                continue
            }
            // Rows x columns, as pandas says by `transposed`: its own blocks lie the other way.
            let matrix = HDF5Matrix(values)
            guard matrix.columnCount == names.count else {
                throw failure(
                    values.path, "it has \(matrix.columnCount) columns and \(names.count) names: save the frame again")
            }
            let part = try reading(values.path) { () throws(HDF5Error) in try values.parts }[0]
            for (column, name) in names.enumerated() {
                columns[name] = NamedColumn(name: name, matrix: matrix, part: part, index: column)
            }
        }
        try append(try names(group, "axis0").compactMap { columns.removeValue(forKey: $0) })
        guard !blocks.isEmpty else {
            throw failure(
                path, "no column of this pandas frame can be read: save it with to_hdf(…, format=\"table\")")
        }
        noteOmitted(
            pickled,
            because:
                "pandas' fixed format pickles text, which only Python reads (save with format=\"table\" to keep it)")
    }

    private func blockCount(_ group: Group) throws(TableError) -> Int {
        let count = try reading(group.path) { () throws(HDF5Error) in
            try group.attributes.number("nblocks", as: Int64.self)
        }
        // pandas makes one block per type, and rarely more.
        guard (0...HDF5Block.widthLimit).contains(Int(clamping: count)) else {
            throw failure(group.path, "it declares \(count) blocks of columns: save the frame again")
        }
        return Int(count)
    }

    /// The names in a dataset of names, whatever they are to pandas.
    private func names(_ group: Group, _ name: String) throws(TableError) -> [String] {
        try reading(group.path) { () throws(HDF5Error) in
            let dataset = try group.dataset(name)
            guard dataset.elementType.isNumeric else { return try dataset.readStrings() }
            return try dataset.read(as: Int64.self).map(String.init)
        }
    }
}
