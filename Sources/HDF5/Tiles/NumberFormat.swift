internal import CHDF5

/// How the bytes of a number stand for it, for the formats that this module decodes by itself: two's complement and
/// IEEE 754, all bits in use, in either byte order.
struct NumberFormat: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case signed
        case unsigned
        case float
    }

    let kind: Kind
    /// 1, 2, 4 or 8; 2, 4 or 8 for a floating-point number.
    let bytes: Int
    let isSwapped: Bool
}

extension Operation {
    /// The format of a number type, or `nil` where only the library can convert it: integers with unused bits,
    /// extended and truncated floating point.
    func numberFormat(_ type: Handle) throws(HDF5Error) -> NumberFormat? {
        let bytes = try byteCount(type)
        guard [1, 2, 4, 8].contains(bytes) else { return nil }
        let order = try call("H5Tget_order") { H5Tget_order(type.id).rawValue }
        let isSwapped: Bool
        switch H5T_order_t(rawValue: order) {
        case H5T_ORDER_LE: isSwapped = bytes > 1 && Int16(1).littleEndian != 1
        case H5T_ORDER_BE: isSwapped = bytes > 1 && Int16(1).bigEndian != 1
        case H5T_ORDER_NONE where bytes == 1: isSwapped = false
        default: return nil
        }
        let typeClass = try call("H5Tget_class") { H5Tget_class(type.id).rawValue }
        switch H5T_class_t(rawValue: typeClass) {
        case H5T_INTEGER:
            guard try usesAllBits(type, bytes) else { return nil }
            let sign = try call("H5Tget_sign") { H5Tget_sign(type.id).rawValue }
            return NumberFormat(
                kind: sign == H5T_SGN_2.rawValue ? .signed : .unsigned, bytes: bytes, isSwapped: isSwapped)
        case H5T_BITFIELD:
            guard try usesAllBits(type, bytes) else { return nil }
            return NumberFormat(kind: .unsigned, bytes: bytes, isSwapped: isSwapped)
        case H5T_ENUM:
            return try numberFormat(try open("H5Tget_super", .datatype) { H5Tget_super(type.id) })
        case H5T_FLOAT:
            guard try usesAllBits(type, bytes), try isIEEE(type, bytes) else { return nil }
            return NumberFormat(kind: .float, bytes: bytes, isSwapped: isSwapped)
        default: return nil
        }
    }

    private func usesAllBits(_ type: Handle, _ bytes: Int) throws(HDF5Error) -> Bool {
        let precision = try call("H5Tget_precision", zeroFails: true) { H5Tget_precision(type.id) }
        return precision == bytes * 8
    }

    private func isIEEE(_ type: Handle, _ bytes: Int) throws(HDF5Error) -> Bool {
        // The widths of exponent and mantissa, from which the positions and the bias follow.
        let exponents = [2: 5, 4: 8, 8: 11]
        guard let width = exponents[bytes] else { return false }
        var sign = 0
        var exponent = 0
        var exponentSize = 0
        var mantissa = 0
        var mantissaSize = 0
        try call("H5Tget_fields") {
            H5Tget_fields(type.id, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize)
        }
        let bias = try call("H5Tget_ebias", zeroFails: true) { H5Tget_ebias(type.id) }
        let norm = try call("H5Tget_norm") { H5Tget_norm(type.id).rawValue }
        let mantissaWidth = bytes * 8 - 1 - width
        return sign == bytes * 8 - 1 && exponent == mantissaWidth && exponentSize == width && mantissa == 0
            && mantissaSize == mantissaWidth && bias == (1 << (width - 1)) - 1 && norm == H5T_NORM_IMPLIED.rawValue
    }
}
