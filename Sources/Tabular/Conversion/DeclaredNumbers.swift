internal import HDF5

extension HDF5Source: DeclaredNumbers {
    var numberKinds: [HDF5ElementKind?] {
        columnNames.indices.map { column in
            // Where texts are stored too, they tell more.
            guard table.textColumns[column] == nil else { return nil }
            return table.block(of: column).numberKind
        }
    }
}

extension ConcatenatedSource: DeclaredNumbers {
    var numberKinds: [HDF5ElementKind?] {
        let kinds = numberKindsOfParts
        return columnNames.indices.map { column in
            let own = kinds.map { $0[column] }
            guard let first = own.first, own.allSatisfy({ $0 == first }) else { return nil }
            return first
        }
    }
}

extension ConcatenatedTable: DeclaredNumbers {
    var numberKinds: [HDF5ElementKind?] { source.numberKinds }
}

extension HDF5Block {
    /// The narrowest type here that holds all numbers of the type in the file.
    fileprivate var numberKind: HDF5ElementKind? {
        guard isNumeric else { return nil }
        return switch part.type {
        case .float(let bytes, _): bytes <= 4 ? .float : .double
        case .integer(1, let signed, _): signed ? .int8 : .uint8
        case .integer(2, let signed, _): signed ? .int16 : .uint16
        case .integer(3...4, let signed, _): signed ? .int32 : .uint32
        case .integer(5...8, let signed, _): signed ? .int64 : .uint64
        default: nil
        }
    }
}
