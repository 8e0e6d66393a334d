internal import CHDF5

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Property lists: the library's form of optional arguments.
extension Operation {
    /// A list for creating files, groups or datasets, without time stamps, so that equal content is equal bytes.
    func untimedCreation(_ listClass: () -> hid_t) throws(HDF5Error) -> Handle {
        let list = try propertyList(listClass)
        try call("H5Pset_obj_track_times") { H5Pset_obj_track_times(list.id, false) }
        return list
    }

    /// A list of the given class, all defaults.
    func propertyList(_ listClass: () -> hid_t) throws(HDF5Error) -> Handle {
        // The class is read inside the call because reading it may initialise the library.
        try open("H5Pcreate", .propertyList) { H5Pcreate(listClass()) }
    }

    /// A list for following links that never leaves the file, unless it may: an external link fails wherever it is met,
    /// also behind a soft link.
    func linkAccess(opensOtherFiles: Bool) throws(HDF5Error) -> Handle {
        let list = try propertyList(CHDF5_H5P_LINK_ACCESS)
        guard !opensOtherFiles else { return list }
        try call("H5Pset_elink_cb") { H5Pset_elink_cb(list.id, { _, _, _, _, _, _, _ in -1 }, nil) }
        return list
    }

    /// A list for naming links (`H5P_LINK_CREATE`) or attributes, marked as UTF-8 where the name needs it.
    func naming(_ name: String, _ listClass: () -> hid_t) throws(HDF5Error) -> Handle {
        let list = try propertyList(listClass)
        guard !name.utf8.allSatisfy({ $0 < 0x80 }) else { return list }
        try call("H5Pset_char_encoding") { H5Pset_char_encoding(list.id, H5T_CSET_UTF8) }
        return list
    }

    /// File access in memory, nothing written to disk.
    func memoryAccess() throws(HDF5Error) -> Handle {
        let list = try propertyList(CHDF5_H5P_FILE_ACCESS)
        let increment = 1 << 20
        try call("H5Pset_fapl_core") { H5Pset_fapl_core(list.id, increment, false) }
        return list
    }

    /// Lets a new file in memory grow in pages of 2 MiB where the system has them. A checkpoint of a large network is
    /// put together beside training, again and again, and the processors' time for 4 KiB at a time is missed there.
    func useLargePages(_ access: Handle) throws(HDF5Error) {
        #if os(Linux)
            var callbacks = H5FD_file_image_callbacks_t()
            callbacks.image_realloc = { bytes, size, _, _ in
                let resized = realloc(bytes, size)
                let page = sysconf(Int32(_SC_PAGESIZE))
                if let resized, size >= 4 << 20 {
                    let start = (Int(bitPattern: resized) + page - 1) / page * page
                    let end = (Int(bitPattern: resized) + size) / page * page
                    // A wish: where it is not granted, nothing is lost.
                    _ = madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
                }
                return resized
            }
            callbacks.image_free = { bytes, _, _ in
                free(bytes)
                return 0
            }
            try call("H5Pset_file_image_callbacks") { H5Pset_file_image_callbacks(access.id, &callbacks) }
        #endif
    }

    /// File access for a new file: the oldest format that holds its content, which every HDF5 since 1.8 reads, and
    /// closing the file closes what is open in it, so that `File.close` has written everything when it returns.
    func makeCreating(_ access: Handle) throws(HDF5Error) {
        try call("H5Pset_libver_bounds") { H5Pset_libver_bounds(access.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) }
        try call("H5Pset_fclose_degree") { H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG) }
    }
}
