internal import CHDF5

/// The attributes of a group or a dataset: small named values, each a scalar or a list.
public struct Attributes: Sendable {
    /// More than any reasonable attribute; a larger size in a file is damage or malice.
    static let byteLimit = 64 << 20

    let object: Object

    /// The names, sorted by their UTF-8 bytes.
    public var names: [String] {
        get throws(HDF5Error) {
            let operation = Operation("list the attributes", on: object.location)
            var names: [String] = []
            _ = try withUnsafeMutablePointer(to: &names) { (pointer) throws(HDF5Error) in
                try operation.call("H5Aiterate2") {
                    H5Aiterate2(
                        object.handle.id, H5_INDEX_NAME, H5_ITER_INC, nil,
                        { _, name, _, context in
                            guard let name, let names = context?.assumingMemoryBound(to: [String].self) else {
                                return -1
                            }
                            names.pointee.append(String(cString: name))
                            return 0
                        }, pointer)
                }
            }
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Whether there is an attribute of that name.
    public func contains(_ name: String) throws(HDF5Error) -> Bool {
        let operation = Operation("look for the attribute '\(name)'", on: object.location)
        return try operation.call("H5Aexists") { H5Aexists(object.handle.id, name) } > 0
    }

    /// What an element of the attribute is.
    public func elementType(of name: String) throws(HDF5Error) -> ElementType {
        try open(name).type
    }

    /// The shape of the attribute: empty for a scalar, `[0]` for one that holds nothing.
    public func shape(of name: String) throws(HDF5Error) -> [Int] {
        try open(name).shape
    }

    /// The numbers of an attribute, row by row; one for a scalar, none for an empty one of whatever type.
    public func numbers<Element: HDF5Element>(
        _ name: String, as _: Element.Type = Element.self
    ) throws(HDF5Error) -> [Element] {
        let attribute = try open(name)
        guard attribute.count > 0 else { return [] }
        guard attribute.type.isNumeric else {
            throw attribute.operation.refusal(.wrongObject, "it is of type \(attribute.type), not a number")
        }
        try attribute.checkSize(elementBytes: MemoryLayout<Element>.stride)
        var values = [Element](repeating: 0, count: attribute.count)
        try attribute.operation.call("H5Aread") {
            H5Aread(attribute.handle.id, Element.elementKind.memoryType, &values)
        }
        return values
    }

    /// The number of an attribute that holds exactly one.
    public func number<Element: HDF5Element>(
        _ name: String, as _: Element.Type = Element.self
    ) throws(HDF5Error) -> Element {
        let values = try numbers(name, as: Element.self)
        guard let value = values.first, values.count == 1 else {
            throw reading(name).refusal(.wrongObject, "it holds \(values.count) numbers, not one")
        }
        return value
    }

    /// The strings of an attribute, row by row; one for a scalar, none for an empty one of whatever type.
    public func strings(_ name: String) throws(HDF5Error) -> [String] {
        let attribute = try open(name)
        guard attribute.count > 0 else { return [] }
        guard attribute.type.isString else {
            throw attribute.operation.refusal(.wrongObject, "it is of type \(attribute.type), not a string")
        }
        try attribute.checkSize(elementBytes: attribute.bytes)
        return try attribute.operation.readStrings(count: attribute.count, type: attribute.type, "H5Aread") {
            H5Aread(attribute.handle.id, $0, $1)
        }
    }

    /// The string of an attribute that holds exactly one. An attribute that holds nothing is an empty string, which is
    /// how PyTables writes those.
    public func string(_ name: String) throws(HDF5Error) -> String {
        let values = try strings(name)
        guard values.count <= 1 else {
            throw reading(name).refusal(.wrongObject, "it holds \(values.count) strings, not one")
        }
        return values.first ?? ""
    }

    /// The bytes of a string of fixed length as they stand, for text that is in no encoding which HDF5 knows.
    public func stringBytes(_ name: String) throws(HDF5Error) -> [UInt8] {
        let attribute = try open(name)
        guard case .fixedString = attribute.type, attribute.count == 1 else {
            throw attribute.operation.refusal(.wrongObject, "it is not one string of fixed length")
        }
        try attribute.checkSize(elementBytes: attribute.bytes)
        var bytes = [UInt8](repeating: 0, count: attribute.bytes)
        let type = try attribute.operation.open("H5Aget_type", .datatype) { H5Aget_type(attribute.handle.id) }
        try attribute.operation.call("H5Aread") { H5Aread(attribute.handle.id, type.id, &bytes) }
        return bytes
    }

    private func reading(_ name: String) -> Operation {
        Operation("read the attribute '\(name)'", on: object.location)
    }

    private func open(_ name: String) throws(HDF5Error) -> OpenAttribute {
        let operation = reading(name)
        let exists = try operation.call("H5Aexists") { H5Aexists(object.handle.id, name) }
        guard exists > 0 else { throw operation.refusal(.wrongObject, "there is no such attribute") }
        let handle = try operation.open("H5Aopen", .attribute) {
            H5Aopen(object.handle.id, name, CHDF5_H5P_DEFAULT())
        }
        let type = try operation.open("H5Aget_type", .datatype) { H5Aget_type(handle.id) }
        let space = try operation.open("H5Aget_space", .dataspace) { H5Aget_space(handle.id) }
        let shape = try operation.shape(of: space)
        return OpenAttribute(
            operation: operation, handle: handle, type: try operation.describe(type),
            bytes: try operation.byteCount(type), shape: shape,
            count: try Shape.elementCount(shape, for: operation))
    }
}

/// An attribute on its way to being read.
private struct OpenAttribute {
    let operation: Operation
    let handle: Handle
    let type: ElementType
    /// The bytes of one element in the file.
    let bytes: Int
    let shape: [Int]
    let count: Int

    func checkSize(elementBytes: Int) throws(HDF5Error) {
        let (size, overflow) = count.multipliedReportingOverflow(by: elementBytes)
        guard !overflow, size <= Attributes.byteLimit else {
            throw operation.refusal(.badFile, "it declares \(count) elements of \(elementBytes) bytes")
        }
    }
}
