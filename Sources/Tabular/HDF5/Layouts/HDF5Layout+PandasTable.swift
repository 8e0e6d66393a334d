internal import HDF5

/// A frame that pandas wrote with `format="table"`: records in the dataset `table`, whose fields are the index, arrays
/// with the columns of a type, and single columns where they were asked for (`data_columns`).
extension HDF5Layout {
    mutating func appendPandasTable(_ path: String) throws(TableError) {
        let group = try reading(path) { () throws(HDF5Error) in try file.root.group(path) }
        let dataset = try reading(path) { () throws(HDF5Error) in try group.dataset("table") }
        let parts = try reading(dataset.path) { () throws(HDF5Error) in try dataset.parts }
        let matrix = HDF5Matrix(dataset)
        var columns: [NamedColumn] = []
        for part in parts where part.name != "index" && HDF5Block.Content(part) != nil {
            let names = try names(of: part, in: dataset)
            let categories = try categories(of: part, dataset, group)
            for (index, name) in names.enumerated() {
                columns.append(
                    NamedColumn(name: name, matrix: matrix, part: part, index: index, categories: categories))
            }
        }
        if let order = try order(group) {
            let position = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let isKnown = columns.allSatisfy { position[$0.name] != nil }
            if isKnown { columns.sort { position[$0.name, default: 0] < position[$1.name, default: 0] } }
        }
        guard !columns.isEmpty else {
            throw failure(dataset.path, "it has no column of numbers or strings besides the index; \(inventory)")
        }
        try append(columns)
    }

    /// The names of the columns in a field: a pickled list.
    private func names(of part: ElementPart, in dataset: Dataset) throws(TableError) -> [String] {
        let pickled = try reading(dataset.path) { () throws(HDF5Error) in
            try dataset.attributes.contains(part.name + "_kind")
                ? try dataset.attributes.stringBytes(part.name + "_kind") : nil
        }
        if let pickled, let names = PickledNames.list(in: pickled), names.count == part.count { return names }
        return part.count == 1 ? [part.name] : (0..<part.count).map { "\(part.name)_\($0)" }
    }

    /// The names of all columns in the order of the frame: `[(1, [name, …])]`, pickled.
    private func order(_ group: Group) throws(TableError) -> [String]? {
        try reading(group.path) { () throws(HDF5Error) in
            guard try group.attributes.contains("non_index_axes") else { return nil }
            return PickledNames.list(in: try group.attributes.stringBytes("non_index_axes"))
        }
    }

    /// The texts that the codes of a categorical column stand for: a table of its own.
    private func categories(
        of part: ElementPart, _ dataset: Dataset, _ group: Group
    ) throws(TableError) -> [String]? {
        try reading(dataset.path) { () throws(HDF5Error) in
            let key = part.name + "_meta"
            guard try dataset.attributes.contains(key), try dataset.attributes.elementType(of: key).isString,
                try dataset.attributes.string(key) == "category"
            else { return nil }
            let levels = try group.dataset("meta/\(part.name)/meta/table")
            guard let values = try levels.parts.first(where: { $0.name.hasPrefix("values") }) else { return nil }
            if values.type.isString, values.count == 1 { return try levels.readStrings(field: values) }
            return try levels.readNumbers(of: values).map { $0.level(.float) }
        }
    }
}

extension Dataset {
    /// All numbers of a field, which is small.
    fileprivate func readNumbers(of part: ElementPart) throws(HDF5Error) -> [HDF5Number] {
        let reader = try TileReader(self, parts: [part], along: 0)
        var words: [UInt64] = []
        let workspace = TileWorkspace()
        for tile in reader.tiles(covering: 0..<rowCount) {
            let rows = min(tile.extents[0], rowCount - tile.origin[0])
            var piece = [UInt64](repeating: 0, count: rows * part.count)
            try reader.read(tile, workspace) { (bytes) throws(HDF5Error) in
                guard let start = bytes.baseAddress else { return }
                let grid = ValueGrid(
                    start: start + part.offset, rows: rows, values: part.count, rowStride: elementByteCount,
                    valueStride: part.stride)
                try part.decodeWords(grid, into: &piece, targetStride: part.count)
            }
            words += piece
        }
        return words.map { part.number($0) }
    }
}
