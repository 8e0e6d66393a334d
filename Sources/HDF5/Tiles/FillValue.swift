internal import CHDF5

/// What stands for elements that were never written.
extension Dataset {
    /// The number that whoever made the dataset chose for elements never written, where it is one and not 0, which
    /// writers choose without meaning anything by it.
    public var fillValue: HDF5Number? {
        get throws(HDF5Error) {
            let operation = Operation("look for the fill value", on: object.location)
            let creation = try operation.open("H5Dget_create_plist", .propertyList) {
                H5Dget_create_plist(object.handle.id)
            }
            guard elementType.isNumeric, try isFillValueChosen(creation, operation), let part = try parts.first else {
                return nil
            }
            let bytes = try fillBytes(operation)
            var word: UInt64 = 0
            try bytes.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
                guard let start = bytes.baseAddress else { return }
                let grid = ValueGrid(
                    start: UnsafeRawPointer(start), rows: 1, values: 1, rowStride: 0, valueStride: 0)
                try part.decodeWords(grid, into: &word, targetStride: 1)
            }
            let number = part.number(word)
            return number.double == 0 || number.double.isNaN ? nil : number
        }
    }

    /// The bytes of an element that was never written, as the file would store them.
    func fillBytes(_ operation: Operation) throws(HDF5Error) -> [UInt8] {
        let creation = try operation.open("H5Dget_create_plist", .propertyList) {
            H5Dget_create_plist(object.handle.id)
        }
        var bytes = [UInt8](repeating: 0, count: elementByteCount)
        var state = H5D_FILL_VALUE_UNDEFINED
        try operation.call("H5Pfill_value_defined") { H5Pfill_value_defined(creation.id, &state) }
        guard state == H5D_FILL_VALUE_USER_DEFINED, !elementType.holdsPointers else { return bytes }
        let type = try operation.open("H5Dget_type", .datatype) { H5Dget_type(object.handle.id) }
        try operation.call("H5Pget_fill_value") { H5Pget_fill_value(creation.id, type.id, &bytes) }
        return bytes
    }

    private func isFillValueChosen(_ creation: Handle, _ operation: Operation) throws(HDF5Error) -> Bool {
        var state = H5D_FILL_VALUE_UNDEFINED
        try operation.call("H5Pfill_value_defined") { H5Pfill_value_defined(creation.id, &state) }
        return state == H5D_FILL_VALUE_USER_DEFINED
    }
}

extension ElementType {
    /// Whether elements lead to memory elsewhere once the library has read them, and so are not laid out in memory as
    /// they are in the file.
    var holdsPointers: Bool {
        switch self {
        case .variableString, .reference, .other: true
        case .compound(let fields): fields.contains { $0.type.holdsPointers }
        case .array(let element, _): element.holdsPointers
        case .integer, .float, .fixedString, .boolean, .enumeration, .bitField, .opaque: false
        }
    }
}
