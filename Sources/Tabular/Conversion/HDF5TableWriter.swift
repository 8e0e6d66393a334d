internal import Dispatch
internal import HDF5
internal import LinearAlgebra

/// Writes a table to HDF5, as many rows at a time as a chunk has.
struct HDF5TableWriter: TableWriter {
    /// A dataset, and the chunk of it that is being filled.
    fileprivate struct Target: Sendable {
        let piece: StorageLayout.Piece
        let values: [ColumnValues]
        let writer: ChunkWriter
        let bytes: SharedBuffer<UInt8>
    }

    let selection: ColumnSelection
    private let file: File
    /// The file as the user calls it.
    private let name: String
    private let plan: ConversionPlan
    private let chunkRows: Int
    private var targets: [Target] = []
    private var strings: [(values: ColumnValues, dataset: Dataset)] = []
    private var firstRow = 0
    /// The rows in the chunks that are being filled.
    private var filled = 0

    /// Creates the file with all its datasets, still empty; `name` is what messages call it.
    init(
        _ path: String, named name: String, _ plan: ConversionPlan, layout: StorageLayout, _ options: ConversionOptions
    ) throws(TableError) {
        self.name = name
        self.plan = plan
        chunkRows = layout.chunkRows
        var selection = ColumnSelection()
        do {
            file = try File(creating: path)
            for piece in layout.pieces {
                let width = piece.contents.count
                let dataset = try file.root.createDataset(
                    piece.path, shape: [plan.rowCount] + (piece.isVector ? [] : [width]), kind: piece.kind,
                    options: DatasetOptions(
                        chunkShape: [chunkRows] + (piece.isVector ? [] : [width]), deflate: options.deflate,
                        shuffle: options.deflate != nil && piece.kind.byteCount > 1))
                let values = piece.contents.map { ColumnValues($0, plan, &selection) }
                let writer = ChunkWriter(dataset)
                targets.append(
                    Target(
                        piece: piece, values: values, writer: writer,
                        bytes: SharedBuffer(count: writer.chunkByteCount)))
            }
            for (column, path) in layout.strings {
                let dataset = try file.root.createStringDataset(
                    path, rowCount: plan.rowCount, options: DatasetOptions(chunkShape: [chunkRows]))
                strings.append((ColumnValues(textsOf: column, &selection), dataset))
            }
            try Self.list(plan, layout, in: file.root)
        } catch {
            throw TableError(error, writing: name)
        }
        self.selection = selection
    }

    /// Tells names, order and levels.
    private static func list(_ plan: ConversionPlan, _ layout: StorageLayout, in root: Group) throws(HDF5Error) {
        guard let places = layout.places else { return }
        // It is there where texts of numbers are.
        let group =
            try root.contains(StoredTable.group)
            ? try root.group(StoredTable.group) : try root.createGroup(StoredTable.group)
        try group.attributes.write(StoredTable.version, to: "version")
        let count = places.count
        try root.createDataset(StoredTable.names, shape: [count], values: plan.columns.map(\.name))
        try root.createDataset(StoredTable.datasets, shape: [count], values: places.map(\.path))
        try root.createDataset(StoredTable.positions, shape: [count], values: places.map { Int64($0.position) })
        for (index, column) in plan.columns.enumerated() {
            var levels = column.texts
            if case .levels(let own) = column.form {
                levels = own
                let attributes = try root.dataset(places[index].path).attributes
                try attributes.write(Int64(RowChunk.missing), to: "_FillValue")
                try attributes.write("/\(StoredTable.group)/\(StoredTable.levels)/\(index)", to: "levels")
            }
            guard let levels else { continue }
            try group.createDataset("\(StoredTable.levels)/\(index)", shape: [levels.count], values: levels)
        }
    }

    mutating func append(_ chunk: borrowing RowChunk) throws(TableError) {
        guard firstRow + filled + chunk.rowCount <= plan.rowCount else { throw plan.changedFile }
        var done = 0
        while done < chunk.rowCount {
            let rows = done..<min(chunk.rowCount, done + chunkRows - filled)
            for target in targets {
                try fill(target, with: chunk, rows: rows)
            }
            filled += rows.count
            done = rows.upperBound
            if filled == chunkRows { try flush() }
        }
        for (values, dataset) in strings {
            let texts = values.texts(of: chunk)
            do {
                try dataset.writeRows(chunk.firstRow..<chunk.firstRow + chunk.rowCount, from: texts)
            } catch {
                throw TableError(error, writing: name)
            }
        }
    }

