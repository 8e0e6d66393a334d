internal import CHDF5

/// A number type that datasets and attributes are read into and written from.
///
/// The library converts between it and what the file holds: half floats, big-endian numbers and enumerations read
/// as any of these. A value outside the range of an integer type is clipped to it.
public protocol HDF5Element: Numeric, BitwiseCopyable, Sendable {
    /// The HDF5 type of the same representation.
    static var elementKind: HDF5ElementKind { get }
}

/// The number types of `HDF5Element`.
public enum HDF5ElementKind: Sendable, Equatable {
    /// `Float`.
    case float
    /// `Double`.
    case double
    /// `Int8`.
    case int8
    /// `Int16`.
    case int16
    /// `Int32`.
    case int32
    /// `Int64`.
    case int64
    /// `UInt8`.
    case uint8
    /// `UInt16`.
    case uint16
    /// `UInt32`.
    case uint32
    /// `UInt64`.
    case uint64

    /// The library's type for the number in memory. Called inside a checked call.
    var memoryType: hid_t {
        switch self {
        case .float: CHDF5_H5T_NATIVE_FLOAT()
        case .double: CHDF5_H5T_NATIVE_DOUBLE()
        case .int8: CHDF5_H5T_NATIVE_INT8()
        case .int16: CHDF5_H5T_NATIVE_INT16()
        case .int32: CHDF5_H5T_NATIVE_INT32()
        case .int64: CHDF5_H5T_NATIVE_INT64()
        case .uint8: CHDF5_H5T_NATIVE_UINT8()
        case .uint16: CHDF5_H5T_NATIVE_UINT16()
        case .uint32: CHDF5_H5T_NATIVE_UINT32()
        case .uint64: CHDF5_H5T_NATIVE_UINT64()
        }
    }

    /// The library's type for the number in new files: little-endian on every machine. Called inside a checked call.
    var fileType: hid_t {
        switch self {
        case .float: CHDF5_H5T_IEEE_F32LE()
        case .double: CHDF5_H5T_IEEE_F64LE()
        case .int8: CHDF5_H5T_STD_I8LE()
        case .int16: CHDF5_H5T_STD_I16LE()
        case .int32: CHDF5_H5T_STD_I32LE()
        case .int64: CHDF5_H5T_STD_I64LE()
        case .uint8: CHDF5_H5T_STD_U8LE()
        case .uint16: CHDF5_H5T_STD_U16LE()
        case .uint32: CHDF5_H5T_STD_U32LE()
        case .uint64: CHDF5_H5T_STD_U64LE()
        }
    }
}

extension Float: HDF5Element {
    public static var elementKind: HDF5ElementKind { .float }
}

extension Double: HDF5Element {
    public static var elementKind: HDF5ElementKind { .double }
}

extension Int8: HDF5Element {
    public static var elementKind: HDF5ElementKind { .int8 }
}

extension Int16: HDF5Element {
    public static var elementKind: HDF5ElementKind { .int16 }
}

extension Int32: HDF5Element {
    public static var elementKind: HDF5ElementKind { .int32 }
}

extension Int64: HDF5Element {
    public static var elementKind: HDF5ElementKind { .int64 }
}

extension UInt8: HDF5Element {
    public static var elementKind: HDF5ElementKind { .uint8 }
}

extension UInt16: HDF5Element {
    public static var elementKind: HDF5ElementKind { .uint16 }
}

extension UInt32: HDF5Element {
    public static var elementKind: HDF5ElementKind { .uint32 }
}

extension UInt64: HDF5Element {
    public static var elementKind: HDF5ElementKind { .uint64 }
}
