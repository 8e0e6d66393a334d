internal import CHDF5

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

    /// File access for a new file: the oldest format that holds its content, which every HDF5 since 1.8 reads, and
    /// closing the file closes what is open in it, so that `File.close` has written everything when it returns.
    func makeCreating(_ access: Handle) throws(HDF5Error) {
        try call("H5Pset_libver_bounds") { H5Pset_libver_bounds(access.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) }
        try call("H5Pset_fclose_degree") { H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG) }
    }
}
