/// What one element of a dataset or an attribute is, as the file stores it.
public indirect enum ElementType: Sendable, Equatable {
    /// The order of a number's bytes.
    public enum ByteOrder: Sendable, Equatable {
        /// The least significant byte comes first.
        case littleEndian
        /// The most significant byte comes first.
        case bigEndian
        /// One byte has no order; VAX order and the like are not told apart.
        case none
    }

    /// How a fixed-length string fills its bytes.
    public enum StringPadding: Sendable, Equatable {
        /// Ends at the first NUL.
        case nullTerminated
        /// Filled up with NULs.
        case nullPadded
        /// Filled up with spaces.
        case spacePadded
    }

    /// The character set a string is declared in.
    public enum StringEncoding: Sendable, Equatable {
        /// ASCII. Files hold UTF-8 under this name too.
        case ascii
        /// UTF-8.
        case utf8
    }

    /// A name and its number.
    public struct Member: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The number that stands for it.
        public let value: Int64

        /// A member from its parts.
        public init(name: String, value: Int64) {
            self.name = name
            self.value = value
        }
    }

    /// A field of a compound type.
    public struct Field: Sendable, Equatable {
        /// The name.
        public let name: String
        /// What it holds.
        public let type: ElementType

        /// A field from its parts.
        public init(name: String, type: ElementType) {
            self.name = name
            self.type = type
        }
    }

    /// A whole number.
    case integer(bytes: Int, signed: Bool, order: ByteOrder)
    /// A floating-point number; two bytes are a half, more than eight an extended one.
    case float(bytes: Int, order: ByteOrder)
    /// A string that takes the same number of bytes in every element.
    case fixedString(bytes: Int, padding: StringPadding, encoding: StringEncoding)
    /// A string of any length.
    case variableString(encoding: StringEncoding)
    /// An enumeration of `FALSE` = 0 and `TRUE` = 1, which is how h5py and PyTables store truth values.
    case boolean
    /// Any other enumeration, its members in the order of their numbers.
    case enumeration([Member])
    /// Bits that are not a number to HDF5. One byte of them is how PyTables stores a truth value.
    case bitField(bytes: Int)
    /// A record of named fields.
    case compound([Field])
    /// A small array in every element.
    case array(element: ElementType, shape: [Int])
    /// A reference to another object or a region of one.
    case reference
    /// Bytes without meaning to HDF5.
    case opaque
    /// Anything else, as messages call it.
    case other(String)

    /// Whether elements can be read as numbers.
    public var isNumeric: Bool {
        switch self {
        case .integer, .float, .boolean, .enumeration: true
        case .fixedString, .variableString, .bitField, .compound, .array, .reference, .opaque, .other: false
        }
    }

    /// Whether elements can be read as strings.
    public var isString: Bool {
        switch self {
        case .fixedString, .variableString: true
        case .integer, .float, .boolean, .enumeration, .bitField, .compound, .array, .reference, .opaque, .other:
            false
        }
    }
}

extension ElementType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .integer(let bytes, let signed, let order):
            "\(signed ? "int" : "uint")\(bytes * 8)\(order == .bigEndian ? " big-endian" : "")"
        case .float(let bytes, let order): "float\(bytes * 8)\(order == .bigEndian ? " big-endian" : "")"
        case .fixedString(let bytes, _, _): "string of \(bytes) bytes"
        case .variableString: "string"
        case .boolean: "boolean"
        case .enumeration(let members): "enumeration of \(members.count)"
        case .bitField(let bytes): "bit field of \(bytes * 8)"
        case .compound(let fields): "compound (\(fields.map { "\($0.name): \($0.type)" }.joined(separator: ", ")))"
        case .array(let element, let shape): "array of \(shape.map(String.init).joined(separator: " x ")) \(element)"
        case .reference: "reference"
        case .opaque: "opaque"
        case .other(let name): name
        }
    }
}
