internal import HDF5

/// A table that a conversion by this package laid out (`StoredTable`).
extension HDF5Layout {
    mutating func appendStoredColumns() throws(TableError) {
        let place = "/" + StoredTable.group
        let root = file.root
        let (version, names, paths, positions) = try reading(place) { () throws(HDF5Error) in
            (
                try root.group(StoredTable.group).attributes.number("version", as: Int64.self),
                try root.dataset(StoredTable.names).readStrings(), try root.dataset(StoredTable.datasets).readStrings(),
                try root.dataset(StoredTable.positions).read(as: Int64.self)
            )
        }
        guard version == StoredTable.version else {
            throw failure(
                place, "it is a table of version \(version), and this program knows \(StoredTable.version): update it")
        }
        guard !names.isEmpty, names.count == paths.count, names.count == positions.count,
            Set(names).count == names.count
        else {
            throw failure(
                place, "it does not list every column once, with its dataset: convert the table again")
        }
        let withLevels = try children(StoredTable.levels)
        let withTexts = try children(StoredTable.texts)
        var columns: [NamedColumn] = []
        var texts: [NamedColumn] = []
        for (index, name) in names.enumerated() {
            let key = String(index)
            let levels = try withLevels.contains(key) ? levels(of: key) : nil
            var column = try column(paths[index], name, at: positions[index])
            if withTexts.contains(key) {
                textColumns[index] = names.count + texts.count
                var text = try self.column("\(StoredTable.group)/\(StoredTable.texts)/\(key)", name, at: 0)
                text.categories = levels ?? []
                texts.append(text)
            } else {
                column.categories = levels
            }
            columns.append(column)
        }
        try append(columns)
        try append(texts)
    }

    private func column(_ path: String, _ name: String, at position: Int64) throws(TableError) -> NamedColumn {
        let dataset = try dataset(path)
        let matrix = HDF5Matrix(dataset)
        let parts = try reading(dataset.path) { () throws(HDF5Error) in try dataset.parts }
        guard parts.count == 1, parts[0].count == 1, (0..<Int64(matrix.columnCount)).contains(position) else {
            throw failure(
                dataset.path, "it has no column \(position) (from 0) of single values: convert the table again")
        }
        return NamedColumn(name: name, matrix: matrix, part: parts[0], index: Int(position))
    }

    private func levels(of key: String) throws(TableError) -> [String] {
        let path = "\(StoredTable.group)/\(StoredTable.levels)/\(key)"
        return try reading("/" + path) { () throws(HDF5Error) in try file.root.dataset(path).readStrings() }
    }

    private func children(_ name: String) throws(TableError) -> Set<String> {
        let path = "\(StoredTable.group)/\(name)"
        return try reading("/" + path) { () throws(HDF5Error) in
            try file.root.contains(path) ? Set(try file.root.group(path).childNames) : []
        }
    }
}
