internal import CHDF5
internal import SystemPackage

/// Ways to the bytes of a dataset.
extension Dataset {
    /// Where the data of a dataset in one piece stand in a file on disk, as far as they all do.
    func placeInFile(_ operation: Operation) throws(HDF5Error) -> (FileDescriptor, address: Int)? {
        guard layout == .contiguous, let descriptor = try operation.descriptor(of: object.file) else { return nil }
        let address = try operation.call("H5Dget_offset") {
            let address = H5Dget_offset(object.handle.id)
            return address == CHDF5_HADDR_UNDEF() ? Int64.max : Int64(clamping: address)
        }
        // Nothing was ever written of it.
        guard address != Int64.max else { return nil }
        let (count, overflow) = elementCount.multipliedReportingOverflow(by: elementByteCount)
        guard !overflow, count <= fileByteCount, Int(address) <= fileByteCount - count else {
            throw operation.refusal(
                .badFile,
                "its data of \(elementCount) elements would lie beyond the end of the file: copy the file again")
        }
        return (descriptor, Int(address))
    }

    /// Whether also chunks that reach beyond the dataset went through the filters.
    func filtersEveryChunk(_ operation: Operation) throws(HDF5Error) -> Bool {
        let creation = try operation.open("H5Dget_create_plist", .propertyList) {
            H5Dget_create_plist(object.handle.id)
        }
        var options: UInt32 = 0
        try operation.call("H5Pget_chunk_opts") { H5Pget_chunk_opts(creation.id, &options) }
        return options == 0
    }

    /// The type that leaves the bytes of elements as they are in the file: of a record only the parts, each in its
    /// place.
    func memoryType(of parts: [ElementPart], _ operation: Operation) throws(HDF5Error) -> Handle {
        guard case .compound = elementType else {
            return try operation.open("H5Dget_type", .datatype) { H5Dget_type(object.handle.id) }
        }
        let type = try operation.open("H5Tcreate", .datatype) { H5Tcreate(H5T_COMPOUND, elementByteCount) }
        for part in parts {
            try operation.call("H5Tinsert") { H5Tinsert(type.id, part.name, part.offset, part.partType.id) }
        }
        return type
    }

    /// A box of elements as a selection of the dataset's own dataspace.
    func selection(_ origin: [Int], _ extents: [Int], _ operation: Operation) throws(HDF5Error) -> Handle {
        let space = try operation.open("H5Dget_space", .dataspace) { H5Dget_space(object.handle.id) }
        let start = origin.map(hsize_t.init)
        let count = extents.map(hsize_t.init)
        try operation.call("H5Sselect_hyperslab") {
            H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
        }
        return space
    }
}

extension Operation {
    /// Narrows a dataspace to the box at its beginning.
    func select(_ extents: [Int], in space: Handle) throws(HDF5Error) {
        let start = [hsize_t](repeating: 0, count: extents.count)
        let count = extents.map(hsize_t.init)
        try call("H5Sselect_hyperslab") {
            H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
        }
    }

    /// The descriptor through which the library reads a file; `nil` for one in memory.
    func descriptor(of file: Handle) throws(HDF5Error) -> FileDescriptor? {
        let access = try open("H5Fget_access_plist", .propertyList) { H5Fget_access_plist(file.id) }
        let driver = try call("H5Pget_driver") { H5Pget_driver(access.id) }
        var expected: hid_t = 0
        callIgnoringFailure { expected = CHDF5_H5FD_SEC2() }
        guard driver == expected else { return nil }
        var pointer: UnsafeMutableRawPointer?
        try call("H5Fget_vfd_handle") { H5Fget_vfd_handle(file.id, access.id, &pointer) }
        return pointer.map { FileDescriptor(rawValue: $0.load(as: CInt.self)) }
    }

    /// Fills `bytes` from a place in a file.
    func read(
        _ descriptor: FileDescriptor, at address: Int, into bytes: UnsafeMutableRawBufferPointer
    ) throws(HDF5Error) {
        var done = 0
        while done < bytes.count {
            let count: Int
            do {
                count = try descriptor.read(
                    fromAbsoluteOffset: Int64(address + done),
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
            } catch {
                throw refusal(.library, "the system failed to read the file (\(error))")
            }
            guard count > 0 else { throw refusal(.badFile, "it ends before its data do: copy the file again") }
            done += count
        }
    }
}
