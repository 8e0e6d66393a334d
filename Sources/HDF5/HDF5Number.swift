/// A number of a file at full precision, whatever its type.
public enum HDF5Number: Sendable, Hashable {
    /// A whole number of a signed type.
    case signed(Int64)
    /// A whole number of an unsigned type.
    case unsigned(UInt64)
    /// A floating-point number.
    case float(Double)

    /// The nearest `Double`.
    public var double: Double {
        switch self {
        case .signed(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .float(let value): value
        }
    }

    /// The same number as an integer type, where that has it.
    func exactly<Value: FixedWidthInteger>(as _: Value.Type) -> Value? {
        switch self {
        case .signed(let value): Value(exactly: value)
        case .unsigned(let value): Value(exactly: value)
        case .float(let value): Value(exactly: value)
        }
    }
}

extension Attributes {
    /// The numbers of an attribute at full precision, row by row; none for an empty one.
    public func exactNumbers(_ name: String) throws(HDF5Error) -> [HDF5Number] {
        switch try elementType(of: name) {
        case .integer(_, signed: false, _): try numbers(name, as: UInt64.self).map { .unsigned($0) }
        case .float: try numbers(name, as: Double.self).map { .float($0) }
        default: try numbers(name, as: Int64.self).map { .signed($0) }
        }
    }
}
