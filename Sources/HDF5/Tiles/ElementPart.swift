internal import CHDF5

/// A value, or a short list of values of one type, within the bytes of each element of a dataset: the whole element, or
/// a field of a record.
public struct ElementPart: Sendable {
    /// The name of the field; empty where the part is the whole element.
    public let name: String
    /// What one of the values is.
    public let type: ElementType
    /// The number of values: 1 unless the element or the field is an array.
    public let count: Int
    /// The bytes from the start of the element to the first value.
    public let offset: Int
    /// The bytes from one value to the next.
    public let stride: Int

    let format: NumberFormat?
    /// The library's type of one value.
    let datatype: Handle
    /// The library's type of the whole part.
    let partType: Handle

    /// Whether all values lie within elements of so many bytes.
    fileprivate func fits(elementBytes: Int) -> Bool {
        let (size, overflow) = stride.multipliedReportingOverflow(by: count)
        return !overflow && offset >= 0 && offset <= elementBytes && size <= elementBytes - offset
    }

    /// Whether the values can be decoded as numbers.
    public var isNumber: Bool {
        switch type {
        case .integer, .float, .boolean, .enumeration: true
        case .bitField: format != nil
        case .fixedString, .variableString, .compound, .array, .reference, .opaque, .other: false
        }
    }
}

extension Dataset {
    /// The parts of an element: its fields where it is a record, itself otherwise.
    public var parts: [ElementPart] {
        get throws(HDF5Error) {
            let operation = Operation("look at the type of the dataset", on: object.location)
            let type = try operation.open("H5Dget_type", .datatype) { H5Dget_type(object.handle.id) }
            guard case .compound(let fields) = elementType else {
                let part = try operation.part("", type, elementType, offset: 0)
                guard part.fits(elementBytes: elementByteCount) else {
                    throw operation.refusal(.badFile, "its arrays are larger than the elements that they are")
                }
                return [part]
            }
            var parts: [ElementPart] = []
            for (index, field) in fields.enumerated() {
                let member = try operation.open("H5Tget_member_type", .datatype) {
                    H5Tget_member_type(type.id, UInt32(index))
                }
                let offset = try operation.call("H5Tget_member_offset") {
                    Int(H5Tget_member_offset(type.id, UInt32(index)))
                }
                let part = try operation.part(field.name, member, field.type, offset: offset)
                guard part.fits(elementBytes: elementByteCount) else {
                    throw operation.refusal(.badFile, "its field '\(field.name)' lies outside the record")
                }
                parts.append(part)
            }
            return parts
        }
    }
}

extension Operation {
    fileprivate func part(
        _ name: String, _ partType: Handle, _ type: ElementType, offset: Int
    ) throws(HDF5Error) -> ElementPart {
        guard case .array(let element, let shape) = type else {
            return ElementPart(
                name: name, type: type, count: 1, offset: offset, stride: try byteCount(partType),
                format: try numberFormat(partType), datatype: partType, partType: partType)
        }
        let base = try open("H5Tget_super", .datatype) { H5Tget_super(partType.id) }
        return ElementPart(
            name: name, type: element, count: try Shape.elementCount(shape, for: self), offset: offset,
            stride: try byteCount(base), format: try numberFormat(base), datatype: base, partType: partType)
    }
}

// MARK: - Decoding

extension ElementPart {
    /// The values as the nearest `Float`s, row by row into `target`, whose rows begin `targetStride` elements apart.
    /// Those that equal a number of `fill` become NaN.
    ///
    /// - Precondition: The part is a number.
    public func decode(
        _ grid: ValueGrid, into target: UnsafeMutablePointer<Float>, targetStride: Int, fill: [HDF5Number] = []
    ) throws(HDF5Error) {
        if let format { return format.decode(grid, into: target, targetStride: targetStride, fill: fill) }
        let missing = fill.map { Float($0.double) }
        try convert(grid, to: Float.self) { row, column, value in
            target[row * targetStride + column] = missing.contains(value) ? .nan : value
        }
    }

    /// The values at full precision, as words that `number(_:)` reads.
    ///
    /// - Precondition: The part is a number.
    public func decodeWords(
        _ grid: ValueGrid, into target: UnsafeMutablePointer<UInt64>, targetStride: Int
    ) throws(HDF5Error) {
        if let format { return format.decodeWords(grid, into: target, targetStride: targetStride) }
        switch wordKind {
        case .signed:
            try convert(grid, to: Int64.self) { target[$0 * targetStride + $1] = UInt64(bitPattern: $2) }
        case .unsigned: try convert(grid, to: UInt64.self) { target[$0 * targetStride + $1] = $2 }
        case .float: try convert(grid, to: Double.self) { target[$0 * targetStride + $1] = $2.bitPattern }
        }
    }

    /// The number that a word of `decodeWords` stands for.
    public func number(_ word: UInt64) -> HDF5Number {
        switch wordKind {
        case .signed: .signed(Int64(bitPattern: word))
        case .unsigned: .unsigned(word)
        case .float: .float(Double(bitPattern: word))
        }
    }

    private var wordKind: NumberFormat.Kind {
        if let format { return format.kind }
        switch type {
        case .float: return .float
        case .integer(_, signed: false, _): return .unsigned
        default: return .signed
        }
    }

    /// Converts formats of which only the library knows, row by row.
    private func convert<Value: HDF5Element>(
        _ grid: ValueGrid, to _: Value.Type, _ body: (_ row: Int, _ column: Int, _ value: Value) -> Void
    ) throws(HDF5Error) {
        precondition(isNumber, "A \(type) is no number")
        let operation = Operation("convert the numbers", on: name.isEmpty ? "the dataset" : "the field '\(name)'")
        let size = max(stride, MemoryLayout<Value>.stride)
        var buffer = [UInt8](repeating: 0, count: grid.values * size)
        for row in 0..<grid.rows {
            for column in 0..<grid.values {
                let source = UnsafeRawBufferPointer(
                    start: grid.start + row * grid.rowStride + column * grid.valueStride, count: stride)
                // The library packs the source values and leaves packed results in their place.
                buffer.withUnsafeMutableBytes { $0[(column * stride)...].copyBytes(from: source) }
            }
            try operation.call("H5Tconvert") {
                H5Tconvert(datatype.id, Value.elementKind.memoryType, grid.values, &buffer, nil, CHDF5_H5P_DEFAULT())
            }
            buffer.withUnsafeBytes { bytes in
                for column in 0..<grid.values {
                    body(
                        row, column,
                        bytes.loadUnaligned(fromByteOffset: column * MemoryLayout<Value>.stride, as: Value.self))
                }
            }
        }
    }

    /// The text of a fixed-length string.
    ///
    /// - Returns: `nil` where the bytes are not UTF-8.
    /// - Precondition: The part is a fixed-length string, and all its bytes can be read.
    public func text(at start: UnsafeRawPointer) -> String? {
        guard case .fixedString(let bytes, let padding, _) = type else {
            preconditionFailure("A \(type) is no string of fixed length")
        }
        let content = padding.content(of: UnsafeRawBufferPointer(start: start, count: bytes)[...])
        return String(validating: content, as: UTF8.self)
    }
}
