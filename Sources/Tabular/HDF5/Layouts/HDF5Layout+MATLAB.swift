internal import HDF5

/// MATLAB's files of version 7.3: matrices stored column by column, so that HDF5 sees them transposed, and attributes
/// that tell what each is.
extension HDF5Layout {
    /// Throws for what MATLAB stores in ways that are no table.
    func checkMATLAB(_ dataset: Dataset) throws(TableError) {
        guard let fault = try reading(dataset.path, { () throws(HDF5Error) in try dataset.matlabFault }) else { return }
        throw failure(dataset.path, fault)
    }
}

extension Dataset {
    private static let className = "MATLAB_class"

    /// Whether MATLAB wrote it.
    var isByMATLAB: Bool {
        get throws(HDF5Error) { try attributes.contains(Self.className) }
    }

    /// Why a dataset by MATLAB cannot be a matrix of a table; `nil` where it can, or is not by MATLAB.
    var matlabFault: String? {
        get throws(HDF5Error) {
            guard try isByMATLAB else { return nil }
            if try attributes.contains("MATLAB_empty") { return "it is an empty matrix, and a table needs rows" }
            switch try attributes.string(Self.className) {
            case "double", "single", "logical", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                "uint64":
                return nil
            case "cell":
                return "it is a cell array, which is stored as references: store numbers, in MATLAB for instance "
                    + "double(categorical(y)) in place of a cell array of words y"
            case "char":
                return "it is text of MATLAB, stored as numbers of characters: store class numbers, in MATLAB for "
                    + "instance double(categorical(cellstr(y)))"
            case let other: return "it is of MATLAB's class '\(other)', and a table needs numbers"
            }
        }
    }
}

extension HDF5Matrix {
    /// A vector that has as many elements as asked for, as a column of them; `nil` where this is not a vector by MATLAB
    /// that lies the other way.
    func turned(toRows rows: Int) -> HDF5Matrix? {
        guard rowAxis > 0, dataset.shape.count == 2, rowCount == 1, columnCount == rows, rows > 1 else { return nil }
        return HDF5Matrix(dataset)
    }
}
