internal import HDF5

/// From the datasets chosen to the columns of a table, with all that must fit checked.
extension HDF5Choice {
    func blocks(of file: File, notes: inout [String]) throws(TableError) -> [HDF5Block] {
        switch self {
        case .matrices(let features, let targets, let weights):
            return try Self.matrices(
                file, [(.features, features), (.targets, targets), (.weights, weights)], notes: &notes)
        case .columnGroup(let path): return try Self.columns(file, path, notes: &notes)
        }
    }

    private static func matrices(
        _ file: File, _ parts: [(role: HDF5Block.Role, path: String?)], notes: inout [String]
    ) throws(TableError) -> [HDF5Block] {
        let paths = parts.compactMap(\.path)
        let names = columnNames(for: paths)
        var blocks: [HDF5Block] = []
        for part in parts {
            guard let path = part.path else { continue }
            let dataset = try dataset(path, file)
            try check(dataset, part.role, file)
            let block = try HDF5Block(
                dataset, role: part.role, name: names[blocks.count],
                firstColumn: blocks.last?.columns.upperBound ?? 0, file: file.path)
            if let first = blocks.first, first.dataset.rowCount != dataset.rowCount {
                throw mismatch(first.dataset, dataset, file)
            }
            if let note = note(on: block) { notes.append("\(file.path): \(note)") }
            blocks.append(block)
        }
        return blocks
    }

    private static func columns(
        _ file: File, _ path: String, notes: inout [String]
    ) throws(TableError) -> [HDF5Block] {
        var blocks: [HDF5Block] = []
        var omitted: [String] = []
        for (name, dataset) in try datasets(file, path) {
            guard isColumn(dataset) else {
                omitted.append("'\(name)'")
                continue
            }
            if let first = blocks.first, first.dataset.rowCount != dataset.rowCount {
                throw mismatch(first.dataset, dataset, file)
            }
            try check(dataset, .column, file)
            blocks.append(
                try HDF5Block(dataset, role: .column, name: name, firstColumn: blocks.count, file: file.path))
        }
        guard !blocks.isEmpty else {
            throw TableError(
                .badData, file: file.path, column: path,
                "this group holds no one-dimensional dataset of numbers or strings; " + HDF5Inventory(of: file).text)
        }
        if !omitted.isEmpty {
            notes.append("\(file.path): left out, because not a column: \(omitted.joined(separator: ", "))")
        }
        return blocks
    }

    /// The datasets that a group holds itself.
    private static func datasets(_ file: File, _ path: String) throws(TableError) -> [(String, Dataset)] {
        do {
            let group = try file.root.group(path)
            var datasets: [(String, Dataset)] = []
            for name in try group.childNames where try group.kind(of: name) == .dataset {
                datasets.append((name, try group.dataset(name)))
            }
            return datasets
        } catch {
            throw TableError(error, file: file.path, dataset: path)
        }
    }

    private static func dataset(_ path: String, _ file: File) throws(TableError) -> Dataset {
        do {
            return try file.root.dataset(path)
        } catch {
            var failure = TableError(error, file: file.path, dataset: path)
            if error.kind == .wrongObject {
                failure = TableError(
                    .badRequest, file: file.path, column: path,
                    "\(failure.message): choose other paths with --x PATH --y PATH; \(HDF5Inventory(of: file).text)")
            }
            throw failure
        }
    }

    private static func check(_ dataset: Dataset, _ role: HDF5Block.Role, _ file: File) throws(TableError) {
        func failure(_ message: String) -> TableError {
            TableError(
                .badData, file: file.path, column: dataset.path,
                "\(message): choose other datasets with --x PATH --y PATH; \(HDF5Inventory(of: file).text)")
        }
        guard !dataset.shape.isEmpty else { throw failure("it is a single value, and a table needs rows") }
        guard dataset.rowCount > 0 else { throw failure("it has no rows, and a table needs at least one") }
        guard dataset.rowElementCount > 0 else { throw failure("its rows are empty, and a table needs columns") }
        if role == .weights && dataset.rowElementCount > 1 {
            throw failure("it has \(dataset.rowElementCount) values per row, and a row has one weight")
        }
    }

    private static func mismatch(_ first: Dataset, _ second: Dataset, _ file: File) -> TableError {
        var remedy = "make the row counts equal, or choose other datasets with --x PATH --y PATH"
        if (try? first.attributes.contains("MATLAB_class")) == true {
            remedy = "MATLAB stores matrices transposed, store them with one column per row (x.') and save again"
        }
        return TableError(
            .badData, file: file.path, column: second.path,
            "it has \(second.rowCount) rows and \(first.path) has \(first.rowCount): \(remedy); "
                + HDF5Inventory(of: file).text)
    }

    private static func note(on block: HDF5Block) -> String? {
        let shape = block.dataset.shape
        guard shape.count > 1, block.width == 1 || shape.count > 2 else { return nil }
        let text = shape.map(String.init).joined(separator: " x ")
        if block.width == 1 { return "\(block.dataset.path) of shape \(text) is taken as one column" }
        return "\(block.dataset.path) of shape \(text) is flattened to \(block.width) columns"
    }

    /// The last components of the paths, or the whole paths where those do not tell the datasets apart.
    private static func columnNames(for paths: [String]) -> [String] {
        let parts = paths.map { $0.split(separator: "/") }
        let names = parts.map { $0.last.map(String.init) ?? "/" }
        guard Set(names).count < names.count else { return names }
        return parts.map { $0.joined(separator: "/") }
    }
}
