internal import CHDF5

/// Extents of datasets and attributes, checked before they become counts and allocations.
enum Shape {
    /// The number of elements, or a refusal where it does not fit an `Int`.
    static func elementCount(_ shape: some Sequence<Int>, for operation: Operation) throws(HDF5Error) -> Int {
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw operation.refusal(.badFile, "its shape declares more elements than can be") }
            count = product
        }
        return count
    }

    /// The library's extents as numbers to count with.
    static func extents(_ extents: some Sequence<hsize_t>, for operation: Operation) throws(HDF5Error) -> [Int] {
        var shape: [Int] = []
        for extent in extents {
            guard let extent = Int(exactly: extent) else {
                throw operation.refusal(.badFile, "its shape declares an extent of \(extent)")
            }
            shape.append(extent)
        }
        return shape
    }

    /// As messages write a shape: `60000 x 784`, `scalar`.
    static func text(_ shape: [Int]) -> String {
        shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: " x ")
    }
}

/// Dataspaces: the library's form of shapes.
extension Operation {
    /// The shape of a dataspace: empty for a scalar, one zero extent for the null dataspace, which holds nothing.
    func shape(of space: Handle) throws(HDF5Error) -> [Int] {
        let kind = try call("H5Sget_simple_extent_type") { H5Sget_simple_extent_type(space.id).rawValue }
        if kind == H5S_NULL.rawValue { return [0] }
        let rank = try call("H5Sget_simple_extent_ndims") { H5Sget_simple_extent_ndims(space.id) }
        var extents = [hsize_t](repeating: 0, count: max(Int(rank), 1))
        try call("H5Sget_simple_extent_dims") { H5Sget_simple_extent_dims(space.id, &extents, nil) }
        return try Shape.extents(extents.prefix(Int(rank)), for: self)
    }

    /// A dataspace of the given shape; the empty shape is a scalar.
    ///
    /// - Precondition: No extent is negative.
    func dataspace(_ shape: [Int]) throws(HDF5Error) -> Handle {
        precondition(shape.allSatisfy { $0 >= 0 }, "a shape has no negative extents: \(shape)")
        guard !shape.isEmpty else { return try open("H5Screate", .dataspace) { H5Screate(H5S_SCALAR) } }
        let extents = shape.map(hsize_t.init)
        return try open("H5Screate_simple", .dataspace) { H5Screate_simple(Int32(extents.count), extents, nil) }
    }
}
