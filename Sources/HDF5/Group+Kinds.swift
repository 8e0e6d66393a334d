/// Creating datasets of a number type that is known only when the program runs.
extension Group {
    /// Creates a dataset of numbers to be written later.
    @discardableResult
    public func createDataset(
        _ name: String, shape: [Int], kind: HDF5ElementKind, options: DatasetOptions = .contiguous
    ) throws(HDF5Error) -> Dataset {
        switch kind {
        case .float: try createDataset(name, shape: shape, of: Float.self, options: options)
        case .double: try createDataset(name, shape: shape, of: Double.self, options: options)
        case .int8: try createDataset(name, shape: shape, of: Int8.self, options: options)
        case .int16: try createDataset(name, shape: shape, of: Int16.self, options: options)
        case .int32: try createDataset(name, shape: shape, of: Int32.self, options: options)
        case .int64: try createDataset(name, shape: shape, of: Int64.self, options: options)
        case .uint8: try createDataset(name, shape: shape, of: UInt8.self, options: options)
        case .uint16: try createDataset(name, shape: shape, of: UInt16.self, options: options)
        case .uint32: try createDataset(name, shape: shape, of: UInt32.self, options: options)
        case .uint64: try createDataset(name, shape: shape, of: UInt64.self, options: options)
        }
    }

    /// Creates a dataset of strings of any length to be written later, variable-length UTF-8.
    @discardableResult
    public func createStringDataset(
        _ name: String, rowCount: Int, options: DatasetOptions = .contiguous
    ) throws(HDF5Error) -> Dataset {
        try createDataset(name, shape: [rowCount], ofStrings: options)
    }
}

extension HDF5ElementKind {
    /// The bytes of an element.
    public var byteCount: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .float, .int32, .uint32: 4
        case .double, .int64, .uint64: 8
        }
    }
}
