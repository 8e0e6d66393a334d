internal import CHDF5

/// Writing attributes. An existing one is replaced, whatever its type and shape.
extension Attributes {
    /// Writes one string, variable-length UTF-8.
    public func write(_ value: String, to name: String) throws(HDF5Error) {
        try write([value], shape: [], to: name)
    }

    /// Writes a list of strings, variable-length UTF-8; it may be empty.
    public func write(_ values: [String], to name: String) throws(HDF5Error) {
        try write(values, shape: [values.count], to: name)
    }

    /// Writes one number.
    public func write<Element: HDF5Element>(_ value: Element, to name: String) throws(HDF5Error) {
        try write([value], shape: [], to: name)
    }

    /// Writes a list of numbers; it may be empty.
    public func write<Element: HDF5Element>(_ values: [Element], to name: String) throws(HDF5Error) {
        try write(values, shape: [values.count], to: name)
    }

    private func write<Element: HDF5Element>(_ values: [Element], shape: [Int], to name: String) throws(HDF5Error) {
        let operation = writing(name)
        let handle = try create(name, shape: shape, operation) { Element.elementKind.fileType }
        guard !values.isEmpty else { return }
        try operation.call("H5Awrite") { H5Awrite(handle.id, Element.elementKind.memoryType, values) }
    }

    private func write(_ values: [String], shape: [Int], to name: String) throws(HDF5Error) {
        let operation = writing(name)
        let type = try operation.variableStringType(.utf8)
        let handle = try create(name, shape: shape, operation) { type.id }
        guard !values.isEmpty else { return }
        try operation.writeStrings(values, "H5Awrite") { H5Awrite(handle.id, type.id, $0) }
    }

    private func create(
        _ name: String, shape: [Int], _ operation: Operation, type: () -> hid_t
    ) throws(HDF5Error) -> Handle {
        let exists = try operation.call("H5Aexists") { H5Aexists(object.handle.id, name) }
        if exists > 0 { try operation.call("H5Adelete") { H5Adelete(object.handle.id, name) } }
        let space = try operation.dataspace(shape)
        let naming = try operation.naming(name, CHDF5_H5P_ATTRIBUTE_CREATE)
        return try operation.open("H5Acreate2", .attribute) {
            H5Acreate2(object.handle.id, name, type(), space.id, naming.id, CHDF5_H5P_DEFAULT())
        }
    }

    private func writing(_ name: String) -> Operation {
        Operation("write the attribute '\(name)'", on: object.location)
    }
}
