internal import CHDF5

/// The HDF5 library this process runs with.
public enum HDF5Library {
    /// Its version: `1.10.8`.
    public static var version: String {
        var major: UInt32 = 0
        var minor: UInt32 = 0
        var release: UInt32 = 0
        Operation("ask for the version", on: "libhdf5").callIgnoringFailure {
            _ = H5get_libversion(&major, &minor, &release)
        }
        return "\(major).\(minor).\(release)"
    }

    /// Whether data that went through the filter can be read here.
    public static func isFilterAvailable(_ id: Int) -> Bool {
        guard let id = H5Z_filter_t(exactly: id) else { return false }
        var answer: htri_t = 0
        Operation("ask for a filter", on: "libhdf5").callIgnoringFailure { answer = H5Zfilter_avail(id) }
        return answer > 0
    }
}
