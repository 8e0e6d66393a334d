internal import CHDF5

/// A new dataset to which rows are appended, however many come.
public struct GrowingDataset: Sendable {
    private let object: Object
    /// The extents of a row.
    private let rowShape: [Int]
    public private(set) var rowCount = 0

    fileprivate init(_ object: Object, rowShape: [Int]) {
        self.object = object
        self.rowShape = rowShape
    }

    /// Appends rows of numbers.
    ///
    /// - Precondition: The values fill the rows.
    public mutating func append<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
        let rows = rows(of: values.count)
        guard rows > 0 else { return }
        let operation = Operation("write the dataset", on: object.location)
        let (fileSpace, memorySpace) = try grow(by: rows, operation)
        try operation.call("H5Dwrite") {
            H5Dwrite(
                object.handle.id, Element.elementKind.memoryType, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(),
                values)
        }
    }

    /// Appends rows of strings.
    ///
    /// - Precondition: The values fill the rows.
    public mutating func append(_ values: [String]) throws(HDF5Error) {
        let rows = rows(of: values.count)
        guard rows > 0 else { return }
        let operation = Operation("write the dataset", on: object.location)
        let type = try operation.variableStringType(.utf8)
        let (fileSpace, memorySpace) = try grow(by: rows, operation)
        try operation.writeStrings(values, "H5Dwrite") {
            H5Dwrite(object.handle.id, type.id, memorySpace.id, fileSpace.id, CHDF5_H5P_DEFAULT(), $0)
        }
    }

    private func rows(of valueCount: Int) -> Int {
        let width = rowShape.reduce(1, *)
        precondition(width > 0 && valueCount.isMultiple(of: width), "\(valueCount) values are no rows of \(rowShape)")
        return valueCount / width
    }

    /// Makes room, and selects it.
    private mutating func grow(
        by rows: Int, _ operation: Operation
    ) throws(HDF5Error) -> (fileSpace: Handle, memorySpace: Handle) {
        let shape = ([rowCount + rows] + rowShape).map(hsize_t.init)
        try operation.call("H5Dset_extent") { H5Dset_extent(object.handle.id, shape) }
        let space = try operation.open("H5Dget_space", .dataspace) { H5Dget_space(object.handle.id) }
        let start = [hsize_t(rowCount)] + rowShape.map { _ in 0 }
        let count = ([rows] + rowShape).map(hsize_t.init)
        try operation.call("H5Sselect_hyperslab") {
            H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
        }
        rowCount += rows
        return (space, try operation.dataspace([rows] + rowShape))
    }
}

extension Group {
    /// Creates a dataset of numbers without rows, to be appended to.
    ///
    /// - Parameters:
    ///   - name: A name in this group, where there is none such.
    ///   - chunkRows: The rows that are stored together.
    public func createGrowingDataset(
        _ name: String, rowShape: [Int] = [], kind: HDF5ElementKind, chunkRows: Int
    ) throws(HDF5Error) -> GrowingDataset {
        try createGrowingDataset(name, rowShape, chunkRows) { _ throws(HDF5Error) in kind.fileType }
    }

    /// Creates a dataset of strings of any length without rows, to be appended to.
    public func createGrowingStrings(_ name: String, chunkRows: Int) throws(HDF5Error) -> GrowingDataset {
        let operation = Operation("create the dataset", on: "\(object.fileName):\(object.path(of: name))")
        let type = try operation.variableStringType(.utf8)
        return try createGrowingDataset(name, [], chunkRows) { _ in type.id }
    }

    private func createGrowingDataset(
        _ name: String, _ rowShape: [Int], _ chunkRows: Int, type: (Operation) throws(HDF5Error) -> hid_t
    ) throws(HDF5Error) -> GrowingDataset {
        precondition(chunkRows > 0 && rowShape.allSatisfy { $0 > 0 }, "A chunk has rows, and a row has values")
        let operation = Operation("create the dataset", on: "\(object.fileName):\(object.path(of: name))")
        let creation = try operation.untimedCreation(CHDF5_H5P_DATASET_CREATE)
        let chunk = ([chunkRows] + rowShape).map(hsize_t.init)
        try operation.call("H5Pset_chunk") { H5Pset_chunk(creation.id, Int32(chunk.count), chunk) }
        let start = ([0] + rowShape).map(hsize_t.init)
        // The largest number stands for no limit.
        let limit = [hsize_t.max] + rowShape.map(hsize_t.init)
        let space = try operation.open("H5Screate_simple", .dataspace) {
            H5Screate_simple(Int32(start.count), start, limit)
        }
        let naming = try operation.naming(name, CHDF5_H5P_LINK_CREATE)
        let type = try type(operation)
        let handle = try operation.open("H5Dcreate2", .dataset) {
            H5Dcreate2(object.handle.id, name, type, space.id, naming.id, creation.id, CHDF5_H5P_DEFAULT())
        }
        return GrowingDataset(child(handle, at: name), rowShape: rowShape)
    }
}
