internal import CHDF5

/// Reading numbers and strings.
extension Dataset {
    /// All elements, row by row.
    public func read<Element: HDF5Element>(as _: Element.Type = Element.self) throws(HDF5Error) -> [Element] {
        try checkNumbers(reading, Element.self)
        return try array(count: elementCount) { (buffer) throws(HDF5Error) in try read(into: buffer) }
    }

    /// All elements, row by row.
    ///
    /// - Precondition: `buffer` holds exactly `elementCount` elements.
    public func read<Element: HDF5Element>(into buffer: UnsafeMutableBufferPointer<Element>) throws(HDF5Error) {
        precondition(buffer.count == elementCount, "\(elementCount) elements do not fit a buffer of \(buffer.count)")
        let operation = reading
        try checkNumbers(operation, Element.self)
        guard let start = buffer.baseAddress, elementCount > 0 else { return }
        try checkChunks(operation)
        clear(buffer)
        try operation.call("H5Dread") {
            H5Dread(
                object.handle.id, Element.elementKind.memoryType, CHDF5_H5S_ALL(), CHDF5_H5S_ALL(),
                CHDF5_H5P_DEFAULT(), start)
        }
    }

    /// Some rows, each with all its elements.
    ///
    /// - Precondition: The dataset has `rows`, and `buffer` holds exactly their elements.
    public func readRows<Element: HDF5Element>(
        _ rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Element>
    ) throws(HDF5Error) {
        let count = rows.count * rowElementCount
        precondition(buffer.count == count, "\(count) elements do not fit a buffer of \(buffer.count)")
        let operation = reading
        try checkNumbers(operation, Element.self)
        guard let start = buffer.baseAddress, count > 0 else { return }
        clear(buffer)
        let fileSpace = try selection(rows, operation)
        let memorySpace = try memorySpace(rows, operation)
        try operation.call("H5Dread") {
            H5Dread(
                object.handle.id, Element.elementKind.memoryType, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(),
                start)
        }
    }

    /// Some rows, each with all its elements.
    ///
    /// - Precondition: The dataset has `rows`.
    public func readRows<Element: HDF5Element>(
        _ rows: Range<Int>, as _: Element.Type = Element.self
    ) throws(HDF5Error) -> [Element] {
        try checkNumbers(reading, Element.self)
        return try array(count: rows.count * rowElementCount) { (buffer) throws(HDF5Error) in
            try readRows(rows, into: buffer)
        }
    }

    /// The strings of all rows, or of some.
    ///
    /// - Parameter field: The field of a record to read.
    /// - Precondition: The dataset has `rows`.
    public func readStrings(rows: Range<Int>? = nil, field: ElementPart? = nil) throws(HDF5Error) -> [String] {
        let operation = reading
        let stringType = field?.type ?? elementType
        guard stringType.isString else {
            throw operation.refusal(.wrongObject, "it is of type \(stringType), not a string")
        }
        try checkReadable(operation)
        let rows = rows ?? 0..<rowCount
        let count = rows.count * rowElementCount
        guard count > 0 else { return [] }
        try checkChunks(operation)
        let fileSpace = try selection(rows, operation)
        let memorySpace = try memorySpace(rows, operation)
        let fieldName = field?.name ?? ""
        return try operation.readStrings(count: count, type: stringType, "H5Dread") { type, buffer in
            guard !fieldName.isEmpty else {
                return H5Dread(object.handle.id, type, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(), buffer)
            }
            // A record of nothing but the field: the library picks it by its name.
            let record = H5Tcreate(H5T_COMPOUND, H5Tget_size(type))
            defer { _ = H5Tclose(record) }
            guard H5Tinsert(record, fieldName, 0, type) >= 0 else { return -1 }
            return H5Dread(object.handle.id, record, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(), buffer)
        }
    }

    private func checkNumbers<Element: HDF5Element>(
        _ operation: Operation, _: Element.Type
    ) throws(HDF5Error) {
        guard elementType.isNumeric else {
            throw operation.refusal(.wrongObject, "it is of type \(elementType), not a number")
        }
        try checkReadable(operation, memoryElementBytes: MemoryLayout<Element>.stride)
    }

    /// The library leaves a buffer as it is where nothing was stored and the file asks for no fill value.
    private func clear(_ buffer: UnsafeMutableBufferPointer<some HDF5Element>) {
        UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// An array that `fill` initialises as a whole.
    private func array<Element: HDF5Element>(
        count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(HDF5Error) -> Void
    ) throws(HDF5Error) -> [Element] {
        var failure: HDF5Error?
        let values = [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            do throws(HDF5Error) {
                try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initializedCount = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }

    /// The rows as a selection of the dataset's own dataspace.
    func selection(_ rows: Range<Int>, _ operation: Operation) throws(HDF5Error) -> Handle {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= rowCount, "\(path) has \(rowCount) rows, not \(rows)")
        let space = try operation.open("H5Dget_space", .dataspace) { H5Dget_space(object.handle.id) }
        // A scalar is its one row.
        guard !shape.isEmpty else { return space }
        var start = [hsize_t](repeating: 0, count: shape.count)
        var count = shape.map(hsize_t.init)
        start[0] = hsize_t(rows.lowerBound)
        count[0] = hsize_t(rows.count)
        try operation.call("H5Sselect_hyperslab") {
            H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
        }
        return space
    }

    /// The dataspace of a buffer for the rows. It has the rank of the dataset: with any other the library walks chunked
    /// data element by element.
    func memorySpace(_ rows: Range<Int>, _ operation: Operation) throws(HDF5Error) -> Handle {
        try operation.dataspace([rows.count] + shape.dropFirst())
    }
}