    mutating func finish() throws(TableError) {
        if filled > 0 { try flush() }
        do {
            try file.close()
        } catch {
            throw TableError(error, writing: name)
        }
    }

    /// Stores the chunks, packed by all workers.
    private mutating func flush() throws(TableError) {
        let targets = targets
        let rows = filled
        let chunkRows = chunkRows
        let packed = targets.concurrentMap { target -> [UInt8] in
            let rowBytes = target.bytes.count / chunkRows
            // The last chunk reaches beyond the table.
            let rest = UnsafeMutableRawPointer(target.bytes.base + rows * rowBytes)
            rest.initializeMemory(as: UInt8.self, repeating: 0, count: (chunkRows - rows) * rowBytes)
            return target.writer.packed(UnsafeRawBufferPointer(start: target.bytes.base, count: target.bytes.count))
        }
        for (target, bytes) in zip(targets, packed) {
            do {
                try target.writer.write(bytes, at: [firstRow] + (target.piece.isVector ? [] : [0]))
            } catch {
                throw TableError(error, writing: name)
            }
        }
        firstRow += rows
        filled = 0
    }

    private func fill(
        _ target: Target, with chunk: borrowing RowChunk, rows: Range<Int>
    ) throws(TableError) {
        let base = UnsafeMutableRawPointer(target.bytes.base)
        let isStored =
            switch target.piece.kind {
            case .float: target.fill(base.assumingMemoryBound(to: Float.self), filled, chunk, rows)
            case .double: target.fill(base.assumingMemoryBound(to: Double.self), filled, chunk, rows)
            case .int8: target.fill(base.assumingMemoryBound(to: Int8.self), filled, chunk, rows)
            case .int16: target.fill(base.assumingMemoryBound(to: Int16.self), filled, chunk, rows)
            case .int32: target.fill(base.assumingMemoryBound(to: Int32.self), filled, chunk, rows)
            case .int64: target.fill(base.assumingMemoryBound(to: Int64.self), filled, chunk, rows)
            case .uint8: target.fill(base.assumingMemoryBound(to: UInt8.self), filled, chunk, rows)
            case .uint16: target.fill(base.assumingMemoryBound(to: UInt16.self), filled, chunk, rows)
            case .uint32: target.fill(base.assumingMemoryBound(to: UInt32.self), filled, chunk, rows)
            case .uint64: target.fill(base.assumingMemoryBound(to: UInt64.self), filled, chunk, rows)
            }
        guard isStored else { throw plan.changedFile }
    }
}

extension HDF5TableWriter.Target {
    /// Stores floating-point numbers.
    @inline(__always)
    fileprivate func fill<Value: BinaryFloatingPoint>(
        _ base: UnsafeMutablePointer<Value>, _ filled: Int, _ chunk: borrowing RowChunk, _ rows: Range<Int>
    ) -> Bool {
        for (position, values) in values.enumerated() {
            var next = base + filled * self.values.count + position
            guard
                values.forEachNumber(
                    of: chunk, rows,
                    { (number: Double) in
                        next.pointee = Value(number)
                        next += self.values.count
                        return true
                    })
            else { return false }
        }
        return true
    }

    /// Stores whole numbers; `false` for one that is none of the type, which the profile has ruled out.
    @inline(__always)
    fileprivate func fill<Value: FixedWidthInteger>(
        _ base: UnsafeMutablePointer<Value>, _ filled: Int, _ chunk: borrowing RowChunk, _ rows: Range<Int>
    ) -> Bool {
        for (position, values) in values.enumerated() {
            var next = base + filled * self.values.count + position
            guard
                values.forEachInteger(
                    of: chunk, rows,
                    { (number: Value?) in
                        guard let number else { return false }
                        next.pointee = number.littleEndian
                        next += self.values.count
                        return true
                    })
            else { return false }
        }
        return true
    }
}

extension TableError {
    /// A failure of the library to write.
    init(_ error: HDF5Error, writing file: String) {
        self.init(.inputOutput, file: file, "cannot \(error.operation): \(error.reason)")
    }
}
