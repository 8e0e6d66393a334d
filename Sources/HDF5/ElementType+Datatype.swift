internal import CHDF5

/// Describing a datatype of the library.
extension Operation {
    /// Nesting deeper than this is no data file's; without a bound a hostile file could exhaust the stack.
    private static var nestingLimit: Int { 16 }
    /// No number has more bytes than this.
    private static var numberLimit: Int { 256 }

    func describe(_ type: Handle, depth: Int = 0) throws(HDF5Error) -> ElementType {
        guard depth < Self.nestingLimit else { throw refusal(.unsupported, "its type is nested too deeply") }
        let rawClass = try call("H5Tget_class") { H5Tget_class(type.id).rawValue }
        switch H5T_class_t(rawValue: rawClass) {
        case H5T_INTEGER:
            let sign = try call("H5Tget_sign") { H5Tget_sign(type.id).rawValue }
            return .integer(bytes: try byteCount(type), signed: sign == H5T_SGN_2.rawValue, order: try byteOrder(type))
        case H5T_FLOAT:
            try checkFields(type)
            return .float(bytes: try byteCount(type), order: try byteOrder(type))
        case H5T_STRING: return try describeString(type)
        case H5T_ENUM: return try describeEnumeration(type)
        case H5T_COMPOUND: return try describeCompound(type, depth: depth)
        case H5T_ARRAY: return try describeArray(type, depth: depth)
        case H5T_REFERENCE: return .reference
        case H5T_OPAQUE: return .opaque
        case H5T_BITFIELD: return .bitField(bytes: try byteCount(type))
        case H5T_TIME: return .other("time")
        case H5T_VLEN: return .other("variable-length list")
        default: return .other("unknown type class \(rawClass)")
        }
    }

    func byteCount(_ type: Handle) throws(HDF5Error) -> Int {
        try call("H5Tget_size", zeroFails: true) { H5Tget_size(type.id) }
    }

    /// Throws for a floating-point number with more bits than its bytes have: converting those, the library writes beyond
    /// its memory (HDF5 1.10.8).
    private func checkFields(_ type: Handle) throws(HDF5Error) {
        let bits = 8 * (try byteCount(type))
        var sign = 0
        var exponent = 0
        var exponentSize = 0
        var mantissa = 0
        var mantissaSize = 0
        try call("H5Tget_fields") {
            H5Tget_fields(type.id, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize)
        }
        let fields = [
            (start: sign, size: 1), (start: exponent, size: exponentSize), (start: mantissa, size: mantissaSize),
        ]
        guard fields.allSatisfy({ 0...bits ~= $0.start && 0...(bits - $0.start) ~= $0.size }) else {
            throw refusal(.badFile, "its numbers are declared to have more bits than their \(bits)")
        }
    }

    private func byteOrder(_ type: Handle) throws(HDF5Error) -> ElementType.ByteOrder {
        let order = try call("H5Tget_order") { H5Tget_order(type.id).rawValue }
        guard try byteCount(type) > 1 else { return .none }
        switch H5T_order_t(rawValue: order) {
        case H5T_ORDER_LE: return .littleEndian
        case H5T_ORDER_BE: return .bigEndian
        default: return .none
        }
    }

    private func describeString(_ type: Handle) throws(HDF5Error) -> ElementType {
        let set = try call("H5Tget_cset") { H5Tget_cset(type.id).rawValue }
        let encoding: ElementType.StringEncoding = set == H5T_CSET_UTF8.rawValue ? .utf8 : .ascii
        let isVariable = try call("H5Tis_variable_str") { H5Tis_variable_str(type.id) }
        if isVariable > 0 { return .variableString(encoding: encoding) }
        let padding = try call("H5Tget_strpad") { H5Tget_strpad(type.id).rawValue }
        let bytes = try byteCount(type)
        switch H5T_str_t(rawValue: padding) {
        case H5T_STR_NULLPAD: return .fixedString(bytes: bytes, padding: .nullPadded, encoding: encoding)
        case H5T_STR_SPACEPAD: return .fixedString(bytes: bytes, padding: .spacePadded, encoding: encoding)
        default: return .fixedString(bytes: bytes, padding: .nullTerminated, encoding: encoding)
        }
    }

    private func describeEnumeration(_ type: Handle) throws(HDF5Error) -> ElementType {
        let base = try open("H5Tget_super", .datatype) { H5Tget_super(type.id) }
        // The conversion happens in place, so the bytes must hold the larger of the stored and the native number; and the
        // library fills as many as the enumeration itself says to have, which in a damaged file is another number.
        let sizes = [try byteCount(base), try byteCount(type), MemoryLayout<Int64>.size]
        guard sizes.allSatisfy({ $0 <= Self.numberLimit }) else {
            throw refusal(.badFile, "its type is an enumeration of numbers of \(sizes[1]) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: sizes.reduce(0, max))
        var members: [ElementType.Member] = []
        for index in 0..<UInt32(try memberCount(type)) {
            let name = try memberName(type, index)
            try call("H5Tget_member_value") { H5Tget_member_value(type.id, index, &bytes) }
            try call("H5Tconvert") {
                H5Tconvert(base.id, CHDF5_H5T_NATIVE_INT64(), 1, &bytes, nil, CHDF5_H5P_DEFAULT())
            }
            let value = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
            members.append(ElementType.Member(name: name, value: value))
        }
        let truth = [ElementType.Member(name: "FALSE", value: 0), ElementType.Member(name: "TRUE", value: 1)]
        members.sort { $0.value < $1.value }
        return members == truth ? .boolean : .enumeration(members)
    }

    private func describeCompound(_ type: Handle, depth: Int) throws(HDF5Error) -> ElementType {
        var fields: [ElementType.Field] = []
        for index in 0..<UInt32(try memberCount(type)) {
            let name = try memberName(type, index)
            let member = try open("H5Tget_member_type", .datatype) { H5Tget_member_type(type.id, index) }
            fields.append(ElementType.Field(name: name, type: try describe(member, depth: depth + 1)))
        }
        return .compound(fields)
    }

    private func describeArray(_ type: Handle, depth: Int) throws(HDF5Error) -> ElementType {
        let base = try open("H5Tget_super", .datatype) { H5Tget_super(type.id) }
        let rank = try call("H5Tget_array_ndims") { H5Tget_array_ndims(type.id) }
        var extents = [hsize_t](repeating: 0, count: max(Int(rank), 1))
        try call("H5Tget_array_dims2") { H5Tget_array_dims2(type.id, &extents) }
        let shape = try Shape.extents(extents.prefix(Int(rank)), for: self)
        return .array(element: try describe(base, depth: depth + 1), shape: shape)
    }

    private func memberCount(_ type: Handle) throws(HDF5Error) -> Int {
        Int(try call("H5Tget_nmembers") { H5Tget_nmembers(type.id) })
    }

    private func memberName(_ type: Handle, _ index: UInt32) throws(HDF5Error) -> String {
        var name = ""
        // A null pointer is the failure here; it stands for -1.
        try call("H5Tget_member_name") {
            guard let text = H5Tget_member_name(type.id, index) else { return -1 as Int32 }
            name = String(cString: text)
            return H5free_memory(text)
        }
        return name
    }
}
