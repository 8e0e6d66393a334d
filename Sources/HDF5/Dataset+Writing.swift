internal import CHDF5

/// Writing numbers and strings into a dataset that exists.
extension Dataset {
    /// Writes all elements, row by row.
    ///
    /// - Precondition: There are exactly `elementCount` values.
    public func write<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
        try values.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in try write(buffer) }
    }

    /// Writes all elements, row by row.
    ///
    /// - Precondition: There are exactly `elementCount` values.
    public func write<Element: HDF5Element>(_ values: UnsafeBufferPointer<Element>) throws(HDF5Error) {
        try writeRows(0..<rowCount, from: values)
    }

    /// Writes some rows, each with all its elements.
    ///
    /// - Precondition: The dataset has `rows`, and `values` are exactly their elements.
    public func writeRows<Element: HDF5Element>(
        _ rows: Range<Int>, from values: UnsafeBufferPointer<Element>
    ) throws(HDF5Error) {
        let count = rows.count * rowElementCount
        precondition(values.count == count, "\(rows.count) rows of \(path) take \(count) values, not \(values.count)")
        let operation = Operation("write the dataset", on: object.location)
        guard elementType.isNumeric else {
            throw operation.refusal(.wrongObject, "it is of type \(elementType), not a number")
        }
        guard let start = values.baseAddress, count > 0 else { return }
        let fileSpace = try selection(rows, operation)
        let memorySpace = try memorySpace(rows, operation)
        try operation.call("H5Dwrite") {
            H5Dwrite(
                object.handle.id, Element.elementKind.memoryType, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(),
                start)
        }
    }

    /// Writes all strings, row by row.
    ///
    /// - Precondition: There are exactly `elementCount` values.
    public func write(_ values: [String]) throws(HDF5Error) {
        try writeRows(0..<rowCount, from: values)
    }

    /// Writes the strings of some rows.
    ///
    /// - Precondition: The dataset has `rows`, and `values` are exactly their elements.
    public func writeRows(_ rows: Range<Int>, from values: [String]) throws(HDF5Error) {
        let count = rows.count * rowElementCount
        precondition(values.count == count, "\(rows.count) rows of \(path) take \(count) values, not \(values.count)")
        let operation = Operation("write the dataset", on: object.location)
        guard case .variableString(let encoding) = elementType else {
            throw operation.refusal(.wrongObject, "it is of type \(elementType), not a variable-length string")
        }
        guard count > 0 else { return }
        let type = try operation.variableStringType(encoding)
        let fileSpace = try selection(rows, operation)
        let memorySpace = try memorySpace(rows, operation)
        try operation.writeStrings(values, "H5Dwrite") {
            H5Dwrite(object.handle.id, type.id, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(), $0)
        }
    }
}
