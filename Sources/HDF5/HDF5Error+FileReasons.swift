/// The reasons why a file does not open, told apart.
extension HDF5Error {
    /// The same error with a reason for the person who brought the file, where the library's stack shows one.
    ///
    /// The stack is evidence from the failed attempt itself. Asking the file system again could find another file.
    func explained() -> HDF5Error {
        for frame in frames {
            if let (kind, reason) = Self.explanation(of: frame.description) {
                return HDF5Error(
                    kind, operation: operation, path: path, function: function, frames: frames, reason: reason)
            }
        }
        guard function == "H5Fopen" || function == "H5Gopen2" else { return self }
        return HDF5Error(
            .badFile, operation: operation, path: path, function: function, frames: frames,
            reason: "it is damaged or cut off, or was written by a newer HDF5 than \(HDF5Library.version): \(reason)")
    }

    private static func explanation(of text: String) -> (HDF5Error.Kind, String)? {
        if text.contains("unable to lock file") {
            // EAGAIN is what a file system answers that has locks.
            let cause =
                systemErrorNumber(in: text) == 11
                ? "another process has it open for writing" : "the file system that it is on has no locks"
            return (.locked, cause + "; when no other process writes to it, set HDF5_USE_FILE_LOCKING=FALSE")
        }
        switch systemErrorNumber(in: text) {
        case 2: return (.noFile, "there is no such file")
        case 13, 1: return (.noFile, "this user may not open it")
        case 20: return (.noFile, "a part of the path is a file, not a directory")
        case 21: return (.noFile, "it is a directory; name a file")
        case 28: return (.library, "the volume is full")
        default: break
        }
        if text.contains("truncated file") {
            return (.badFile, "it is cut off: the file is shorter than its own header says, copy it again")
        }
        if text.contains("file signature") {
            return (.badFile, "it is not an HDF5 file")
        }
        return nil
    }

    /// The `errno` that the library quotes: `..., errno = 2, error message = 'No such file or directory', ...`.
    private static func systemErrorNumber(in text: String) -> Int? {
        let marker = "errno = "
        guard let start = text.firstRange(of: marker)?.upperBound else { return nil }
        return Int(text[start...].prefix { $0.isNumber })
    }
}
