/// Why HDF5 data could not be read or written.
public struct HDF5Error: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a caller needs to tell cases apart.
    public enum Kind: Sendable, Equatable {
        /// The file does not exist, is a directory, or may not be opened by this user.
        case noFile
        /// The file is no HDF5 file, is cut off or is damaged.
        case badFile
        /// Another process holds the file's lock.
        case locked
        /// The object asked for is missing, or is of another kind or type.
        case wrongObject
        /// The object uses a feature that is refused or that this build of HDF5 lacks.
        case unsupported
        /// The data lie in another file, or lead through one, and those are opened only where that is asked for.
        case otherFile
        /// Any other failure that the library reported.
        case library
    }

    /// One entry of the library's error stack.
    public struct Frame: Sendable, Equatable {
        /// The library function that reported it.
        public let function: String
        /// What that function said.
        public let description: String

        /// An entry as the library recorded it.
        public init(function: String, description: String) {
            self.function = function
            self.description = description
        }
    }

    /// The kind of failure.
    public let kind: Kind
    /// What was tried, to follow "cannot": `read the dataset`.
    public let operation: String
    /// The file and the object in it: `digits.h5:/x`.
    public let path: String
    /// The C function that failed, or `nil` where this module refused before calling the library.
    public let function: String?
    /// The library's error stack, innermost entry first.
    public let frames: [Frame]
    /// The cause and, where there is one, the remedy: a sentence without its full stop.
    public let reason: String

    /// An error from its parts.
    public init(
        _ kind: Kind, operation: String, path: String, function: String? = nil, frames: [Frame] = [], reason: String
    ) {
        self.kind = kind
        self.operation = operation
        self.path = path
        self.function = function
        self.frames = frames
        self.reason = reason
    }

    public var description: String {
        "\(path): cannot \(operation): \(reason)"
    }
}
